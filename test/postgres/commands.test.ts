/** Every command works on a register in PostgreSQL as on one in a folder, or says what to use in its place. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { runHere } from '../cli/terminal.ts';
import { registerWithFace } from '../store/fixtures.ts';
import { borrowDatabase } from './lend.ts';

test('every command takes --database as it takes --data', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-commands-'));
  t.after(() => rm(folder, { recursive: true }));
  await using database = await borrowDatabase();
  const at = ['--database', database.url, '--data', join(folder, 'data')] as const;
  const done = async (...words: readonly string[]): Promise<string> => {
    const { exitCode, errors, output } = await runHere(...words, ...at);
    assert.equal(exitCode, 0, `${words.join(' ')}: ${errors}`);
    return output;
  };
  const own = ['--appid', '1000001'] as const;
  await done('keys', 'add', '--appid', '1000001', '--secret-id', 'AKID-one', '--secret-key', 'hush');
  assert.match(await done('keys', 'list'), /1000001 +AKID-one/);
  assert.match(await done('keys', 'show', 'AKID-one'), /AKID-one/);
  await done('keys', 'set', 'AKID-one', '--name', 'first');
  assert.match(await done('tenants', 'list'), /1000001/);
  assert.match(await done('tenants', 'show', '1000001'), /1000001/);
  await done('tenants', 'set', '1000001', '--note', 'the first');
  assert.match(await done('usage'), /No calls were counted/);
  assert.match(await done('audit', 'list'), /keys add/);
  assert.match(await done('audit', 'verify'), /./);
  assert.match(
    (await runHere('doctor', ...at, '--port', '0', '--host', '127.0.0.1')).output,
    /ok +register: postgres:\/\/127\.0\.0\.1:\d+\/test_\w+ answers/,
  );
  {
    await using stores = await openData(
      readSettings({ data: join(folder, 'data'), database: database.url }, undefined, {}),
    );
    for (const id of ['a', 'b', 'c']) await registerWithFace(stores.of('1000001'), id, 'g', `${id}1`);
    await stores.packs.agree('builtin', 'sha256:0');
  }
  await done('persons', 'rename', 'c', 'd', ...own);
  await done('persons', 'forbid', 'a', 'b', ...own);
  const [forbidding] = JSON.parse(await done('persons', 'corrections', '--json', ...own));
  await done('persons', 'undo', forbidding.id, ...own);
  await done('persons', 'merge', 'a', 'b', ...own);
  assert.match(await done('check', 'singles', ...own), /\bd\b/);
  await done('check', 'list', ...own);
  await done('retention', 'list', '--days', '3', ...own);
  await done('models', 'list');
  await done('models', 'status');
  await done('models', 'prune');
  await done('console', 'link', '--name', 'ada');
  await done('audit', 'export', join(folder, 'lines'));
  await done('audit', 'prune', '--before', '2020-01-01T00:00:00Z');
  await done('statement', '--month', '2026-10', ...own);
  await done('statement', 'close', '--month', '2026-10');
  await done('export', join(folder, 'archive'), ...own);
  assert.match(await done('keys', 'revoke', 'AKID-one'), /AKID-one is revoked/);
  assert.match(await done('keys', 'rotate-master'), /The master key is [0-9a-f]{16} now/);
  assert.match(await done('copy', 'reopen'), /was not moved; nothing was done/);
  assert.match(await done('tenants', 'remove', '1000001'), /1000001 is ended/);
});

test('what a folder alone can do says what to use with PostgreSQL', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-commands-'));
  t.after(() => rm(folder, { recursive: true }));
  await using database = await borrowDatabase();
  const at = ['--database', database.url, '--data', join(folder, 'data')] as const;
  for (const [words, reason] of [
    [
      ['backup', join(folder, 'backup')],
      /pg_dump or by continuous archiving, or copy a small one into a folder .*familiar copy --keep-source/,
    ],
    [['restore', join(folder, 'backup')], /a backup is restored into a folder: .*familiar copy/],
  ] as const) {
    const { exitCode, errors } = await runHere(...words, ...at);
    assert.equal(exitCode, 1);
    assert.match(errors.replace(/\s+/g, ' '), reason);
  }
});
