/** What is guaranteed of reports of usage, whichever the database is. */
import assert from 'node:assert/strict';
import type { CountedCall, UsageDimension } from '../../src/domain/stores.ts';
import type { Stores } from '../../src/store/open.ts';
import { act, call, guarantees, type Home, person } from './fixtures.ts';

/** Counts a call with what it writes. */
async function write(stores: Stores, counted: CountedCall): Promise<void> {
  const writes = { call: () => counted, act: () => act, counted: () => {}, took: () => {} };
  await stores.of(counted.appid, writes).write(async (store) => {
    await store.deletePerson(`${counted.day} ${counted.secretId}`);
    await store.insertPerson(person(`${counted.day} ${counted.secretId}`));
  });
}

/** What a report says, each row as one line. */
async function report(
  { usage }: Pick<Stores, 'usage'>,
  [from, to]: readonly [string, string],
  by: readonly UsageDimension[],
  appid?: string,
): Promise<readonly string[]> {
  const rows = await usage.report({ from, to, appid, by });
  return rows.map((row) => Object.values(row).join(' '));
}

const always = ['2000-01-01', '2099-12-31'] as const;
const everything = ['day', 'secretId', 'endpoint', 'code'] as const;

/**
 * Declares the tests of one database.
 * @param run runs SQL on the database of a home; the second one is that of what calls write.
 */
