/** What changes come to in the end, so that an index that is nearly full can make room before it takes it. */
import type { RegistryChange } from './change-feed.ts';

/** Changes in three steps, to be made in this order; together they lead to where the changes they come from lead. */
export interface NetChanges {
  /** Persons and faces that go. */
  readonly removals: readonly RegistryChange[];
  /** Memberships that end. */
  readonly departures: readonly RegistryChange[];
  /** Memberships and faces that come, and are there at the end. */
  readonly additions: readonly RegistryChange[];
}

/**
 * Takes changes apart. What comes and goes again is not among the additions; what an index would replace it removes first.
 * @param changes in their order.
 */
export function netOf(changes: readonly RegistryChange[]): NetChanges {
  const removals = new Map<string, RegistryChange>();
  const departures = new Map<string, RegistryChange>();
  const joins = new Map<string, Map<string, RegistryChange>>();
  const faces = new Map<string, Map<string, RegistryChange>>();
  const owners = new Map<string, string>();
  const removeFace = (faceId: string): void => {
    faces.get(owners.get(faceId) ?? '')?.delete(faceId);
    removals.set(`face ${faceId}`, { kind: 'removeFace', faceId });
  };
  for (const change of changes) {
    switch (change.kind) {
      case 'insertFace':
        removeFace(change.faceId);
        owners.set(change.faceId, change.personId);
        ofPerson(faces, change.personId).set(change.faceId, change);
        break;
      case 'removeFace':
        removeFace(change.faceId);
        break;
      case 'removePerson':
        joins.delete(change.personId);
        faces.delete(change.personId);
        removals.set(`person ${change.personId}`, change);
        break;
      case 'joinGroup':
        ofPerson(joins, change.personId).set(change.groupId, change);
        break;
      case 'leaveGroup':
        joins.get(change.personId)?.delete(change.groupId);
        // Ids have no white space (docs/contract.md §3.1), so no two memberships have one key.
        departures.set(`${change.personId} ${change.groupId}`, change);
        break;
    }
  }
  // Memberships first, so that each face is filed at once where its person is looked for.
  const additions = [joins, faces].flatMap((persons) => [...persons.values()].flatMap((own) => [...own.values()]));
  return { removals: [...removals.values()], departures: [...departures.values()], additions };
}

function ofPerson(persons: Map<string, Map<string, RegistryChange>>, personId: string): Map<string, RegistryChange> {
  const own = persons.get(personId) ?? new Map<string, RegistryChange>();
  persons.set(personId, own);
  return own;
}
