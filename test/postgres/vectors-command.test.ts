/** The operator has vectors kept and deleted by a command, and is told why where that cannot be. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { runHere } from '../cli/terminal.ts';
import { masterKeyText } from '../master-key.ts';
import { limits, person, registerWithFace } from '../store/fixtures.ts';
import { postgresHome } from './home.ts';
import { skip, vectorHome } from './pgvector.ts';

let folder: string;
const environment = process.env.FAMILIAR_MASTER_KEY;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-vectors-'));
  process.env.FAMILIAR_MASTER_KEY = masterKeyText;
});
after(async () => {
  if (environment === undefined) delete process.env.FAMILIAR_MASTER_KEY;
  await rm(folder, { recursive: true });
});

const vectors = (...words: readonly string[]) =>
  runHere('database', 'vectors', ...words, '--data', join(folder, 'data'), '--json');

test('a register in a file has no vectors, and says so', async () => {
  const { exitCode, errors } = await vectors('on');
  assert.deepEqual([exitCode, /--database/.test(errors)], [1, true]);
});

test('a PostgreSQL without pgvector is told of, and goes on as before', async () => {
  await using home = await postgresHome();
  const { exitCode, errors } = await vectors('on', '--database', home.url);
  assert.equal(exitCode, 1);
  assert.match(errors, /pgvector cannot be used: .*create extension vector/);
  const { output } = await vectors('--database', home.url);
  assert.equal(JSON.parse(output).state, 'off');
});

test('pgvector: vectors are switched on, told of and switched off, and the audit knows', { skip }, async () => {
  await using home = await vectorHome();
  {
    await using stores = await home.open();
    await stores.of('1001').insertPerson(person('q'));
    await registerWithFace(stores.of('1001'), 'p', 'g', '1');
    await stores.of('1001').joinGroups('q', ['g'], limits);
  }
  const at = ['--database', home.url] as const;
  const told = async (...words: readonly string[]) => JSON.parse((await vectors(...words, ...at)).output);
  assert.deepEqual(await told('on', '--index', 'hnsw'), { state: 'hnsw', vectors: 1, embeddings: 1 });
  assert.deepEqual(await told(), { state: 'hnsw', vectors: 1, embeddings: 1 });
  assert.deepEqual(await told('off'), { state: 'off', vectors: 0, embeddings: 1 });
  const lines = await home.ask(`select action from audit where action like 'database%' order by sequence`);
  assert.deepEqual(
    lines.map(({ action }) => action),
    ['database vectors on', 'database vectors off'],
  );
});

test('pgvector: whoever copies a register that has vectors is told how the copy gets its own', { skip }, async () => {
  await using one = await vectorHome();
  await using two = await vectorHome();
  {
    await using stores = await one.open();
    for (let i = 0; i < 5; i++) await registerWithFace(stores.of('1001'), `p${i}`, 'g', `${i}`);
    await stores.vectors!.on('hnsw');
  }
  const copy = (to: string) => runHere('copy', '--data', join(folder, 'data'), '--from', one.url, '--to', to);
  const { exitCode, output, errors } = await copy(two.url);
  assert.equal(exitCode, 0, errors);
  const how = /`familiar database vectors (on --index hnsw)`/.exec(output)?.[1];
  const at = ['--database', two.url] as const;
  assert.deepEqual(JSON.parse((await vectors(...at)).output), { state: 'off', vectors: 0, embeddings: 5 });
  const told = JSON.parse((await vectors(...how!.split(' '), ...at)).output);
  assert.deepEqual(told, { state: 'hnsw', vectors: 5, embeddings: 5 });
  await runHere('copy', 'reopen', '--data', join(folder, 'data'), '--database', one.url);
  const toFolder = await copy(join(folder, 'plain'));
  assert.equal(toFolder.exitCode, 0, toFolder.errors);
  assert.doesNotMatch(toFolder.output, /Vectors/);
});
