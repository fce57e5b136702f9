/** The ledger of calls, over a database that is slow, fails, and may lose its thread. */
import assert from 'node:assert/strict';
import type { Kysely } from 'kysely';
import type { CountedCall } from '../../src/domain/stores.ts';
import { Transactions } from '../../src/store/database.ts';
import { Ledger } from '../../src/store/ledger.ts';
import type { CallTables, Tables } from '../../src/store/tables.ts';
import type { Random } from '../random.ts';
import { type DatabaseFile, openCallsFile } from './database.ts';
import type { Schedule, Trial } from './schedule.ts';

/** Nothing is reported. */
const unread = {} as Kysely<Tables>;
const columns = ['calls', 'pictures', 'faces'] as const;

/** Opens the trial of the ledger. */
export async function openLedgerTrial(): Promise<Trial> {
  const file = await openCallsFile();
  return { subject: (schedule) => ledger(schedule, file), [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
}

/** The audit is told of no call. */
const noLines = { commit: async () => {} };

/** Every call that is told to be counted is kept, once, and no call that was not made. */
async function ledger(schedule: Schedule, file: DatabaseFile<CallTables>): Promise<void> {
  const { random } = schedule;
  await using simulated = file.simulate(schedule, 'usage_by_day');
  const { database, thread } = simulated;
  const ledger = new Ledger(
    database.reader,
    unread,
    new Transactions(database, 30_000),
    { node: '', isDivided: false },
    noLines,
  );
  const [asked, answered] = [new Tally(), new Tally()];
  const open = new Set<CountedCall>();
  const usage = file.beside.prepare('select * from usage_by_day');
  schedule.always(() => {
    const kept = Tally.from(usage.all());
    answered.assertWithin(kept, 'is kept of what is told to be counted');
    kept.assertWithin(asked, 'was made of the calls that are kept');
  });

  const count = async (): Promise<boolean> => {
    const call = someCall(random);
    asked.add(call);
    open.add(call);
    const isCounted = await ledger.count(call).then(
      () => true,
      () => false,
    );
    if (isCounted) answered.add(call);
    open.delete(call);
    return isCounted;
  };
  const settle = async (who: string): Promise<void> => {
    const before = [...open];
    await ledger.settle();
    await schedule.point(who, 'has waited for the counts so far');
    assert.ok(!before.some((call) => open.has(call)), 'a count was still under way');
  };
  const callers = Array.from({ length: 1 + random.below(6) }, (_, i) => `caller ${i}`);
  const call = async (who: string): Promise<void> => {
    for (let calls = random.below(4); calls >= 0; calls--) {
      await schedule.point(who, 'goes on');
      if (random.oneIn(5)) await settle(who);
      else await count();
    }
  };
  await Promise.all(callers.map((who) => schedule.lane(who, () => call(who))));
  // Nobody knows what a thread that died had done last.
  if (thread.hasDied) return;
  assert.deepEqual(Tally.from(usage.all()), answered);
  schedule.heal();
  assert.ok(await count(), 'once nothing fails, calls are counted again');
}

function someCall(random: Random): CountedCall {
  return {
    appid: random.of(['1001', '1002']),
    day: '2026-11-30',
    secretId: random.of(['k', 'l']),
    endpoint: random.of(['detect', 'compare']),
    code: random.of([0, -1101]),
    pictures: random.below(3),
    faces: random.below(5),
  };
}

/** Sums by appid, key, endpoint, code and column. */
class Tally {
  readonly #sums = new Map<string, number>();

  static from(rows: readonly Record<string, unknown>[]): Tally {
    const tally = new Tally();
    for (const row of rows) for (const column of columns) tally.#add(row, column, Number(row[column]));
    return tally;
  }

  add(call: CountedCall): void {
    const { secretId: secret_id, pictures, faces } = call;
    const row = { calls: 1, pictures, faces };
    for (const column of columns) this.#add({ ...call, secret_id }, column, row[column]);
  }

  /** Asserts that no sum is larger than that of another tally. */
  assertWithin(other: Tally, meaning: string): void {
    for (const [key, sum] of this.#sums) {
      const most = other.#sums.get(key) ?? 0;
      assert.ok(sum <= most, `${key}: not more than ${most} of ${sum} ${meaning}`);
    }
  }

  #add({ appid, secret_id, endpoint, code }: Record<string, unknown>, column: string, count: number): void {
    const key = `${appid} ${secret_id} ${endpoint} ${code} ${column}`;
    if (count > 0) this.#sums.set(key, (this.#sums.get(key) ?? 0) + count);
  }
}