export function usageSuite<H extends Home>(
  database: string,
  makeHome: () => Promise<H>,
  run: (home: H, of: 'registries' | 'calls', sql: string) => Promise<unknown>,
): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('calls are told apart by day, key, endpoint and code, or added up over them', async (stores) => {
    const other = { ...call, day: '2026-12-01', secretId: 'a', pictures: 0, faces: 0 };
    // At once, so that some of them share a transaction.
    const counted = [
      call,
      call,
      { ...call, code: -1101 },
      { ...other, code: -1303 },
      { ...other, secretId: 'b', code: -1303 },
    ];
    await Promise.all(counted.map((each) => stores.usage.count(each)));
    await stores.usage.count({ ...other, appid: '0999', code: 21 });
    await write(stores, { ...call, endpoint: 'newperson' });
    await write(stores, call);
    assert.deepEqual(await report(stores, always, everything), [
      '0999 2026-12-01 a detect 21 0 1 0 0',
      '1001 2026-11-30 k detect -1101 0 1 1 2',
      '1001 2026-11-30 k detect 0 3 0 3 6',
      '1001 2026-11-30 k newperson 0 1 0 1 2',
      '1001 2026-12-01 a detect -1303 0 1 0 0',
      '1001 2026-12-01 b detect -1303 0 1 0 0',
    ]);
    assert.deepEqual(await report(stores, always, []), ['0999 0 1 0 0', '1001 4 3 5 10']);
    assert.deepEqual(await report(stores, always, ['code', 'month'], '1001'), [
      '1001 -1303 2026-12 0 2 0 0',
      '1001 -1101 2026-11 0 1 1 2',
      '1001 0 2026-11 4 0 4 8',
    ]);
    assert.deepEqual(await report(stores, always, ['secretId', 'endpoint'], '1001'), [
      '1001 a detect 0 1 0 0',
      '1001 b detect 0 1 0 0',
      '1001 k detect 3 1 4 8',
      '1001 k newperson 1 0 1 2',
    ]);
    assert.deepEqual(await report(stores, ['2026-11-30', '2026-11-30'], ['day']), ['1001 2026-11-30 4 1 5 10']);
    assert.deepEqual(await report(stores, ['2026-11-01', '2026-11-29'], ['day']), []);
  });

  guarantee(
    'what older versions counted by month is told with the month, and part of no other span',
    async (stores, home) => {
      await run(
        home as H,
        'registries',
        `insert into usage_of_writes values ('1001', '2026-11', 'newperson', 10, 20, 30, 40)`,
      );
      await run(
        home as H,
        'calls',
        `insert into usage values ('1001', '2026-11', 'detect', 1, 0, 3, 4), ('1002', '2026-11', 'verify', 0, 2, 3, 4),
        ('1001', '2026-12', 'verify', 7, 7, 7, 7)`,
      );
      await stores.usage.count(call);
      assert.deepEqual(await report(stores, ['2026-11-01', '2026-11-30'], everything), [
        '1001 2026-11  detect 0 1 0 3 4',
        '1001 2026-11  newperson -1 0 20 0 0',
        '1001 2026-11  newperson 0 10 0 30 40',
        '1001 2026-11-30 k detect 0 1 0 1 2',
        '1002 2026-11  verify -1 0 2 3 4',
      ]);
      assert.deepEqual(await report(stores, ['2026-11-01', '2026-11-30'], ['month', 'endpoint'], '1001'), [
        '1001 2026-11 detect 2 0 4 6',
        '1001 2026-11 newperson 10 20 30 40',
      ]);
      assert.deepEqual(await report(stores, ['2026-10-01', '2026-12-15'], ['month'], '1001'), [
        '1001 2026-11 12 20 34 46',
      ]);
      for (const span of [
        ['2026-11-01', '2026-11-29'],
        ['2026-11-02', '2026-11-29'],
        ['2026-12-02', '2026-12-31'],
        ['2026-12-01', '2026-12-30'],
      ] as const)
        assert.deepEqual(await report(stores, span, []), []);
    },
  );

  guarantee('counts of days long past become those of their months, and no sum changes', async (stores, home) => {
    // The first day that is kept is 400 days before.
    const [today, last, kept] = ['2026-11-30', '2025-10-25', '2025-10-26'];
    for (const day of ['2024-02-29', '2025-10-01', last, kept, '2026-11-28', '2026-11-29', today]) {
      for (const secretId of ['k', 'l']) {
        await stores.usage.count({ ...call, day, secretId });
        await stores.usage.count({ ...call, day, secretId, code: -1101 });
        await write(stores, { ...call, day, secretId });
      }
    }
    const months = ['month', 'secretId', 'endpoint', 'code'] as const;
    const before = await report(stores, always, months);
    for (let round = 0; round < 2; round++) {
      await stores.foldUsage(today);
      assert.deepEqual(await report(stores, always, months), before);
      const days = await report(stores, always, ['day']);
      assert.deepEqual(
        days.map((line) => line.split(' ').slice(1, 4).join(' ')),
        ['2024-02 4 2', '2025-10 8 4', `${kept} 4 2`, '2026-11-28 4 2', '2026-11-29 4 2', `${today} 4 2`],
      );
    }
    // A server whose clock is far behind may still count.
    await stores.usage.count({ ...call, day: last });
    await stores.foldUsage(today);
    assert.deepEqual(await report(stores, ['2025-10-01', '2025-10-31'], ['month']), ['1001 2025-10 13 6 19 38']);
    assert.deepEqual(await run(home as H, 'calls', `select count(*) as rows from usage_by_day where day = '${last}'`), [
      { rows: 0 },
    ]);
  });

  guarantee(
    'more counts than one transaction folds are folded, each once, while calls are counted',
    async (stores, home) => {
      await using others = await (home as H).open();
      const days = Array.from({ length: 300 }, (_, i) => new Date(Date.UTC(2024, 0, i + 1)).toISOString().slice(0, 10));
      await Promise.all(days.flatMap((day) => [stores, others].map(({ usage }) => usage.count({ ...call, day }))));
      const total = async () => (await report(stores, always, [])).join();
      assert.equal(await total(), '1001 600 0 600 1200');
      const counting = days.map((day) => others.usage.count({ ...call, day }));
      await Promise.all([stores.foldUsage('2026-11-30'), others.foldUsage('2026-11-30'), ...counting]);
      assert.equal(await total(), '1001 900 0 900 1800');
      await stores.foldUsage('2026-11-30');
      assert.equal((await report(stores, always, ['day'])).length, 10);
      assert.equal(await total(), '1001 900 0 900 1800');
    },
  );
}
