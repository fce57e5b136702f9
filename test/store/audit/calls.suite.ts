/** What is guaranteed of the lines of calls that changed nothing. */
import assert from 'node:assert/strict';
import { generateKeySync } from 'node:crypto';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import { CallLines } from '../../../src/store/audit/call-lines.ts';
import { LineHasher } from '../../../src/store/audit/hash.ts';
import type { DataKeys } from '../../../src/store/encryption/data-keys.ts';
import type { CallTables } from '../../../src/store/tables.ts';
import { call, registerWithFace } from '../fixtures.ts';
import { brokenOf, type Guarantee, told, verified } from './lines.ts';

/** The ids that a call names. */
const noIds = { persons: [], faces: [], groups: [] };

/** Declares the tests. */
export function callsTests(guarantee: Guarantee): void {
  guarantee('a call that changed nothing is told with its count, in a chain of its server', async (stores, home) => {
    await registerWithFace(stores.of('1001'), 'p', 'g', '1');
    const ids = { persons: ['p', 'unknown'], faces: [], groups: ['g'] };
    const refused = { ...call, endpoint: 'delperson', secretId: 'AKID2', code: -1303 };
    await Promise.all([
      stores.usage.count(refused, { requestId: 'r1', ids }),
      stores.usage.count(refused, { requestId: 'r2', ids: noIds }),
      stores.usage.count(refused),
      stores.usage.count({ ...refused, appid: '1002' }, { requestId: 'r3', ids }),
    ]);
    const lines = await stores.audit.reader.newest({ action: 'delperson' }, 10);
    assert.deepEqual(told(lines).toSorted(), ['delperson', 'delperson', 'delperson persons:p,? groups:g']);
    assert.deepEqual(
      lines.map(({ requestId, appid, actor, code, kind }) => [requestId, appid, actor, code, kind]).toSorted(),
      [
        ['r1', '1001', 'AKID2', -1303, 'key'],
        ['r2', '1001', 'AKID2', -1303, 'key'],
        ['r3', '1002', 'AKID2', -1303, 'key'],
      ],
    );
    assert.equal(new Set(lines.map(({ chain }) => chain)).size, 1);
    assert.notEqual(lines[0]?.chain, '');
    assert.equal((await stores.audit.reader.newest({ appid: '1001', id: 'unknown' }, 10)).length, 1);
    assert.deepEqual(await brokenOf(stores), []);
    {
      await using others = await home.open();
      await others.usage.count(refused, { requestId: 'r4', ids: noIds });
    }
    await stores.usage.count(refused, { requestId: 'r5', ids: noIds });
    const chains = (await verified(stores)).filter(({ chain }) => chain !== '');
    assert.deepEqual(chains.map(({ appid, lines, broken }) => [appid, lines, broken]).toSorted(), [
      ['1001', 1, undefined],
      ['1001', 3, undefined],
      ['1002', 1, undefined],
    ]);
    // Pruning leaves the chain that is written to as it is.
    assert.equal(await stores.audit.prune(Date.now() + 1_000), 6);
    await stores.usage.count(refused, { requestId: 'r6', ids: noIds });
    assert.deepEqual(await brokenOf(stores), []);
  });

  guarantee('after a commit of which nobody knows whether it came through, lines are told in a new chain', async () => {
    const committed: unknown[][] = [];
    const sequences = () => committed.map(([, , sequence]) => sequence);
    const dataKeys = { find: async () => undefined } as unknown as DataKeys;
    const lines = new CallLines({
      db: undefined as never,
      calls: inMemory(),
      dataKeys,
      hasher: new LineHasher(generateKeySync('aes', { length: 256 })),
      now: () => 1,
    });
    const audited = { requestId: 'r', ids: noIds };
    const commit = (fails: boolean) =>
      lines.commit(
        [
          { call, audited },
          { call, audited },
        ],
        async (statements) => {
          committed.push(...statements.map(({ parameters }) => [...parameters]));
          if (fails) throw new Error('the connection is lost');
        },
      );
    await commit(false);
    await commit(false);
    assert.deepEqual(sequences(), [1, 2, 3, 4]);
    await assert.rejects(commit(true), /the connection is lost/);
    await commit(false);
    assert.deepEqual(sequences(), [1, 2, 3, 4, 5, 6, 1, 2]);
    // One that was under way when new chains began does not go on in them.
    const other = Promise.withResolvers<void>();
    const slow = lines.commit([{ call: { ...call, appid: '2' }, audited }], () => other.promise);
    await assert.rejects(commit(true), /the connection is lost/);
    other.resolve();
    await slow;
    const sequencesOf2: unknown[] = [];
    await lines.commit([{ call: { ...call, appid: '2' }, audited }], async (statements) => {
      sequencesOf2.push(...statements.map(({ parameters }) => parameters[2]));
    });
    assert.deepEqual(sequencesOf2, [1]);
    const chains = committed.map(([, chain]) => chain);
    assert.equal(new Set(chains.slice(0, 6)).size, 1);
    assert.notEqual(chains[6], chains[0]);
  });
}

/** Compiles statements, and runs none. */
function inMemory(): Kysely<CallTables> {
  return new Kysely<CallTables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}
