/** Undoes corrections, as long as what they made is still as they made it. */
import { leaveGroups } from '../groups.ts';
import { joinGroups } from '../join-groups.ts';
import { insertPerson, updatePerson } from '../persons.ts';
import type { DecryptingScope } from '../scope.ts';
import type { Correcting, Undo, UndoOf } from './correction.ts';
import { groupIdsIn, personOf, renamePerson, taken } from './make.ts';
import { addPair, addPairs, removePair, removePairs, takePairs } from './pairs.ts';
import { CorrectionRefused } from './refused.ts';
import { dropPerson, facesIn, giveMemberships, type PlacedFace, placesOf, returnFaces } from './rows.ts';

/** Undoes a correction. @throws CorrectionRefused if things are not as it left them. */
export async function undoIt(correcting: Correcting, undo: Undo): Promise<void> {
  switch (undo.kind) {
    case 'move':
      return undoMove(correcting, undo);
    case 'merge':
      return undoMerge(correcting, undo);
    case 'split':
      return undoSplit(correcting, undo);
    case 'rename':
      return renamePerson(correcting, undo.to, undo.from);
    case 'forbid':
    case 'allow': {
      const { first, second } = undo;
      await (undo.kind === 'forbid' ? removePair : addPair)(correcting.scope, first, second);
      correcting.touched.change(first);
      correcting.touched.change(second);
    }
  }
}

async function undoMove({ scope, touched, limits }: Correcting, { to, faces }: UndoOf<'move'>): Promise<void> {
  await refuseUnlessAt(scope, faces, to);
  for (const id of new Set(faces.map(({ personId }) => personId))) {
    await personOf(scope, id);
    touched.change(id);
  }
  await returnFaces(scope, faces, limits.facesPerPersonMax);
  touched.change(to, idsOf(faces));
}

async function undoMerge({ scope, touched, growth, limits }: Correcting, undo: UndoOf<'merge'>): Promise<void> {
  const { from, to, written, faces, gained, common } = undo;
  const now = await personOf(scope, to.id);
  await refuseUnlessAt(scope, faces, to.id);
  if (!(await insertPerson(scope, from))) throw taken(from.id);
  growth.add({ persons: 1 }, limits);
  // What was set since is not of the merge.
  await updatePerson(scope, to.id, {
    ...(now.name === written.name && { name: to.name }),
    ...(now.tag === written.tag && { tag: to.tag }),
  });
  const there = new Set(await groupIdsIn(scope, to.id));
  const back = gained.filter((id) => there.has(id));
  await giveMemberships(scope, to.id, from.id, back);
  const changes = [
    { kind: 'leaveGroups', personId: to.id, groupIds: back } as const,
    { kind: 'joinGroups', personId: from.id, groupIds: back } as const,
  ];
  if (back.length > 0) scope.changes.recorded.add(changes);
  const outcome = await joinGroups(scope, from.id, common, limits);
  if ('refusal' in outcome) throw new CorrectionRefused('invalid', `group ${outcome.groupId} is full`);
  await returnFaces(scope, faces, limits.facesPerPersonMax);
  await removePairs(scope, to.id, undo.newPairs);
  await addPairs(scope, from.id, undo.pairs);
  touched.change(from.id, idsOf(faces), [...back, ...common]);
  touched.change(to.id);
}

async function undoSplit({ scope, touched, growth, limits }: Correcting, undo: UndoOf<'split'>): Promise<void> {
  const { from, to, faces } = undo;
  await personOf(scope, from);
  await refuseUnlessAt(scope, faces, to);
  if ((await facesIn(scope, to)).length > faces.length) {
    throw new CorrectionRefused('invalid', `${to} has other faces, too, by now: merge them instead`);
  }
  await returnFaces(scope, faces, limits.facesPerPersonMax);
  const groups = await groupIdsIn(scope, to);
  await leaveGroups(scope, to, groups);
  await takePairs(scope, to);
  await dropPerson(scope, to);
  growth.add({ persons: -1 });
  touched.change(from, idsOf(faces));
  touched.reduce(from, [], groups);
  touched.retire(to);
}

/** @throws CorrectionRefused if a face is not a person's any more. */
async function refuseUnlessAt(scope: DecryptingScope, faces: readonly PlacedFace[], personId: string): Promise<void> {
  const places = await placesOf(scope, idsOf(faces));
  if (places.length === faces.length && places.every((place) => place.personId === personId)) return;
  throw new CorrectionRefused('invalid', `${personId} has not all of the faces any more: undo what came later first`);
}

function idsOf(faces: readonly PlacedFace[]): readonly string[] {
  return faces.map(({ id }) => id);
}
