/** What is guaranteed of the audit, whichever the database is. */
import assert from 'node:assert/strict';
import { generateKeySync } from 'node:crypto';
import { DummyDriver, Kysely, SqliteAdapter, SqliteIntrospector, SqliteQueryCompiler } from 'kysely';
import type { CallWrites } from '../../src/domain/stores.ts';
import { actingAs } from '../../src/store/audit/act.ts';
import { CallLines } from '../../src/store/audit/call-lines.ts';
import { LineHasher } from '../../src/store/audit/hash.ts';
import type { AuditLine } from '../../src/store/audit/reader.ts';
import type { Anchor, CheckedChain } from '../../src/store/audit/verify.ts';
import type { DataKeys } from '../../src/store/encryption/data-keys.ts';
import { MasterKey } from '../../src/store/encryption/master-key.ts';
import type { Stores } from '../../src/store/open.ts';
import type { CallTables } from '../../src/store/tables.ts';
import { act, call, face, guarantees, type Home, limits, person, registerWithFace } from './fixtures.ts';

/** A place whose tables a test may look into, and tamper with. */
export interface OpenHome extends Home {
  ask(text: string): Promise<readonly Record<string, unknown>[]>;
}

function callOf(endpoint: string): CallWrites {
  return {
    call: () => ({ ...call, endpoint }),
    act: () => ({ ...act, action: endpoint, requestId: `request of ${endpoint}` }),
    counted: () => {},
    took: () => {},
  };
}

async function linesOf(stores: Stores, appid = '1001'): Promise<readonly AuditLine[]> {
  return stores.audit.reader.newest({ appid }, 1_000);
}

/** Each line as `newperson persons:p faces:1`; `?` for an id that cannot be told any more. */
function told(lines: readonly AuditLine[]): readonly string[] {
  return lines.map(({ action, ids }) => {
    const parts = Object.entries(ids).map(([kind, list]) => `${kind}:${list.map(({ id }) => id ?? '?').join(',')}`);
    return [action, ...parts].join(' ');
  });
}

async function verified(stores: Stores, anchors?: readonly Anchor[]): Promise<readonly CheckedChain[]> {
  return Array.fromAsync(stores.audit.reader.verify(anchors));
}

async function brokenOf(stores: Stores, anchors?: readonly Anchor[]): Promise<readonly string[]> {
  return (await verified(stores, anchors)).flatMap(({ appid, broken }) =>
    broken === undefined ? [] : `${appid} ${broken.sequence}: ${broken.reason}`,
  );
}

/** Registers persons, and changes one of them until there are so many lines. */
async function write(stores: Stores, lines: number, appid = '1001'): Promise<void> {
  const store = stores.of(appid, callOf('setinfo'));
  await registerWithFace(store, 'p', 'g', '1');
  for (let i = 1; i < lines; i++) await store.write((store) => store.updatePerson('p', { name: `name ${i}` }));
}

/** Declares the tests of one database. */
export function auditSuite(database: string, makeHome: () => Promise<OpenHome>): void {
  const guarantee = guarantees(database, makeHome);
  changesTests(guarantee);
  operatorTests(guarantee);
  tamperingTests(guarantee);
  pruningTests(guarantee);
  callsTests(guarantee);
}

type Guarantee = ReturnType<typeof guarantees<OpenHome>>;

