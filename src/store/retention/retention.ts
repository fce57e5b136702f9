/** What stores offer of retention: when persons were last seen, and the end of those who were not for long. */
import { orStorageFailed, type ReadInBulk } from '../access.ts';
import type { Transactions } from '../database.ts';
import type { Registry } from '../registry.ts';
import { type DuePerson, duePersons } from './due.ts';
import { Sightings } from './sightings.ts';

/** When persons were last seen, and who is due. */
export interface Retention {
  /** Notes that a face was recognised; it is written with {@link Retention.writeSightings}, and nobody waits for it. */
  note(appid: string, faceId: string): void;
  /** Writes what was noted. */
  writeSightings(): Promise<void>;
  /** The persons that were not seen for so many days, in the order of their ids, from after one of them on. */
  due(appid: string, days: number, after: string, count: number): Promise<readonly DuePerson[]>;
  /**
   * Erases those of some persons, of some dozens at most, that are still due, in one transaction.
   * @returns how many they were.
   */
  eraseDue(appid: string, days: number, personIds: readonly string[]): Promise<number>;
}

/** What retention works with. */
export interface RetentionParts {
  readonly registryOf: (appid: string) => Registry;
  readonly transactions: Transactions;
  /** Reads beside what calls read. */
  readonly inBulk: ReadInBulk;
  readonly now: () => number;
}

/** Opens it. */
export function openRetention({ registryOf, transactions, inBulk, now }: RetentionParts): Retention {
  const sightings = new Sightings(transactions, now);
  return {
    note: (appid, faceId) => sightings.note(appid, faceId),
    writeSightings: () => orStorageFailed(sightings.write()),
    due: (appid, days, after, count) => inBulk((db) => duePersons({ db, appid }, days, { after, count })),
    eraseDue: (appid, days, personIds) =>
      registryOf(appid).write(async (store) => {
        const among = JSON.stringify(personIds);
        // Somebody may have been seen since the list was made.
        const due = await (store as Registry).look((scope) => duePersons(scope, days, { among }));
        for (const { personId } of due) await store.deletePerson(personId);
        return due.length;
      }),
  };
}
