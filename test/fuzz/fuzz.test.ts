import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { refusals } from '../../src/contract/refusals.ts';
import { openPictures } from '../conformance/pictures.ts';
import { makeFolder, sendTo, signFor } from '../harness.ts';
import { type ServerProcess, startServer } from '../process.ts';
import { describe, fuzz } from './fuzz.ts';
import { assertWhole } from './whole.ts';

const count = 10_000;
/** FAMILIAR_SEED repeats a run. */
const seed = Number(process.env.FAMILIAR_SEED ?? Math.floor(Math.random() * 2 ** 32));

let folder: string;
let server: ServerProcess;
let photograph: Buffer;

before(async () => {
  folder = await makeFolder();
  server = await startServer(folder);
  const pictures = await openPictures();
  photograph = pictures.bytes.ada;
  await pictures[Symbol.asyncDispose]();
});

test(`${count} random and damaged requests get documented codes only, and the server lives`, async (t) => {
  t.diagnostic(`FAMILIAR_SEED=${seed}`);
  const tally = await fuzz({ url: server.url, account: server.key, photograph }, count, seed);
  t.diagnostic(`answers as HTTP status and code: ${describe(tally)}`);
  assert.equal(server.child.exitCode, null, 'the server lives');
  assert.ok(tally.has('200 0') && tally.size >= 10, 'the damage is of many kinds');
});

test('after all of that the server answers as ever, and stops as ever', async () => {
  const init = { method: 'POST', headers: { authorization: signFor(server.key), 'content-type': 'application/json' } };
  const body = JSON.stringify({ appid: server.key.appid });
  const { code } = await sendTo(`${server.url}/face/getgroupids`, { ...init, body });
  assert.ok(code === 0 || code === refusals.noGroups.code, String(code));
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).exitCode, 0);
});

test('no person, face or group was left half written', () => assertWhole(join(folder, 'familiar.db')));

after(async () => {
  if (server.child.exitCode === null) server.child.kill('SIGKILL');
  await server.ended;
  await rm(folder, { recursive: true });
});