function changesTests(guarantee: Guarantee): void {
  guarantee('every change has one line, which says who made it, by what call, and what it touched', async (stores) => {
    const change = (endpoint: string, work: Parameters<ReturnType<Stores['of']>['write']>[0]) =>
      stores.of('1001', callOf(endpoint)).write(work);
    await change('newperson', async (store) => {
      await store.insertPerson({ id: 'p', name: 'a name', tag: 'a tag' });
      await store.joinGroups('p', ['g', 'h'], limits);
      await store.insertFace(face('1', 'p'), limits);
    });
    await change('addface', async (store) => {
      for (const id of ['2', '3']) await store.insertFace(face(id, 'p'), limits);
    });
    await change('setinfo', (store) => store.updatePerson('p', { name: 'another' }));
    await change('addgroupids', (store) => store.joinGroups('p', ['i'], limits));
    const before = await linesOf(stores);
    assert.deepEqual(told(before), [
      'newperson persons:p faces:1 groups:g,h',
      'addface persons:p faces:2,3',
      'setinfo persons:p',
      'addgroupids persons:p groups:i',
    ]);
    assert.deepEqual(
      before.map(({ kind, actor, requestId, code, sequence }) => [kind, actor, requestId, code, sequence]),
      ['newperson', 'addface', 'setinfo', 'addgroupids'].map((endpoint, i) => [
        'key',
        'AKID-of-a-test',
        `request of ${endpoint}`,
        0,
        i + 1,
      ]),
    );
    await change('delface', (store) => store.deleteFaces('p', ['2']));
    await change('delgroupids', (store) => store.leaveGroups('p', ['h']));
    await change('delperson', (store) => store.deletePerson('p'));
    assert.deepEqual(told(await linesOf(stores)), [
      'newperson persons:? faces:? groups:?,?',
      'addface persons:? faces:?,?',
      'setinfo persons:?',
      'addgroupids persons:? groups:?',
      'delface persons:? faces:?',
      'delgroupids persons:? groups:?',
      'delperson persons:? faces:?,? groups:?,?',
    ]);
    assert.deepEqual(await brokenOf(stores), []);
  });

  guarantee('what is undone, or changes nothing, has no line', async (stores) => {
    const store = stores.of('1001', callOf('newperson'));
    const undone = store.write(async (store) => {
      await store.insertPerson(person('p'));
      throw new Error('undone');
    });
    await assert.rejects(undone, /undone/);
    await store.write(async (store) => {
      await store.findPerson('p');
      assert.equal(await store.updatePerson('p', { name: 'n' }), false);
      assert.equal(await store.deletePerson('p'), false);
      assert.equal(await store.leaveGroups('p', ['g']), 0);
      assert.deepEqual(await store.deleteFaces('p', ['1']), []);
    });
    await registerWithFace(store, 'q', 'g', '1');
    await store.write(async (store) => {
      assert.equal(await store.insertPerson(person('q')), false);
      assert.equal(await store.updatePerson('q', {}), true);
      assert.deepEqual(await store.joinGroups('q', ['g'], limits), { joined: 0 });
      assert.equal(await store.insertFace(face('2', 'q'), { ...limits, facesPerPersonMax: 1 }), false);
    });
    assert.deepEqual(told(await linesOf(stores)), ['newperson persons:q faces:1 groups:g']);
  });

  guarantee(
    'a write within a write is told by the line of the outer one, and a change by itself by its own',
    async (stores) => {
      const store = stores.of('1001', callOf('newperson'));
      await store.write(async (store) => {
        await store.insertPerson(person('p'));
        await store.write((store) => store.insertFace(face('1', 'p'), limits));
      });
      await store.insertFace(face('2', 'p'), limits);
      const lines = await linesOf(stores);
      assert.deepEqual(told(lines), ['newperson persons:p faces:1', 'open persons:p faces:2']);
      assert.equal(lines[1]?.kind, 'server');
    },
  );

  guarantee('who is erased and registered again in one transaction is still told by the id', async (stores) => {
    await registerWithFace(stores.of('1001'), 'p', 'g', '1');
    await stores.of('1001').write(async (store) => {
      await store.deletePerson('p');
      await store.insertPerson(person('p'));
      await store.joinGroups('p', ['g'], limits);
    });
    assert.deepEqual(told(await linesOf(stores)), [
      'open persons:p faces:? groups:g',
      'open persons:p faces:? groups:g',
    ]);
  });

  guarantee('a group that goes on is still told by its id, and one that ended is not', async (stores) => {
    const store = stores.of('1001');
    await registerWithFace(store, 'p', 'shared', '1');
    await registerWithFace(store, 'q', 'shared', '2');
    await store.joinGroups('p', ['own'], limits);
    await store.deletePerson('p');
    assert.deepEqual(
      told(await linesOf(stores)).map((line) => line.slice('open '.length)),
      [
        'persons:? faces:? groups:shared',
        'persons:q faces:2 groups:shared',
        'persons:? groups:?',
        'persons:? faces:? groups:shared,?',
      ],
    );
  });

  guarantee(
    'of an erased person no plain id is left in the audit, and its lines are found by who names the id',
    async (stores, home) => {
      const store = stores.of('1001');
      await registerWithFace(store, 'whoever-was-erased', 'the-group-of-one', 'the-erased-face');
      await registerWithFace(store, 'q', 'h', '2');
      await store.deletePerson('whoever-was-erased');
      const kept = JSON.stringify([await home.ask('select * from audit'), await home.ask('select * from audit_ids')]);
      for (const id of ['whoever-was-erased', 'the-group-of-one', 'the-erased-face']) assert.ok(!kept.includes(id), id);
      assert.equal((await home.ask('select * from audit_ids')).length, 3);
      const { reader } = stores.audit;
      for (const id of ['whoever-was-erased', 'the-erased-face', 'the-group-of-one']) {
        const lines = await reader.newest({ appid: '1001', id }, 10);
        assert.deepEqual(
          lines.map(({ sequence }) => sequence),
          [1, 3],
          id,
        );
        assert.deepEqual(await reader.registered('1001', id), []);
      }
      assert.deepEqual(await reader.registered('1001', 'q'), ['persons']);
      assert.deepEqual(await reader.newest({ appid: '1001', id: 'nobody' }, 10), []);
      await assert.rejects(reader.newest({ id: 'q' }, 10), /give the appid/);
    },
  );

  guarantee('one id has another digest as a person, a face and a group, and in another appid', async (stores, home) => {
    for (const appid of ['1001', '1002']) await registerWithFace(stores.of(appid), 'same', 'same', 'same');
    const digests = (await home.ask('select digest from audit_ids')).map(({ digest }) => digest);
    assert.equal(new Set(digests).size, 6);
  });

  guarantee(
    'changes of many at once are each in the chain of their appid, none lost and none broken',
    async (stores) => {
      const appids = ['1001', '1002', '1003'];
      await Promise.all(
        Array.from({ length: 45 }, (_, i) => registerWithFace(stores.of(appids[i % 3]!), `p${i}`, 'g', String(i))),
      );
      for (const appid of appids) {
        const lines = await linesOf(stores, appid);
        assert.deepEqual(
          lines.map(({ sequence }) => sequence).toSorted((a, b) => a - b),
          Array.from({ length: 15 }, (_, i) => i + 1),
        );
      }
      assert.deepEqual(await brokenOf(stores), []);
    },
  );

  guarantee('lines are asked for by actor, endpoint and time', async (stores) => {
    await write(stores, 3);
    await stores.of('1001', callOf('delperson')).write((store) => store.deletePerson('p'));
    const { reader } = stores.audit;
    const [, second, third] = await linesOf(stores);
    const count = async (query: Parameters<typeof reader.newest>[0]) => (await reader.newest(query, 10)).length;
    assert.equal(await count({ action: 'setinfo' }), 3);
    assert.equal(await count({ actor: 'AKID-of-a-test', action: 'delperson' }), 1);
    assert.equal(await count({ actor: 'somebody' }), 0);
    assert.equal(await count({ appid: '1002' }), 0);
    assert.ok((await count({ from: second!.at })) >= 2);
    assert.equal(await count({ to: second!.at, from: third!.at + 1 }), 0);
    assert.deepEqual(
      (await reader.newest({}, 1)).map(({ action }) => action),
      ['delperson'],
    );
    const all = (await Array.fromAsync(reader.all({ action: 'setinfo' }))).flat();
    assert.deepEqual(
      all.map(({ sequence }) => sequence),
      [1, 2, 3],
    );
  });
}

