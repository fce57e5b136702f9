/** What stores offer to people who look through a registry, and to those who end a group of it. */
import type { FaceCrop } from '../../domain/stores.ts';
import { findCrops } from '../faces.ts';
import { emptySome, membersPerEmptying } from '../group-end.ts';
import type { Registry } from '../registry.ts';
import type { Page, PageRequest } from './page.ts';
import { facesPage, findOverview, groupsOfPage, type ListedFace, type PersonOverview } from './person.ts';
import {
  type GroupSummary,
  groupsPage,
  membersIn,
  type PersonCursor,
  type PersonSearch,
  type PersonSummary,
  personsPage,
  type Totals,
  totalsOf,
} from './persons.ts';

/** The registry of an appid as people look through it. */
export interface RegisterPages {
  totals(): Promise<Totals>;
  /** How many members a group has; undefined if there is none. */
  membersIn(groupId: string): Promise<number | undefined>;
  /** The groups whose ids begin with a text, in the order of ids. */
  groups(prefix: string, page: PageRequest<string>): Promise<Page<GroupSummary, string>>;
  /** As {@link personsPage} does. */
  persons(search: PersonSearch, page: PageRequest<PersonCursor>): Promise<Page<PersonSummary, PersonCursor>>;
  /** Undefined if there is no such person. */
  person(personId: string): Promise<PersonOverview | undefined>;
  /** The faces of a person, in the order in which they were added. */
  faces(personId: string, page: PageRequest<number>): Promise<Page<ListedFace, number>>;
  /** The groups of a person, in the order in which it joined them. */
  groupsOf(personId: string, page: PageRequest<number>): Promise<Page<string, number>>;
  /** The crop of a face; undefined if there is no such face. */
  crop(faceId: string): Promise<FaceCrop | undefined>;
  /**
   * Has every member leave a group, with which it ends; some at a time, so that no other write waits long: who interrupts it finds a
   * group of fewer members, and may begin again.
   * @returns how many persons left it; undefined if there is no such group.
   */
  endGroup(groupId: string): Promise<number | undefined>;
}

/** @param registry makes the registry of the appid, for each question. */
export function registerPages(registry: () => Registry): RegisterPages {
  return {
    totals: () => registry().look(totalsOf),
    membersIn: (groupId) => registry().look((scope) => membersIn(scope, groupId)),
    groups: (prefix, page) => registry().look((scope) => groupsPage(scope, prefix, page)),
    persons: (search, page) => registry().look((scope) => personsPage(scope, search, page)),
    person: (personId) => registry().look((scope) => findOverview(scope, personId)),
    faces: (personId, page) => registry().look((scope) => facesPage(scope, personId, page)),
    groupsOf: (personId, page) => registry().look((scope) => groupsOfPage(scope, personId, page)),
    crop: async (faceId) => (await registry().look((scope) => findCrops(scope, [faceId])))[0],
    async endGroup(groupId) {
      let left: number | undefined;
      for (;;) {
        const some = await registry().correct((scope) => emptySome(scope, groupId));
        if (some > 0) left = (left ?? 0) + some;
        if (some < membersPerEmptying) return left;
      }
    },
  };
}
