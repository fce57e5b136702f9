/** Changes of a gallery in few words, and crowds that make a scan long. */
import type { RegistryChange } from '../../src/sync/change-feed.ts';

/** Files a face. */
export function face(id: number | bigint, personId: string, embedding: Float32Array): RegistryChange {
  return { kind: 'insertFace', faceId: `${id}`, personId, embedding };
}

export function removeFace(id: number | bigint): RegistryChange {
  return { kind: 'removeFace', faceId: `${id}` };
}

export function removePerson(personId: string): RegistryChange {
  return { kind: 'removePerson', personId };
}

export function join(personId: string, ...groupIds: readonly string[]): readonly RegistryChange[] {
  return groupIds.map((groupId) => ({ kind: 'joinGroup', personId, groupId }));
}

export function leave(personId: string, ...groupIds: readonly string[]): readonly RegistryChange[] {
  return groupIds.map((groupId) => ({ kind: 'leaveGroup', personId, groupId }));
}

/** Makes `count` persons without faces secondary members of a group: a scan of it takes a share for every 64 of them. */
export function crowd(groupId: string, count: number): readonly RegistryChange[] {
  const names = Array.from({ length: count }, (_, i) => `crowd-${i}`);
  return [...names.flatMap((name) => join(name, 'elsewhere')), ...names.flatMap((name) => join(name, groupId))];
}