function operatorTests(guarantee: Guarantee): void {
  guarantee(
    'keys that are added and revoked, and appids that end, are told of with who did it',
    async (stores, home) => {
      const operator = { kind: 'operator', actor: 'root', action: 'a command', requestId: 'run-1' } as const;
      const key = { appid: '1001', secretId: 'AKID1', secretKey: 'a-secret-key', createdAt: 1, revokedAt: null };
      await actingAs(operator, async () => {
        assert.equal(await stores.keys.addKey(key, ['bucket']), true);
        assert.equal(await stores.keys.addKey(key, ['bucket']), false);
        assert.equal(await stores.keys.revokeKey('AKID1', 2), true);
        assert.equal(await stores.keys.revokeKey('AKID1', 2), false);
        await registerWithFace(stores.of('1001'), 'p', 'g', '1');
        assert.equal(await stores.removeTenant('1001'), true);
        assert.equal(await stores.removeTenant('1001'), false);
      });
      const lines = await linesOf(stores);
      assert.deepEqual(
        lines.map(({ kind, actor, requestId }) => [kind, actor, requestId]),
        Array.from({ length: 5 }, () => ['operator', 'root', 'run-1']),
      );
      assert.deepEqual(
        lines.map(({ action, detail }) => [action, detail]),
        [
          ['keys add', { secret_id: 'AKID1', buckets: ['bucket'] }],
          ['keys revoke', { secret_id: 'AKID1' }],
          ['a command', undefined],
          ['tenants remove', undefined],
          ['a command', { persons: 1, faces: 1 }],
        ],
      );
      assert.deepEqual(await home.ask('select * from audit_ids'), []);
      assert.deepEqual(await home.ask(`select * from data_keys where appid = '1001'`), []);
      await assert.rejects(stores.audit.reader.newest({ appid: '1001', id: 'p' }, 1), /has no data key/);
      assert.ok(!JSON.stringify(await home.ask('select * from audit')).includes('a-secret-key'));
      assert.deepEqual(await brokenOf(stores), []);
    },
  );

  guarantee('a new master key is told of, and the chains and digests from before hold under it', async (stores) => {
    await write(stores, 2);
    const next = new MasterKey(Buffer.alloc(32, 9), 'the next');
    await stores.rotateMasterKey(next);
    const [line] = await linesOf(stores, '');
    assert.equal(line?.action, 'keys rotate-master');
    assert.deepEqual(Object.keys(line?.detail ?? {}), ['from', 'to']);
    assert.deepEqual(await brokenOf(stores), []);
    assert.equal((await stores.audit.reader.newest({ appid: '1001', id: 'p' }, 10)).length, 2);
  });

  guarantee(
    'settings are told of where they differ from those of the last start; of secret ones only that they do',
    async (stores, home) => {
      const { audit } = stores;
      const start = (workers: string, secret: string) =>
        audit.noteSettings('host:/data', {
          workers: { value: workers, isSecret: false },
          masterKey: { value: secret, isSecret: true },
        });
      await start('4', '"very secret"');
      await start('4', '"very secret"');
      await start('8', '"very secret"');
      await start('8', '"another secret"');
      const kept = JSON.stringify([
        await home.ask('select * from audit'),
        await home.ask('select * from audit_settings'),
      ]);
      for (const secret of ['very secret', 'another secret']) assert.ok(!kept.includes(secret), secret);
      await audit.noteSettings('host:/data', {});
      await audit.noteSettings('other:/data', {});
      const server = 'host:/data';
      assert.deepEqual(
        (await linesOf(stores, '')).map(({ action, detail }) => [action, detail]),
        [
          ['settings', { server, settings: { masterKey: 'changed', workers: [null, 4] } }],
          ['settings', { server, settings: { workers: [4, 8] } }],
          ['settings', { server, settings: { masterKey: 'changed' } }],
          ['settings', { server, settings: { masterKey: 'changed', workers: [8, null] } }],
          ['settings', { server: 'other:/data', settings: {} }],
        ],
      );
    },
  );
}

