/**
 * What an operator looks at and changes in the register of an appid. Changes are made by the functions of the domain that the face API
 * calls, too; each is one transaction.
 */
import { id, text } from '../../contract/fields.ts';
import { deleteFaces } from '../../domain/faces.ts';
import { joinGroups, leaveGroups } from '../../domain/groups.ts';
import { deletePerson, updatePerson } from '../../domain/persons.ts';
import type { PersonChange } from '../../domain/stores.ts';
import { Refusal, type RefusalName } from '../../errors/refusals.ts';
import type { AuditLine } from '../../store/audit/reader.ts';
import type { RegisterPages, Stores } from '../../store/open.ts';
import type { LimitSettings } from '../caller-limits.ts';
import { OrderRefused } from './order.ts';
import { limitsIn, refuseUnlessReadable } from './persons.ts';
import { unknownTenant } from './tenants.ts';

/** What is looked at and changed. */
export type RegisterStores = Pick<Stores, 'of' | 'tenants' | 'pagesOf' | 'audit'>;

/** The registry of an appid, to be looked through. @throws OrderRefused if there is no such appid. */
export async function lookThrough(stores: RegisterStores, appid: string): Promise<RegisterPages> {
  if ((await stores.tenants.list(appid)).length === 0) throw unknownTenant(appid);
  return stores.pagesOf(appid);
}

/** How many of the members of a group, or of the persons of an appid, there are. @throws OrderRefused if there is no such group. */
export async function countPersons(pages: RegisterPages, groupId: string | undefined): Promise<number> {
  if (groupId === undefined) return (await pages.totals()).persons;
  const members = await pages.membersIn(groupId);
  if (members === undefined) throw unknownGroup(groupId);
  return members;
}

/** Ids of one kind that a line tells of: of so many, and these of them that are registered, a few at most. */
export interface ToldIds {
  readonly count: number;
  readonly ids: readonly string[];
}

/** The most ids of a kind that are told of one line. */
const idsPerLine = 20;

/** The lines that tell of a person, the newest first, and where those before them begin. */
export async function historyOf(
  { audit, tenants }: RegisterStores,
  { appid, person, before, count }: { appid: string; person: string; before?: number | undefined; count: number },
): Promise<{ readonly lines: readonly AuditLine[]; readonly next: number | undefined }> {
  if ((await tenants.list(appid)).length === 0) throw unknownTenant(appid);
  const found = await audit.reader.ofPerson(appid, person, count + 1, before);
  const lines = found.slice(0, count);
  return { lines, next: found.length > count ? lines.at(-1)!.sequence : undefined };
}

/** What a line tells of ids of one kind. */
export function toldIds({ ids }: AuditLine, kind: 'persons' | 'faces' | 'groups'): ToldIds {
  const all = ids[kind] ?? [];
  return { count: all.length, ids: all.flatMap(({ id }) => id ?? []).slice(0, idsPerLine) };
}

/** Changes the name or tag of a person. @throws OrderRefused; nothing was changed then. */
export async function changePerson(
  stores: RegisterStores,
  appid: string,
  personId: string,
  change: PersonChange,
): Promise<void> {
  refuseUnlessReadable('name', text(''), change.name);
  refuseUnlessReadable('tag', text(''), change.tag);
  await refusing(() => updatePerson({ store: stores.of(appid) }, personId, change));
}

/** Makes a person a member of groups. @returns how many are new to it. @throws OrderRefused; nothing was changed then. */
export async function addToGroups(
  stores: RegisterStores,
  settings: LimitSettings,
  appid: string,
  personId: string,
  groupIds: readonly string[],
): Promise<number> {
  for (const groupId of groupIds) refuseUnlessReadable('group id', id(''), groupId);
  const limits = await limitsIn(stores, settings, appid);
  return refusing(async () => (await joinGroups({ store: stores.of(appid), limits }, personId, groupIds)).changed);
}

/** Has a person leave groups. @returns how many it was in. @throws OrderRefused; nothing was changed then. */
export async function takeFromGroups(
  stores: RegisterStores,
  appid: string,
  personId: string,
  groupIds: readonly string[],
): Promise<number> {
  return refusing(async () => (await leaveGroups({ store: stores.of(appid) }, personId, groupIds)).changed);
}

/** Erases faces of a person. @returns how many. @throws OrderRefused; nothing was changed then. */
export async function eraseFaces(
  stores: RegisterStores,
  appid: string,
  personId: string,
  faceIds: readonly string[],
): Promise<number> {
  return refusing(async () => (await deleteFaces({ store: stores.of(appid) }, personId, faceIds)).length);
}

/** Erases a person. @throws OrderRefused; nothing was changed then. */
export async function erasePerson(stores: RegisterStores, appid: string, personId: string): Promise<void> {
  await refusing(() => deletePerson({ store: stores.of(appid) }, personId));
}

/** Ends a group, whose members stay registered. @returns how many there were. @throws OrderRefused if there is no such group. */
export async function eraseGroup(stores: RegisterStores, appid: string, groupId: string): Promise<number> {
  const left = await stores.pagesOf(appid).endGroup(groupId);
  if (left === undefined) throw unknownGroup(groupId);
  return left;
}

/** What is told for what the domain refuses; the rest are faults. */
const told: Partial<Record<RefusalName, readonly [OrderRefused['why'], (detail: string) => string]>> = {
  personUnknown: ['unknown', (person) => `there is no person ${person}`],
  faceUnknown: ['unknown', () => 'the person has none of these faces'],
  groupUnknown: ['unknown', () => 'the person is in none of these groups'],
  tooManyGroups: ['invalid', () => 'the appid has as many groups as it may have'],
  tooManyPersons: ['invalid', (group) => `group ${group} has as many persons as a group may have`],
};

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const known = error instanceof Refusal ? told[error.refusal] : undefined;
    if (known === undefined) throw error;
    throw new OrderRefused(known[0], known[1]((error as Refusal).detail));
  }
}

/** The refusal of an order for a person who is not there. */
export function unknownPerson(personId: string): OrderRefused {
  return new OrderRefused('unknown', `there is no person ${personId}`);
}

function unknownGroup(groupId: string): OrderRefused {
  return new OrderRefused('unknown', `there is no group ${groupId}`);
}
