import assert from 'node:assert/strict';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { test } from 'node:test';
import { createFile, digestOfFile, replaceFile } from '../../src/files/files.ts';

async function inFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-files-'));
  try {
    await work(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

test('a file is replaced whole, with the mode asked for, and nothing lies beside it', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'note');
    await writeFile(path, 'a longer text than what comes');
    await chmod(path, 0o644);
    await replaceFile(path, 'new', 0o600);
    assert.equal(await readFile(path, 'utf8'), 'new');
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ['note']);
  }));

test('a file that cannot be replaced stays as it was, and nothing lies beside it', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'folder');
    await assert.rejects(replaceFile(join(path, 'missing'), 'x'), { code: 'ENOENT' });
    await replaceFile(path, 'old');
    await assert.rejects(replaceFile(join(path, 'below-a-file'), 'x'), { code: 'ENOTDIR' });
    await assert.rejects(replaceFile(folder, 'x'));
    assert.equal(await readFile(path, 'utf8'), 'old');
    assert.deepEqual(await readdir(folder), ['folder']);
    const beside = (await readdir(dirname(folder))).filter((name) => name.startsWith(`${basename(folder)}.`));
    assert.deepEqual(beside, [], 'the draft is gone too where the path is a folder');
  }));

test('a file is created once, whole and with the mode asked for, by whoever is first', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'key');
    const created = await Promise.all(['one', 'two', 'three'].map((text) => createFile(path, text, 0o600)));
    assert.equal(created.filter(Boolean).length, 1);
    const first = ['one', 'two', 'three'][created.indexOf(true)];
    assert.equal(await createFile(path, 'later', 0o600), false);
    assert.equal(await readFile(path, 'utf8'), first);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(folder), ['key']);
    await assert.rejects(createFile(join(folder, 'missing', 'key'), 'x'), { code: 'ENOENT' });
  }));

test('the digest is that of the bytes', () =>
  inFolder(async (folder) => {
    const path = join(folder, 'abc');
    await writeFile(path, 'abc');
    // FIPS 180-2, appendix B.1.
    assert.equal(await digestOfFile(path), 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
  }));
