/** The doctor's checks of the register and its keys: what passes them, what they find wrong, and the mend that they name. */
import assert from 'node:assert/strict';
import { chmod, cp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import test from 'node:test';
import { firstKeyFile } from '../../src/app/first-key.ts';
import { databaseFile } from '../../src/app/register.ts';
import { masterKeyText } from '../master-key.ts';
import { addKeys, assertFault, find, installEach, passed } from './installed.ts';

const installed = installEach();

test('a register that is damaged, too new or locked away is a fault, each with a remedy of its own', async () => {
  await addKeys(installed, [false]);
  const file = join(installed.settings.data, databaseFile);
  const kept = join(installed.folder, 'kept.db');
  await cp(file, kept);
  await writeFile(file, 'this is no database'.repeat(100));
  assertFault(
    await find(installed, 'register'),
    /familiar\.db: file is not a database/,
    /backup .* `.*doctor --deep` names/,
  );
  await cp(kept, file);
  {
    using newer = new DatabaseSync(file);
    newer.exec(`insert into kysely_migration values ('9999', '2100-01-01T00:00:00.000Z')`);
  }
  assertFault(await find(installed, 'register'), /version 9999/, /version of familiar that wrote it, or a newer one/);
  assertFault(await find(installed, 'keys'), /register cannot be read.*9999/, /newer one/);
  await cp(kept, file);
  if (process.getuid?.() !== 0) {
    await chmod(file, 0o400);
    assertFault(await find(installed, 'register'), /EACCES/, /right to read and write .*familiar\.db/);
    await chmod(file, 0o600);
  }
  assert.equal((await find(installed, 'register')).ok, true);
});

test('a register whose file is gone is a fault, and not taken for one that was never there', async () => {
  await addKeys(installed, [false]);
  await rm(join(installed.settings.data, databaseFile));
  assertFault(await find(installed, 'register'), /familiar\.db is gone, and it was there/, /backup.*--new-register/);
  await writeFile(join(installed.settings.data, 'register.json'), '{');
  assertFault(await find(installed, 'register'), /register\.json cannot be read/, /Remove .*register\.json if no file/);
});

test('a register of an older version is no fault: the next start makes it of this one', async () => {
  await addKeys(installed, [false]);
  {
    using older = new DatabaseSync(join(installed.settings.data, databaseFile));
    older.exec(`delete from kysely_migration where name > '0002'`);
  }
  const finding = await find(installed, 'register');
  assert.equal(finding.ok, true);
  assert.match(finding.found, /version 0002; the next start of the server makes it/);
});

test('a master key that is missing, another one, in the data folder or open to others is a fault', async () => {
  await addKeys(installed, [false]);
  const file = join(installed.folder, 'data.key');
  await chmod(file, 0o640);
  assert.equal((await find(installed, 'master key')).mend, `chmod 600 ${file}`);
  await chmod(file, 0o600);
  const another = await find(installed, 'master key', {}, { masterKey: masterKeyText });
  assertFault(another, /needs the key [0-9a-f]{16}, and FAMILIAR_MASTER_KEY holds [0-9a-f]{16}/, /--master-key-file/);
  const inside = join(installed.settings.data, 'master');
  await rename(file, inside);
  assertFault(
    await find(installed, 'master key'),
    /data\.key is not there, and the register needs the key/,
    /Put the file back/,
  );
  assertFault(
    await find(installed, 'master key', {}, { masterKeyFile: inside }),
    /is in the data folder/,
    /Move it .*--master-key-file/,
  );
  await writeFile(file, 'no key');
  assertFault(await find(installed, 'master key'), /holds no master key/, /Put the right key there/);
});

test('a revoked key is no good key, and without a good one there is a fault', async () => {
  await addKeys(installed, []);
  assertFault(await find(installed, 'keys'), /no key that is not revoked/, /keys add/);
  await addKeys(installed, [true]);
  assertFault(await find(installed, 'keys'), /no key that is not revoked/, /keys add/);
  await addKeys(installed, [false, true]);
  assert.deepEqual(await find(installed, 'keys'), passed('keys', '1 good key'));
  await addKeys(installed, [false]);
  assert.deepEqual(await find(installed, 'keys'), passed('keys', '2 good keys'));
});

test('a first key file that its group or anyone else may read or write is a fault', async () => {
  await addKeys(installed, [false]);
  const path = join(installed.settings.data, firstKeyFile);
  for (const mode of [0o640, 0o604, 0o620]) {
    await writeFile(path, '{}', { mode });
    // The process's mask may have taken bits from a new file.
    await chmod(path, mode);
    const finding = await find(installed, 'first key file');
    assertFault(finding, new RegExp(`mode ${mode.toString(8)}`), /./);
    assert.equal(finding.mend, `chmod 600 ${path}`);
  }
  await chmod(path, 0o600);
  const told = 'only its owner may read it; delete it once you have read it';
  assert.deepEqual(await find(installed, 'first key file'), passed('first key file', told));
});

test('a first key file that is none is a fault while the next start would read it', async () => {
  await addKeys(installed, []);
  const path = join(installed.settings.data, firstKeyFile);
  await writeFile(path, '{', { mode: 0o600 });
  assertFault(await find(installed, 'first key file'), /first-key\.json cannot be read/, /Move .*first-key\.json away/);
  await addKeys(installed, [false]);
  assert.equal((await find(installed, 'first key file')).ok, true);
});