function tamperingTests(guarantee: Guarantee): void {
  const broken = (appid: string, sequence: number, reason: string) => [`${appid} ${sequence}: ${reason}`];
  const changed = 'it was changed, or the one before it';
  const gone = 'lines before it are gone';
  const set = (what: string, sequence: number) => [`set ${what} where`, sequence] as const;
  /** What is done to a chain of six lines, which line is found broken, and why. */
  const tamperings: readonly [changes: readonly (readonly [string, number])[], sequence: number, reason: string][] = [
    [[set(`actor = 'somebody'`, 4)], 4, changed],
    [[set('at = at + 1', 1)], 1, changed],
    [[set(`ids = '{}'`, 6)], 6, changed],
    [[set('code = null', 2)], 2, changed],
    [[set(`kind = 'operator'`, 2)], 2, changed],
    [[set(`action = 'addface'`, 2)], 2, changed],
    [[set(`detail = '{}'`, 2)], 2, changed],
    [[set(`request_id = ''`, 2)], 2, changed],
    [[set('sequence = 100', 6)], 100, gone],
    [[set(`appid = '1'`, 1)], 2, gone],
    [[['delete', 3]], 4, gone],
    [
      [
        ['delete', 1],
        ['delete', 2],
      ],
      3,
      gone,
    ],
    [
      [['delete', 1], ['delete', 2], set(`kind = 'stump', detail = 'no seal'`, 3)],
      3,
      'it says that lines were pruned, and its seal is false',
    ],
  ];
  guarantee('whoever changes a line is found out, and the first broken one named', async (stores, home) => {
    await write(stores, 2, '1002');
    const expected: string[] = [];
    for (const [i, [changes, sequence, reason]] of tamperings.entries()) {
      const appid = String(2_000 + i);
      await write(stores, 6, appid);
      for (const [what, of] of changes) {
        const where = `appid = '${appid}' and sequence = ${of}`;
        await home.ask(what === 'delete' ? `delete from audit where ${where}` : `update audit ${what} ${where}`);
      }
      expected.push(...broken(appid, sequence, reason));
    }
    // The line of another appid that was put under this one is no part of its chain either.
    expected.unshift(...broken('1', 1, changed));
    assert.deepEqual(await brokenOf(stores), expected);
  });

  guarantee('a chain that was cut off, or replaced, is found out by who noted its end', async (stores, home) => {
    await write(stores, 6);
    await write(stores, 2, '1002');
    const anchors = (await verified(stores)).map(({ appid, chain, sequence, hash }) => ({
      appid,
      chain,
      sequence,
      hash,
    }));
    assert.deepEqual(await brokenOf(stores, anchors), []);
    await stores.of('1001').updatePerson('p', { tag: 't' });
    assert.deepEqual(await brokenOf(stores, anchors), []);
    await home.ask(`delete from audit where appid = '1001' and sequence > 4`);
    assert.deepEqual(await brokenOf(stores), []);
    assert.deepEqual(await brokenOf(stores, anchors), broken('1001', 5, 'the lines from here on are gone'));
    for (const tag of ['1', '2', '3']) await stores.of('1001').updatePerson('p', { tag });
    assert.deepEqual(await brokenOf(stores, anchors), broken('1001', 6, 'it was another one before'));
    await home.ask(`delete from audit where appid = '1002'`);
    assert.deepEqual((await brokenOf(stores, anchors)).slice(1), broken('1002', 1, 'the chain is gone'));
  });
}

