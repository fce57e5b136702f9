/** A register is copied from any place to any other, and nothing of it is lost. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Stores } from '../../src/store/open.ts';
import { runHere } from '../cli/terminal.ts';
import { registerWithFace, reportMonth } from '../store/fixtures.ts';
import { assertSame, digest, everything, fill, makePlaces, type Place } from './places.ts';

for (const [name, kinds] of [
  ['a register that is moved into a database and back is the same in the end', ['folder', 'database', 'folder']],
  [
    'a register that is moved from database to database, and on to a folder, is the same',
    ['folder', 'database', 'database', 'folder'],
  ],
] as const) {
  test(name, async () => {
    await using all = await makePlaces(...kinds);
    const { places } = all;
    let before: Place = places[0]!;
    await using original = new AsyncDisposableStack();
    const first = original.use(await before.open());
    await fill(first);
    const expected = [await everything(first.of('1001')), await everything(first.of('1002'))];
    const usage = await reportMonth(first.usage);
    for (const next of places.slice(1)) {
      const { exitCode, output, errors } = await all.copy(before, next);
      assert.equal(exitCode, 0, errors);
      assert.match(output, /^1001 {2}120 persons {2}121 faces {2}sha256 [0-9a-f]{64}\n1002 {2}120 persons/);
      assert.match(output, /takes no calls any more/);
      await assert.rejects(
        before.open(),
        /it was moved to .*: use that, or have this one taken up again with `familiar copy reopen`/,
      );
      await using stores = await next.open();
      assert.deepEqual([await everything(stores.of('1001')), await everything(stores.of('1002'))], expected);
      assert.equal((await stores.keys.findKey('k'))?.secretKey, 'hush');
      assert.deepEqual(
        (await stores.keys.listKeys()).map(({ secretId, revokedAt }) => [secretId, revokedAt]),
        [
          ['k', null],
          ['revoked', 5],
        ],
      );
      assert.deepEqual((await stores.keys.findTenant('1001'))?.buckets, ['album']);
      assert.equal(await stores.keys.spendSignature('1001', digest), false);
      assert.deepEqual(await reportMonth(stores.usage), usage);
      // The feed goes on where it was, and the counts of what is kept are right.
      const position = await stores.feedOf('1001').position();
      await registerWithFace(stores.of('1001'), 'later', 'g1', 'later');
      assert.ok((await stores.feedOf('1001').position()) > position);
      assert.ok((await stores.of('1001').deletePerson('later')) !== false);
      before = next;
    }
    // A server that has the first one open refuses every call.
    await setTimeout(600);
    await assert.rejects(
      first.keys.findKey('k'),
      (error) => error instanceof Refusal && error.refusal === 'unavailable',
    );
    await assert.rejects(first.check(), /it was moved to/);
  });
}

test('a key stays encrypted in each place with the master key of that place, and a wrong place is refused', async () => {
  await using all = await makePlaces('folder', 'folder', 'database', 'folder');
  const {
    folder,
    places: [from, to, database, other],
    copy,
  } = all;
  await using stores = await from!.open();
  await fill(stores);
  const nextKey = join(folder, 'next.key');
  await writeFile(nextKey, `${Buffer.alloc(32, 3).toString('base64')}\n`, { mode: 0o600 });
  assert.equal((await copy(from!, to!, '--keep-source', '--to-master-key-file', nextKey)).exitCode, 0);
  {
    await using copied = await openData(readSettings({ data: to!.name, masterKeyFile: nextKey }, undefined, {}));
    await assertSame(stores, copied);
  }
  // The first one goes on.
  await registerWithFace(stores.of('1001'), '人121', 'g1', 'more');
  const { errors } = await copy(from!, to!, '--to-master-key-file', nextKey);
  assert.match(errors, /holds a register already: a register is copied into an empty folder or database/);
  assert.match((await copy(other!, database!)).errors, /data3\/familiar\.db: there is no register in it/);
  assert.match((await copy(from!, from!)).errors, /is both ends of the copy/);
  assert.equal((await runHere('copy', '--from', from!.name)).exitCode, 2);
  const reopened = await runHere('copy', 'reopen', '--data', from!.name);
  assert.equal(reopened.errors, '');
  assert.match(reopened.output, /was not moved; nothing was done/);
});

test('a register that was moved is taken up again when it is asked for', async () => {
  await using all = await makePlaces('folder', 'folder');
  const [from, to] = all.places;
  {
    await using stores = await from!.open();
    await fill(stores);
  }
  assert.equal((await all.copy(from!, to!)).exitCode, 0);
  await assert.rejects(from!.open(), /it was moved to/);
  const reopened = await runHere('copy', 'reopen', '--data', from!.name);
  assert.deepEqual([reopened.exitCode, reopened.errors], [0, '']);
  assert.match(reopened.output, /takes calls and writes again/);
  await using stores = await from!.open();
  await registerWithFace(stores.of('1001'), 'again', 'g', 'again');
  assert.equal((await stores.keys.findKey('k'))?.secretKey, 'hush');
  await using copied = await to!.open();
  const codesIn = async ({ audit }: Stores) =>
    (await audit.reader.newest({ appid: '', action: 'copy' }, 10)).map(({ code }) => code);
  assert.deepEqual([await codesIn(stores), await codesIn(copied)], [[null], [null, 0]]);
  for (const { audit } of [stores, copied])
    for await (const { broken } of audit.reader.verify()) assert.equal(broken, undefined);
});
