import assert from 'node:assert/strict';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Finding } from '../../src/app/doctor/check.ts';
import { firstKeyFile } from '../../src/app/first-key.ts';
import { makeFolder } from '../harness.ts';
import { begin, runHere } from './terminal.ts';

let data: string;
before(async () => {
  data = await makeFolder();
});
after(async () => {
  await rm(data, { recursive: true });
  await rm(`${data}.key`, { force: true });
});

const doctor = (...words: string[]) => runHere('doctor', '--data', data, '--port', '0', ...words);

test('the doctor finds nothing wrong with a good installation, and says how to mend a bad one', async () => {
  assert.equal((await runHere('keys', 'add', '--data', data)).exitCode, 0);
  const well = await doctor('--json');
  const findings = JSON.parse(well.output) as Finding[];
  assert.deepEqual(
    findings.filter(({ ok }) => !ok),
    [],
  );
  assert.ok(findings.some(({ check, found }) => check === 'networks' && /^loaded, model [\da-f]{12}$/.test(found)));
  assert.equal(well.exitCode, 0);
  await writeFile(join(data, firstKeyFile), '{}', { mode: 0o644 });
  const open = await doctor();
  assert.equal(open.exitCode, 1);
  assert.match(open.output, /^ok {5}node: Node \d+/);
  assert.match(open.output, /^FAULT {2}first key file[^\n]*\n {7}chmod 600/m);
  assert.match(open.output, /^ok {5}keys: 1 good key\nFAULT/m, 'a check that passed says no mend');
});

test('the doctor finds nothing wrong with an installation whose server runs, and reads every value if told to', async (t) => {
  const [other, tree] = [await makeFolder(), () => readdir(other, { recursive: true })];
  const server = begin('serve', '--port', '0', '--data', other);
  t.after(async () => {
    server.stop('SIGTERM');
    await server.ended;
    await rm(other, { recursive: true });
    await rm(`${other}.key`);
  });
  const [, port = ''] = /listens on \S+:(\d+)/.exec(await server.said(/^ready$/m)) ?? [];
  const before = await tree();
  const { exitCode, output } = await runHere('doctor', '--deep', '--data', other, '--port', port);
  assert.equal(exitCode, 0, output);
  assert.match(output, new RegExp(`port: 127\\.0\\.0\\.1:${port} has the server of this data folder`));
  assert.match(output, /^ok {5}pages: every page is well\nok {5}values: every SecretKey, embedding and crop/m);
  assert.deepEqual(await tree(), before);
});

test('nothing is erased unless it was looked for', async () => {
  const { exitCode, output, errors } = await doctor('--forget-damaged');
  assert.deepEqual([exitCode, output], [2, '']);
  assert.match(errors, /--forget-damaged goes with --deep/);
});
