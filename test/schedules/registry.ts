/** A registry in memory that several processes write and follow, where reading takes as long as the schedule says. */
import type { ChangeBatch, ChangeFeed, DatabaseSearch, RegistryChange } from '../../src/sync/change-feed.ts';
import type { Random } from '../random.ts';
import { Oracle } from '../search/oracle.ts';
import type { Schedule } from './schedule.ts';

type Insertion = Extract<RegistryChange, { kind: 'insertFace' }>;
type Membership = Extract<RegistryChange, { kind: 'joinGroup' | 'leaveGroup' }>;

/** An access that the schedule has made fail. */
export class AccessFailed extends Error {
  override readonly name = 'AccessFailed';
}

/** Does something at a moment that the schedule chooses, and is done at another; or fails. */
export async function access<T>(schedule: Schedule, who: string, what: string, work: () => T | Promise<T>): Promise<T> {
  await schedule.point(who, what);
  if (schedule.fails(who, what)) throw new AccessFailed(what);
  const result = await work();
  await schedule.point(who, `${what}, done`);
  return result;
}

/** One appid's registry as all processes share it. */
export class SharedRegistry {
  /** What was written together, in order. */
  readonly transactions: (readonly RegistryChange[])[] = [];
  readonly #changes: RegistryChange[] = [];
  readonly #faces = new Map<string, Insertion>();
  readonly #members = new Map<string, Membership>();
  #forgotten = 0;
  #lastFace = 0;

  /** How many faces there are. */
  get faces(): number {
    return this.#faces.size;
  }

  write(changes: readonly RegistryChange[]): void {
    this.transactions.push(changes);
    this.#changes.push(...changes);
    for (const change of changes) this.#make(change);
  }

  /** Changes that somebody could write together now, about few persons, so that they often meet. */
  someChanges(random: Random): readonly RegistryChange[] {
    const [personId, groupId] = [random.of(['p', 'q', 'r']), random.of(['g', 'h'])];
    const faceId = random.of([...this.#faces.keys(), '0']);
    switch (random.below(8)) {
      case 0:
        return [{ kind: 'removePerson', personId }];
      case 1:
      case 2:
        return [{ kind: 'removeFace', faceId }];
      case 3:
        return [{ kind: 'leaveGroup', personId, groupId }];
      case 4:
        // Moved from one group to the other, a person is always in one of them.
        return [
          { kind: 'joinGroup', personId, groupId: 'h' },
          { kind: 'leaveGroup', personId, groupId: 'g' },
        ];
      default:
        return [
          { kind: 'joinGroup', personId, groupId },
          { kind: 'insertFace', personId, faceId: `${++this.#lastFace}`, embedding: direction(random) },
        ];
    }
  }

  /** Forgets every change so far, whoever has seen it. */
  forget(): void {
    this.#forgotten = this.#changes.length;
  }

  /** The registry as one process reads it. */
  feed(schedule: Schedule, who: string): ChangeFeed {
    const read = <T>(what: string, work: () => T): Promise<T> => access(schedule, who, what, work);
    const part = (items: ReadonlyMap<string, RegistryChange>, after: string, size: number) =>
      read(`load what follows ${JSON.stringify(after)}`, () =>
        [...items]
          .filter(([key]) => key > after)
          .sort(([a], [b]) => (a < b ? -1 : 1))
          .slice(0, size),
      );
    const parts = async function* (items: ReadonlyMap<string, RegistryChange>) {
      for (let after = ''; ; ) {
        const some = await part(items, after, 1);
        yield some.map(([, change]) => change);
        if (some.length === 0) return;
        after = some.at(-1)![0];
      }
    };
    const [faces, members] = [this.#faces, this.#members];
    return {
      position: () => read('ask for the position', () => this.#changes.length),
      since: (position) => this.#batches(position, (from) => read(`read from ${from} on`, () => this.#since(from))),
      async *contents() {
        yield* parts(members);
        yield* parts(faces);
      },
      prune: (position) =>
        read(`forget up to ${position}`, () => {
          this.#forgotten = Math.max(this.#forgotten, position);
        }),
    };
  }

  /** The registry as one process searches it in the database: it reads at one moment, whenever that is. */
  searched(schedule: Schedule, who: string): DatabaseSearch {
    return {
      nearest: (query) =>
        access(schedule, who, 'search the database', async () => {
          const oracle = new Oracle();
          const { signal: _, ...asked } = query;
          const changes = [...this.#members.values(), ...this.#faces.values()];
          await oracle.apply(changes);
          return oracle.nearest(asked);
        }),
      size: () =>
        access(schedule, who, 'count the registry', () => {
          const persons = new Set([...this.#members.values(), ...this.#faces.values()].map(({ personId }) => personId));
          const sizes = { persons: persons.size, groups: 2, memberships: this.#members.size };
          return { faces: this.#faces.size, ...sizes };
        }),
    };
  }

  /** A few changes at a time, so that transactions are parted. */
  async *#batches(from: number, read: (from: number) => Promise<ChangeBatch | undefined>) {
    for (let position = from; ; ) {
      const batch = await read(position);
      yield batch;
      if (batch === undefined || batch.isLast) return;
      position = batch.position;
    }
  }

  #since(from: number): ChangeBatch | undefined {
    if (from < this.#forgotten) return undefined;
    // The embedding of a face that is gone is gone.
    const isThere = (change: RegistryChange): boolean => change.kind !== 'insertFace' || this.#faces.has(change.faceId);
    const position = Math.min(from + changesAtOnce, this.#changes.length);
    const changes = this.#changes.slice(from, position).filter(isThere);
    return { position, changes, isLast: position === this.#changes.length };
  }

  #make(change: RegistryChange): void {
    if (change.kind === 'insertFace') this.#faces.set(change.faceId, change);
    else if (change.kind === 'removeFace') this.#faces.delete(change.faceId);
    else if (change.kind === 'joinGroup') this.#members.set(`${change.groupId} ${change.personId}`, change);
    else if (change.kind === 'leaveGroup') this.#members.delete(`${change.groupId} ${change.personId}`);
    else {
      for (const items of [this.#faces, this.#members])
        for (const [key, { personId }] of items) if (personId === change.personId) items.delete(key);
    }
  }
}

/** How many changes are read at once: fewer than some transactions have. */
const changesAtOnce = 3;

/** A direction in the plane. */
export function direction(random: Random): Float32Array {
  const angle = (random.below(1_000_000) / 1_000_000) * 2 * Math.PI;
  return Float32Array.of(Math.cos(angle), Math.sin(angle));
}
