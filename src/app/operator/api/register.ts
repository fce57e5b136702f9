/** The operator's API: the groups and persons of an appid. */
import type { OperationHandlers } from '../../../http/admin/api.ts';
import type { Page } from '../../../store/open.ts';
import type { LimitSettings } from '../../caller-limits.ts';
import {
  addToGroups,
  changePerson,
  countPersons,
  eraseFaces,
  eraseGroup,
  erasePerson,
  historyOf,
  lookThrough,
  type RegisterStores,
  takeFromGroups,
  toldIds,
  unknownPerson,
} from '../register.ts';

type Handlers = Pick<OperationHandlers, Extract<keyof OperationHandlers, `register.${string}`>>;

/** @param limits the settings of now. */
export function registerHandlers(stores: RegisterStores, limits: () => LimitSettings): Handlers {
  return {
    'register.groups': async ({ appid, prefix, ...at }) => {
      const pages = await lookThrough(stores, appid);
      const page = await pages.groups(prefix, at);
      return { total: (await pages.totals()).groups, groups: [...page.items], ...around(page) };
    },
    'register.persons': async ({ appid, group: groupId, by, prefix, ...at }) => {
      const pages = await lookThrough(stores, appid);
      const total = await countPersons(pages, groupId);
      const page = await pages.persons({ groupId, by, prefix }, at);
      const persons = page.items.map(({ faceId, ...person }) => ({ ...person, face: faceId }));
      return { total, persons, ...around(page) };
    },
    'register.person': async ({ appid, person }) => {
      const found = await (await lookThrough(stores, appid)).person(person);
      if (found === undefined) throw unknownPerson(person);
      return found;
    },
    'register.faces': async ({ appid, person, ...at }) => {
      const page = await (await lookThrough(stores, appid)).faces(person, at);
      const faces = page.items.map(({ id, tag, box, attributes, quality, models }) => ({
        ...{ id, tag, box, attributes, models: [...models] },
        ...(quality !== undefined && { quality }),
      }));
      return { faces, ...around(page) };
    },
    'register.groupsOf': async ({ appid, person, ...at }) => {
      const page = await (await lookThrough(stores, appid)).groupsOf(person, at);
      return { groups: [...page.items], ...around(page) };
    },
    'register.history': async (asked) => {
      const { lines, next } = await historyOf(stores, asked);
      const of = (line: (typeof lines)[number], kind: 'persons' | 'faces' | 'groups') => {
        const { count, ids } = toldIds(line, kind);
        return { count, ids: [...ids] };
      };
      return {
        lines: lines.map((line) => ({
          at: line.at,
          kind: line.kind,
          actor: line.actor,
          action: line.action,
          persons: of(line, 'persons'),
          faces: of(line, 'faces'),
          groups: of(line, 'groups'),
        })),
        ...(next !== undefined && { next }),
      };
    },
    'register.setPerson': async ({ appid, person, ...change }) => {
      await changePerson(stores, appid, person, change);
      return {};
    },
    'register.joinGroups': async ({ appid, person, groups }) => ({
      joined: await addToGroups(stores, limits(), appid, person, groups),
    }),
    'register.leaveGroups': async ({ appid, person, groups }) => ({
      left: await takeFromGroups(stores, appid, person, groups),
    }),
    'register.eraseFaces': async ({ appid, person, faces }) => ({
      erased: await eraseFaces(stores, appid, person, faces),
    }),
    'register.erasePerson': async ({ appid, person }) => {
      await erasePerson(stores, appid, person);
      return {};
    },
    'register.eraseGroup': async ({ appid, group }) => ({ left: await eraseGroup(stores, appid, group) }),
  };
}

function around<Cursor>({ previous, next }: Page<unknown, Cursor>): { previous?: Cursor; next?: Cursor } {
  return { ...(previous !== undefined && { previous }), ...(next !== undefined && { next }) };
}
