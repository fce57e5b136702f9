/** A server whose register was damaged while it was stopped. */
import assert from 'node:assert/strict';
import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import { databaseFile } from '../../src/app/register.ts';
import { makeFolder, photograph, startApp } from '../harness.ts';
import { storedBytes } from '../store/fixtures.ts';

test('a start on a damaged embedding ends, and names the register, the table, the row and the way out', async (t) => {
  const folder = await makeFolder();
  t.after(() => rm(folder, { recursive: true }));
  const file = join(folder, databaseFile);
  let faceId = '';
  {
    await using service = await startApp({}, {}, folder);
    const { data } = await service.form('newperson', {
      person_id: 'ada',
      group_ids: ['staff'],
      image: await photograph(3),
    });
    faceId = data.face_id;
  }
  await overwrite(file, storedBytes(file, faceId)[0]!.subarray(100, 132));
  await assert.rejects(startApp({}, {}, folder), (error: Error) => {
    for (const told of [file, 'is damaged', 'embeddings', faceId, 'backup', 'doctor --deep']) {
      assert.ok(error.message.includes(told), `${told} in ${error.message}`);
    }
    return true;
  });
});

async function overwrite(file: string, bytes: Buffer): Promise<void> {
  const at = (await readFile(file)).indexOf(bytes);
  assert.ok(at > 0);
  const handle = await open(file, 'r+');
  await handle.write(Buffer.alloc(bytes.length, 0xa5), 0, bytes.length, at);
  await handle.close();
}
