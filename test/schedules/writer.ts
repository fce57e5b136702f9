/** Write transactions that meet: in this process, in another one, and over a thread that fails and may die. */
import assert from 'node:assert/strict';
import type { Transaction } from 'kysely';
import { Transactions } from '../../src/store/database.ts';
import type { Tables } from '../../src/store/tables.ts';
import { Book, type Entry } from './book.ts';
import { type DatabaseFile, openRegistryFile } from './database.ts';
import type { Schedule, Trial } from './schedule.ts';

/** How long a transaction may stay open, in milliseconds. */
const timeoutMs = 30_000;

/** Opens the trial of the writer. */
export async function openWriterTrial(): Promise<Trial> {
  const file = await openRegistryFile();
  return { subject: (schedule) => writer(schedule, file), [Symbol.asyncDispose]: () => file[Symbol.asyncDispose]() };
}

/** A transaction that is answered is kept whole, one that fails leaves nothing, and none meddles with another. */
async function writer(schedule: Schedule, file: DatabaseFile<Tables>): Promise<void> {
  const { random } = schedule;
  await using simulated = file.simulate(schedule, 'tenants', 'registries');
  const { database, thread } = simulated;
  const transactions = new Transactions({ ...database, mayRetry: () => false }, timeoutMs);
  const book = new Book(file.beside);
  schedule.always(() => book.check());
  let other: Promise<void> | undefined;
  const begin = (): void => {
    other = writeBeside(schedule, file, book.open('another process'));
  };
  if (random.oneIn(3)) schedule.maybe('another process', 'begins to write', begin);

  const write = async (name: string, makesMistakes = true): Promise<boolean> => {
    const entry = book.open(name);
    try {
      await transactions.run(async (trx) => {
        await work(schedule, entry, trx);
        if (makesMistakes) await mistake(schedule, entry, trx, transactions);
      });
      entry.fate = 'kept';
    } catch (error) {
      // Nobody knows what a thread that has died had done last.
      entry.fate = thread.hasDied ? 'unknown' : 'undone';
      if (!thread.hasDied && entry.mistake) assert.ok(error === entry.mistake || /was open for/.test(String(error)));
    }
    return entry.fate === 'kept';
  };
  const call = async (who: string): Promise<void> => {
    for (let calls = random.below(3); calls >= 0; calls--) {
      await schedule.point(who, 'goes on');
      await write(`${who}.${calls}`);
    }
  };
  const writers = Array.from({ length: 1 + random.below(4) }, (_, i) => `writer ${i}`);
  await Promise.all(writers.map((who) => schedule.lane(who, () => call(who))));
  schedule.heal();
  await other;
  if (thread.hasDied) {
    assert.equal(await write('after the end'), false);
    await assert.rejects(database.check());
  } else {
    assert.ok(await write('the last', false), 'once nothing fails, transactions are kept again');
  }
  await transactions.close();
}

/** What a transaction does: it writes some rows and adds to a sum. */
async function work(schedule: Schedule, entry: Entry, trx: Transaction<Tables>): Promise<void> {
  const { random } = schedule;
  const insert = (row: string): Promise<void> => insertRow(trx, row);
  const registry = trx.selectFrom('registries').select('groups').where('appid', '=', 'sum');
  const { groups } = await registry.executeTakeFirstOrThrow();
  await schedule.point(entry.name, 'has read the sum');
  if (random.oneIn(4)) schedule.due(entry.name, 'writes what nobody waits for', () => entry.writeLate(insert));
  const rows = entry.plan(1 + random.below(3));
  if (random.oneIn(3)) await Promise.all(rows.map(insert));
  else {
    for (const row of rows) {
      await insert(row);
      await schedule.point(entry.name, 'goes on');
    }
  }
  await trx
    .updateTable('registries')
    .set({ groups: groups + 1 })
    .where('appid', '=', 'sum')
    .execute();
}

/** What may go wrong in a transaction. */
async function mistake(
  { random }: Schedule,
  entry: Entry,
  trx: Transaction<Tables>,
  transactions: Transactions,
): Promise<void> {
  switch (random.below(6)) {
    case 0:
      entry.mistake = new Error(`${entry.name} thinks better of it`);
      throw entry.mistake;
    case 1:
      // The row is there already. Who goes on after a failure is not kept either.
      entry.isSpoiled = true;
      return insertRow(trx, `${entry.name}/0`).catch(() => {});
    case 2: {
      const within = transactions.run(async () => {});
      return assert.rejects(within, /within another/);
    }
  }
}

async function insertRow(trx: Transaction<Tables>, row: string): Promise<void> {
  await trx.insertInto('tenants').values({ appid: row }).execute();
}

/** Another process writes a transaction, and holds the lock as long as the schedule says. */
async function writeBeside(schedule: Schedule, { beside }: DatabaseFile<Tables>, entry: Entry): Promise<void> {
  try {
    beside.exec('begin immediate');
  } catch {
    entry.fate = 'undone';
    return;
  }
  for (const row of entry.plan(2)) beside.prepare('insert into tenants (appid) values (?)').run(row);
  beside.exec(`update registries set groups = groups + 1 where appid = 'sum'`);
  await schedule.point('another process', 'commits');
  beside.exec('commit');
  entry.fate = 'kept';
}