function pruningTests(guarantee: Guarantee): void {
  guarantee('pruned lines leave a sealed stump, from which the rest is checked', async (stores, home) => {
    await write(stores, 5);
    const { at } = (await linesOf(stores))[0]!;
    // The first three are a day older than the rest.
    const day = 86_400_000;
    assert.equal(await stores.audit.prune(at), 0);
    assert.deepEqual(await linesOf(stores, ''), []);
    assert.equal(await stores.audit.prune(Date.now() + day), 5);
    const [stump, ...none] = await linesOf(stores);
    assert.deepEqual([stump?.kind, stump?.sequence, stump?.actor, stump?.ids, none], ['stump', 5, '', {}, []]);
    await stores.of('1001').updatePerson('p', { tag: 't' });
    assert.deepEqual(
      (await linesOf(stores)).map(({ kind, sequence }) => [kind, sequence]),
      [
        ['stump', 5],
        ['server', 6],
      ],
    );
    const [installation, chain] = await verified(stores);
    assert.deepEqual([installation?.lines, installation?.broken], [1, undefined]);
    assert.deepEqual([chain?.lines, chain?.prunedUpTo, chain?.broken], [1, 5, undefined]);
    const [line] = await linesOf(stores, '');
    assert.equal(line?.action, 'audit prune');
    assert.equal(line?.detail?.lines, 5);
    await home.ask(`update audit set at = at + 1 where appid = '1001' and sequence = 5`);
    assert.deepEqual(await brokenOf(stores), ['1001 5: it says that lines were pruned, and its seal is false']);
  });

  guarantee(
    'lines are pruned up to the first young one, however many there are, and again later',
    async (stores, home) => {
      await write(stores, 7);
      await home.ask(`update audit set at = 1000 * sequence where appid = '1001'`);
      await home.ask(`update audit set at = 90000 where appid = '1001' and sequence = 4`);
      assert.equal(await stores.audit.prune(10_000), 3);
      assert.deepEqual((await linesOf(stores)).map(({ sequence }) => sequence).toSorted(), [3, 4, 5, 6, 7]);
      assert.equal(await stores.audit.prune(10_000), 0);
      assert.equal(await stores.audit.prune(100_000), 4);
      assert.deepEqual(
        (await linesOf(stores)).map(({ kind, sequence }) => [kind, sequence]),
        [['stump', 7]],
      );
    },
  );

  guarantee('more lines than one transaction prunes are all pruned', async (stores, home) => {
    await write(stores, 3);
    const columns = 'appid, chain, at, kind, actor, action, ids, detail, code, request_id, hash';
    for (let i = 0; i < 9; i++) {
      await home.ask(
        `insert into audit (sequence, ${columns}) select sequence + (select max(sequence) from audit where appid = '1001'), ${columns} from audit where appid = '1001'`,
      );
    }
    const told: number[] = [];
    assert.equal(await stores.audit.prune(Date.now() + 1_000, (lines) => told.push(lines)), 3 * 512);
    assert.deepEqual(told, [500, 999, 1498, 1536]);
    assert.deepEqual(await brokenOf(stores), []);
  });
}

/** The ids that a call names. */
const noIds = { persons: [], faces: [], groups: [] };

function callsTests(guarantee: Guarantee): void {
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
