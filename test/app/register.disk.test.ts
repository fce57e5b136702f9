/** The register of a data folder: where one was, no empty one takes its place. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { databaseFile, openNewRegister, openRegister, registerFile } from '../../src/app/register.ts';
import { masterKeyText } from '../master-key.ts';
import { call, person, reportMonth } from '../store/fixtures.ts';

/** Given here, so that none is made. */
const keys = { masterKey: masterKeyText, masterKeyFile: '', database: '', databaseUrlFile: '' };

async function folder(): Promise<AsyncDisposable & { readonly data: string }> {
  const data = await mkdtemp(join(tmpdir(), 'familiar-register-'));
  return { data, [Symbol.asyncDispose]: () => rm(data, { recursive: true }) };
}

/** Makes a register with a person and a counted call in it. */
async function fill(data: string): Promise<void> {
  await using stores = await openRegister({ ...keys, data });
  await stores.of('1001').insertPerson(person('p'));
  await stores.usage.count(call);
}

test('a folder that never had a register gets one, for its owner alone, and it is found again', async () => {
  await using made = await folder();
  const data = join(made.data, 'new');
  await fill(data);
  assert.equal((await stat(join(data, registerFile))).mode & 0o777, 0o600);
  await using stores = await openRegister({ ...keys, data });
  assert.deepEqual(await stores.of('1001').findPerson('p'), person('p'));
});

for (const [name, keeps] of [
  [databaseFile, { person: undefined, calls: 1 }],
  ['familiar-calls.db', { person: person('p'), calls: 0 }],
] as const) {
  test(`where ${name} is gone nothing is begun anew, unless it is said`, async () => {
    await using made = await folder();
    const { data } = made;
    await fill(data);
    await rm(join(data, name));
    const before = (await readdir(data)).sort();
    await assert.rejects(openRegister({ ...keys, data }), (error: Error) => {
      return (
        error.message.includes(join(data, name)) && /put it back, or start with --new-register/.test(error.message)
      );
    });
    assert.deepEqual((await readdir(data)).sort(), before);
    {
      await using stores = await openNewRegister({ ...keys, data });
      assert.deepEqual(await stores.of('1001').findPerson('p'), keeps.person);
      assert.equal((await reportMonth(stores.usage)).length, keeps.calls);
    }
    await (await openRegister({ ...keys, data }))[Symbol.asyncDispose]();
  });
}

test('a register of an older version is known from its next start on', async () => {
  await using made = await folder();
  const { data } = made;
  await fill(data);
  await rm(join(data, registerFile));
  await (await openRegister({ ...keys, data }))[Symbol.asyncDispose]();
  await rm(join(data, databaseFile));
  await assert.rejects(openRegister({ ...keys, data }), /is gone/);
});
