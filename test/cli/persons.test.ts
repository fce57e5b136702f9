import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { openStores } from '../../src/store/open.ts';
import { masterKey, masterKeyText } from '../master-key.ts';
import { face, idsOf, limits, person } from '../store/fixtures.ts';
import { runHere } from './terminal.ts';

test('persons are corrected by commands, each correction is told by an id, listed, and undone', async () => {
  await using folder = await temporaryFolder();
  const { data, keyFile } = folder;
  const familiar = (...words: string[]) =>
    runHere('persons', ...words, '--appid', '7', '--data', data, '--master-key-file', keyFile);
  const done = async (...words: string[]) => {
    const { exitCode, output, errors } = await familiar(...words);
    assert.equal(exitCode, 0, errors);
    return output;
  };
  assert.deepEqual((await familiar('rename', 'a', 'b')).errors, 'there is no appid 7\n');
  assert.equal((await runHere('tenants', 'add', '7', '--data', data, '--master-key-file', keyFile)).exitCode, 0);
  {
    await using stores = await openStores({ file: join(data, 'familiar.db'), masterKey });
    await stores.of('7').write(async (store) => {
      for (const id of ['a', 'b', 'c']) await store.insertPerson(person(id));
      for (const id of ['1', '2', '3']) await store.insertFace(face(id, 'a'), limits);
    });
  }
  const facesOf = async (...ids: string[]) => {
    await using stores = await openStores({ file: join(data, 'familiar.db'), masterKey });
    const found = [];
    for (const id of ids) found.push((await stores.of('7').findPerson(id)) && idsOf(await stores.of('7').facesOf(id)));
    return found;
  };
  await done('move', 'b', '1', '2');
  assert.deepEqual(await facesOf('a', 'b'), [['3'], ['1', '2']]);
  await done('split', 'b', 'd', '2', '--name', 'Dora');
  await done('merge', 'a', 'd', '--tag', 'two in one');
  await done('rename', 'd', 'e');
  await done('forbid', 'b', 'c');
  await done('allow', 'b', 'c');
  assert.deepEqual(await facesOf('a', 'b', 'd', 'e'), [undefined, ['1'], undefined, ['2', '3']]);
  const { id: last } = JSON.parse(await done('forbid', 'b', 'c', '--json'));
  const refused = await familiar('merge', 'b', 'c');
  assert.deepEqual([refused.exitCode, refused.errors], [2, 'b and c are not the same: that was forbidden\n']);
  const listed: { kind: string; id: string; persons: string[]; faces: string[] }[] = JSON.parse(
    await done('corrections', '--json'),
  );
  assert.deepEqual(listed.map(({ kind, persons, faces }) => [kind, persons, faces]).toSorted(), [
    ['allow', ['b', 'c'], []],
    ['forbid', ['b', 'c'], []],
    ['forbid', ['b', 'c'], []],
    ['merge', ['a', 'd'], ['3']],
    ['move', ['a', 'b'], ['1', '2']],
    ['rename', ['d', 'e'], []],
    ['split', ['b', 'd'], ['2']],
  ]);
  assert.match(await done('corrections'), /^id +kind +made_at +persons +faces\n/);
  const idOf = (kind: string) => listed.find((one) => one.kind === kind)!.id;
  assert.equal(await done('undo', last), 'undone\n');
  assert.equal(await done('undo', idOf('rename'), '--json'), `{\n  "undone": "${idOf('rename')}"\n}\n`);
  for (const kind of ['merge', 'split', 'move']) await done('undo', idOf(kind));
  assert.deepEqual(await facesOf('a', 'b', 'd', 'e'), [['1', '2', '3'], [], undefined, undefined]);
  assert.deepEqual((await familiar('undo', last)).exitCode, 1);
  for (const words of [
    ['rename', 'a', 'no good'],
    ['rename', 'a', 'x'.repeat(129)],
    ['merge', 'a', 'b', '--name', 'x'.repeat(256)],
  ]) {
    const { exitCode, errors } = await familiar(...words);
    assert.equal(exitCode, 2, errors);
  }
  assert.deepEqual(await facesOf('a', 'b'), [['1', '2', '3'], []]);
});

async function temporaryFolder() {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-persons-'));
  const keyFile = join(folder, 'master.key');
  await writeFile(keyFile, masterKeyText, { mode: 0o600 });
  return { data: join(folder, 'data'), keyFile, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}
