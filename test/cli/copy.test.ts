/** A register is copied from one folder to another by the command line. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { masterKeyText } from '../master-key.ts';
import { runHere } from './terminal.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-copy-'));
});
after(() => rm(folder, { recursive: true }));

test('the master key of the first register may lie elsewhere, and a register that was moved is opened again', async () => {
  const [from, to, keyFile] = [join(folder, 'from'), join(folder, 'to'), join(folder, 'elsewhere.key')];
  await writeFile(keyFile, masterKeyText);
  const added = await runHere('keys', 'add', '--secret-id', 'a', '--data', from, '--master-key-file', keyFile);
  assert.equal(added.exitCode, 0, added.errors);
  {
    await using stores = await openData(readSettings({ data: from, masterKeyFile: keyFile }, undefined, {}));
    await stores.packs.agree('dlib', 'sha256:0');
  }
  const copied = await runHere(
    ...[
      'copy',
      '--json',
      '--from',
      from,
      '--to',
      to,
      '--from-master-key-file',
      keyFile,
      '--to-master-key-file',
      keyFile,
    ],
  );
  assert.equal(copied.exitCode, 0, copied.errors);
  assert.equal(JSON.parse(copied.output).pack, 'dlib', 'the register says it, whatever its folder does');
  const listed = await runHere('keys', 'list', '--json', '--data', to);
  assert.equal(JSON.parse(listed.output)[0].secret_id, 'a');
  for (const isMoved of [true, false]) {
    const reopened = await runHere('copy', 'reopen', '--json', '--data', from);
    assert.equal(reopened.exitCode, 0, reopened.errors);
    assert.deepEqual(Object.values(JSON.parse(reopened.output)), [from, isMoved]);
  }
});
