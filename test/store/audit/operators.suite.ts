/** What is guaranteed of the lines of what operators do. */
import assert from 'node:assert/strict';
import { actingAs } from '../../../src/store/audit/act.ts';
import { MasterKey } from '../../../src/store/encryption/master-key.ts';
import { registerWithFace } from '../fixtures.ts';
import { brokenOf, type Guarantee, linesOf, write } from './lines.ts';

/** Declares the tests. */
export function operatorTests(guarantee: Guarantee): void {
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
