/** The commands that carry out and dismiss what a check proposes, and that list persons who were not seen. */
import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { afterEach, beforeEach } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import type { Finding } from '../../src/store/check/finding.ts';
import { face as faceOf, limits, registerWithFace } from '../store/fixtures.ts';
import { runHere } from './terminal.ts';

let data: string;
beforeEach(async () => {
  data = join(await mkdtemp(join(tmpdir(), 'familiar-check-')), 'data');
});
afterEach(() => rm(join(data, '..'), { recursive: true }));

const familiar = (...words: string[]) => runHere(...words, '--appid', '7', '--data', data);

const found: readonly Finding[] = [
  { kind: 'double', persons: ['a', 'b'], faces: ['1', '2'], score: 96.5, samePicture: false },
  { kind: 'stray', person: 'c', face: '4', score: 12, resembles: { person: 'a', face: '1', score: 95 } },
  { kind: 'stray', person: 'd', face: '6', score: 14 },
  { kind: 'copy', person: 'e', faces: ['7', '8'] },
  { kind: 'lowQuality', person: 'e', face: '9', quality: 7 },
];

/** Makes a register in which all of that is proposed. @returns the ids of the proposals, in their order. */
async function propose(): Promise<readonly string[]> {
  await using stores = await openData(readSettings({ data }, undefined, {}));
  await stores.tenants.add('7', { limits: { retentionDays: 5 } });
  const store = stores.of('7');
  const faces = [['1'], ['2'], ['3', '4'], ['5', '6'], ['7', '8', '9']];
  for (const [i, person] of ['a', 'b', 'c', 'd', 'e'].entries()) {
    for (const face of faces[i]!) {
      if (face === faces[i]![0]) await registerWithFace(store, person, 'g', face);
      else await store.insertFace(faceOf(face, person), limits);
    }
  }
  assert.equal(await stores.checks.propose('7', 'one', found), 5);
  return (await stores.checks.list('7', { count: 10 })).proposals.map(({ id }) => id);
}

test('proposals are listed, carried out as the operator says, and dismissed', async () => {
  const [double, like, unlike, copy, poor] = (await propose()) as [string, string, string, string, string];
  const { output } = await familiar('check', 'list');
  assert.match(output, /double .* a and b .* 96\.5 .*\n.* stray .* face 4 of c .* like a by 95\n/);
  assert.equal(JSON.parse((await familiar('check', 'list', '--kind', 'copy', '--json')).output).length, 1);
  const refused = await familiar('check', 'accept', unlike);
  assert.deepEqual(
    [refused.exitCode, refused.errors],
    [2, 'name the person whose face it is: one that is not there is made\n'],
  );
  const made = await familiar('check', 'accept', unlike, '--to', 'new', '--name', 'Noemi', '--tag', 't');
  assert.match(made.output, /^done; to undo it: familiar persons undo \S+ --appid 7\n$/, made.errors);
  assert.equal((await familiar('check', 'accept', double, '--to', 'z')).exitCode, 2);
  assert.match((await familiar('check', 'accept', double, '--to', 'b')).output, /^done/);
  assert.equal((await familiar('check', 'accept', like)).exitCode, 1, 'whom it is like is another one now');
  assert.equal((await familiar('check', 'accept', copy)).exitCode, 2);
  assert.equal((await familiar('check', 'accept', copy, '--erase')).output, 'erased\n');
  assert.equal((await familiar('check', 'dismiss', poor)).output, 'dismissed\n');
  assert.equal((await familiar('check', 'dismiss', poor)).exitCode, 1);
  assert.equal((await familiar('check', 'list')).output, 'Nothing is proposed.\n');
  assert.equal((await familiar('check', 'singles')).output, 'd\nnew\n');
  await using stores = await openData(readSettings({ data }, undefined, {}));
  assert.deepEqual(await stores.of('7').findPerson('new'), { id: 'new', name: 'Noemi', tag: 't' });
  assert.equal(await stores.of('7').findFace('8'), undefined);
});

test('persons who were not seen are listed by the days that are set, or that are asked for', async () => {
  await propose();
  assert.equal((await familiar('retention', 'list')).output, 'Everybody was seen within 5 days.\n');
  assert.equal((await familiar('retention', 'list', '--days', '0')).exitCode, 2);
  const { output } = await familiar('retention', 'list', '--days', '1', '--json');
  assert.deepEqual(JSON.parse(output), { days: 1, erasing: false, persons: [] });
});

test('what is not there is said, and a check wants to know whose', async () => {
  assert.equal((await familiar('check', 'list')).errors, 'there is no appid 7\n');
  assert.equal((await familiar('retention', 'list')).exitCode, 1);
  assert.equal((await runHere('check', '--data', data)).exitCode, 2);
});
