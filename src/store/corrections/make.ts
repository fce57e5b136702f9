/** Makes corrections: what an operator knows better about who is who. */
import type { Person } from '../../domain/stores.ts';
import { forgetDouble } from '../check/proposals.ts';
import { endMemberships, groupsOf } from '../groups.ts';
import { joinGroups } from '../join-groups.ts';
import { findPerson, insertPerson, updatePerson } from '../persons.ts';
import type { DecryptingScope } from '../scope.ts';
import type { Correcting, Correction, CorrectionOf, Made } from './correction.ts';
import { addPair, addPairs, isForbidden, removePair, takePairs } from './pairs.ts';
import { tellOfOther } from './records.ts';
import { CorrectionRefused } from './refused.ts';
import { dropPerson, facesIn, giveFaces, giveMemberships, placesOf } from './rows.ts';

/** Makes a correction. @throws CorrectionRefused. */
export function make(correcting: Correcting, correction: Correction): Promise<Made> {
  switch (correction.kind) {
    case 'move':
      return move(correcting, correction);
    case 'merge':
      return merge(correcting, correction);
    case 'split':
      return split(correcting, correction);
    case 'rename':
      return rename(correcting, correction);
    case 'forbid':
    case 'allow':
      return pair(correcting, correction);
  }
}

async function move({ scope, touched, limits }: Correcting, { faces, to }: CorrectionOf<'move'>): Promise<Made> {
  await personOf(scope, to);
  const places = await placesOf(scope, faces);
  const there = new Set(places.map(({ id }) => id));
  const missing = faces.find((id) => !there.has(id));
  if (missing !== undefined) throw new CorrectionRefused('unknown', `there is no face ${missing}`);
  const moved = places.filter(({ personId }) => personId !== to);
  if (moved.length === 0) throw new CorrectionRefused('invalid', `${to} has these faces already`);
  await giveFaces(scope, moved, to, limits.facesPerPersonMax);
  const before = [...new Set(moved.map(({ personId }) => personId))];
  for (const id of before) touched.change(id);
  const ids = moved.map(({ id }) => id);
  touched.change(to, ids);
  return { undo: { kind: 'move', to, faces: moved }, subjects: { persons: [to, ...before], faces: ids } };
}

async function merge(
  { scope, touched, growth, limits }: Correcting,
  { from, to, ...words }: CorrectionOf<'merge'>,
): Promise<Made> {
  refuseSame(from, to);
  const [old, kept] = [await personOf(scope, from), await personOf(scope, to)];
  if (await isForbidden(scope, from, to)) {
    throw new CorrectionRefused('invalid', `${from} and ${to} are not the same: that was forbidden`);
  }
  const written = { name: words.name ?? (kept.name || old.name), tag: words.tag ?? (kept.tag || old.tag) };
  await updatePerson(scope, to, written);
  const faces = await facesIn(scope, from);
  await giveFaces(scope, faces, to, limits.facesPerPersonMax);
  const [groups, theirs] = [await groupIdsIn(scope, from), new Set(await groupIdsIn(scope, to))];
  const gained = groups.filter((id) => !theirs.has(id));
  const common = groups.filter((id) => theirs.has(id));
  await giveMemberships(scope, from, to, gained);
  await endMemberships(scope, from, JSON.stringify(common));
  await dropPerson(scope, from);
  if (gained.length > 0) scope.changes.recorded.add([{ kind: 'joinGroups', personId: to, groupIds: gained }]);
  const pairs = await takePairs(scope, from);
  const newPairs = await addPairs(scope, to, pairs);
  await tellOfOther(scope, from, to);
  growth.add({ persons: -1 });
  const ids = faces.map(({ id }) => id);
  touched.retire(from);
  touched.change(to, ids, groups);
  return {
    undo: { kind: 'merge', from: old, to: kept, written, faces, gained, common, pairs, newPairs },
    subjects: { persons: [from, to], faces: ids },
  };
}

