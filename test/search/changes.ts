/** Changes of a gallery in few words, and crowds that make a scan long. */
import type { Change } from '../../src/search/gallery.ts';

/** Files a face. */
export function face(id: number | bigint, personId: string, embedding: Float32Array): Change {
  return { kind: 'insertFace', faceId: BigInt(id), personId, embedding };
}

export function removeFace(id: number | bigint): Change {
  return { kind: 'removeFace', faceId: BigInt(id) };
}

export function removePerson(personId: string): Change {
  return { kind: 'removePerson', personId };
}

export function join(personId: string, ...groupIds: readonly string[]): readonly Change[] {
  return groupIds.map((groupId) => ({ kind: 'joinGroup', personId, groupId }));
}

export function leave(personId: string, ...groupIds: readonly string[]): readonly Change[] {
  return groupIds.map((groupId) => ({ kind: 'leaveGroup', personId, groupId }));
}

/** Makes `count` persons without faces secondary members of a group: a scan of it takes a share for every 64 of them. */
export function crowd(groupId: string, count: number): readonly Change[] {
  const names = Array.from({ length: count }, (_, i) => `crowd-${i}`);
  return [...names.flatMap((name) => join(name, 'elsewhere')), ...names.flatMap((name) => join(name, groupId))];
}
