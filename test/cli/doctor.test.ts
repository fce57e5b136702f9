import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import type { Finding } from '../../src/app/doctor.ts';
import { firstKeyFile } from '../../src/app/first-key.ts';
import { makeFolder } from '../harness.ts';
import { runHere } from './terminal.ts';

let data: string;
before(async () => {
  data = await makeFolder();
});
after(() => rm(data, { recursive: true }));

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