async function split(
  { scope, touched, growth, limits }: Correcting,
  { from, faces, to, name = '', tag = '' }: CorrectionOf<'split'>,
): Promise<Made> {
  refuseSame(from, to);
  await personOf(scope, from);
  const theirs = await facesIn(scope, from);
  const asked = new Set(faces);
  const moved = theirs.filter(({ id }) => asked.has(id));
  if (moved.length < asked.size) throw new CorrectionRefused('unknown', `not all of these are faces of ${from}`);
  if (moved.length === theirs.length) {
    throw new CorrectionRefused('invalid', `these are all faces of ${from}: rename it instead`);
  }
  if (!(await insertPerson(scope, { id: to, name, tag }))) throw taken(to);
  growth.add({ persons: 1 }, limits);
  const groups = await groupIdsIn(scope, from);
  const outcome = await joinGroups(scope, to, groups, limits);
  if ('refusal' in outcome) throw new CorrectionRefused('invalid', `group ${outcome.groupId} is full`);
  await giveFaces(scope, moved, to, limits.facesPerPersonMax);
  const ids = moved.map(({ id }) => id);
  touched.change(from);
  touched.change(to, ids, groups);
  return { undo: { kind: 'split', from, to, faces: moved }, subjects: { persons: [from, to], faces: ids } };
}

async function rename(correcting: Correcting, { from, to }: CorrectionOf<'rename'>): Promise<Made> {
  await renamePerson(correcting, from, to);
  return { undo: { kind: 'rename', from, to }, subjects: { persons: [from, to], faces: [] } };
}

/** Gives a person another id: faces, memberships and pairs stay. @throws CorrectionRefused. */
export async function renamePerson({ scope, touched }: Correcting, from: string, to: string): Promise<void> {
  refuseSame(from, to);
  const { name, tag } = await personOf(scope, from);
  if (!(await insertPerson(scope, { id: to, name, tag }))) throw taken(to);
  const groups = await groupIdsIn(scope, from);
  const faces = await facesIn(scope, from);
  await giveMemberships(scope, from, to, groups);
  await giveFaces(scope, faces, to, Number.POSITIVE_INFINITY);
  await dropPerson(scope, from);
  if (groups.length > 0) scope.changes.recorded.add([{ kind: 'joinGroups', personId: to, groupIds: groups }]);
  await addPairs(scope, to, await takePairs(scope, from));
  await tellOfOther(scope, from, to);
  touched.retire(from);
  touched.change(
    to,
    faces.map(({ id }) => id),
    groups,
  );
}

async function pair(
  { scope, touched }: Correcting,
  { kind, first, second }: CorrectionOf<'forbid' | 'allow'>,
): Promise<Made> {
  refuseSame(first, second);
  await personOf(scope, first);
  await personOf(scope, second);
  const isChanged = await (kind === 'forbid' ? addPair : removePair)(scope, first, second);
  if (!isChanged) {
    const is = kind === 'forbid' ? 'is forbidden already' : 'is not forbidden';
    throw new CorrectionRefused('exists', `the pair of ${first} and ${second} ${is}`);
  }
  if (kind === 'forbid') await forgetDouble(scope, first, second);
  touched.change(first);
  touched.change(second);
  return { undo: { kind, first, second }, subjects: { persons: [first, second], faces: [] } };
}

/** Reads a person. @throws CorrectionRefused if it is not there. */
export async function personOf(scope: DecryptingScope, personId: string): Promise<Person> {
  const person = await findPerson(scope, personId);
  if (person === undefined) throw new CorrectionRefused('unknown', `there is no person ${personId}`);
  return person;
}

/** The ids of a person's groups, in the order of joining. */
export async function groupIdsIn(scope: DecryptingScope, personId: string): Promise<readonly string[]> {
  const { json } = await groupsOf(scope, { personId });
  return JSON.parse(Buffer.from(json).toString()) as readonly string[];
}

/** The refusal for an id that is another person's. */
export function taken(personId: string): CorrectionRefused {
  return new CorrectionRefused('exists', `there is a person ${personId} already`);
}

function refuseSame(first: string, second: string): void {
  if (first === second) throw new CorrectionRefused('invalid', `both are ${first}`);
}
