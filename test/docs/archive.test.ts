/** The page about import and export shows commands that work, with the networks that users have. */
import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { readFaceLine, readPersonLine } from '../../src/ops/archive/format.ts';
import { runHere } from '../cli/terminal.ts';
import { makeFolder, photograph } from '../harness.ts';
import { compreFaceKey, openCompreFaceServer } from '../ops/enrolment/compreface-server.ts';
import { readBlocks } from './blocks.ts';

let folder: string;
before(async () => {
  folder = await makeFolder();
  await using stores = await openData(readSettings({ data: folder }, undefined, {}));
  for (const appid of ['1000001', '1000002']) await stores.tenants.add(appid, {});
  for (const [person, number] of [
    ['staff/berlin/ada', 1],
    ['bob', 2],
  ] as const) {
    await mkdir(join(folder, 'photographs', person), { recursive: true });
    await writeFile(join(folder, 'photographs', person, '1.jpg'), await photograph(number));
  }
  await writeFile(join(folder, 'photographs', 'bob', 'broken.jpg'), 'no picture');
  await writeFile(
    join(folder, 'people.csv'),
    'person_id,groups,name,file\neve,staff;paris,Eve,photographs/staff/berlin/ada/1.jpg\n',
  );
  await writeFile(join(folder, 'key.txt'), `${compreFaceKey}\n`);
});
after(async () => {
  await rm(folder, { recursive: true });
  await rm(`${folder}.key`, { force: true });
});

test('each command of the page does what is said of it', async () => {
  const image = await photograph(3);
  await using server = await openCompreFaceServer(new Map([['Grace Hopper', ['1']]]), () => image);
  const blocks = readBlocks().filter(({ page, language }) => page === 'docs/archive.md' && language === 'sh');
  const said: string[] = [];
  // Pictures first: what is exported must be there.
  const [exporting, dry, importing, ...pictures] = blocks.map(({ text }) => text);
  assert.equal(pictures.length, 3);
  for (const text of [...pictures, exporting!, dry!, importing!]) {
    assert.match(text, /^npm run -s familiar -- (import|export) /);
    const words = text
      .replace('http://compreface.lan:8000', server.url)
      .split(' ')
      .slice(5)
      .map((word) => (/^photographs$|\.(tar|csv|txt|jsonl)$/.test(word) ? join(folder, word) : word));
    const ofPictures = text.includes('import --') ? ['--workers', '1'] : [];
    const { exitCode, output, errors } = await runHere(...words, ...ofPictures, '--data', folder);
    assert.equal(exitCode, 0, `${text}: ${errors}`);
    said.push(output);
  }
  const [folders, table, compreface, exported, checked, imported] = said;
  assert.match(
    folders!,
    /3 pictures in \d+ s.*; 0 pictures had been done before\.\n2 persons registered, 2 faces added, 0 faces known already\.\n1 picture refused:\n +1 {2}formatInvalid\n$/,
  );
  for (const one of [table!, compreface!]) assert.match(one, /1 person registered, 1 face added/);
  assert.match(exported!, /holds 4 persons and 4 faces of 1000001/);
  assert.match(checked!, /4 persons and 4 faces would be imported into 1000002/);
  assert.match(imported!, /4 persons and 4 faces are imported into 1000002/);
  await using stores = await openData(readSettings({ data: folder }, undefined, {}));
  const groups = await stores.of('1000002').groups();
  assert.deepEqual(JSON.parse(Buffer.from(groups!.json).toString()).toSorted(), [
    'berlin',
    'customers',
    'imported',
    'paris',
    'staff',
  ]);
  assert.equal((await stores.of('1000002').findPerson('Grace%20Hopper'))?.name, 'Grace Hopper');
});

test('the lines of the page are read as lines of an archive are', () => {
  const [block] = readBlocks().filter(({ page, language }) => page === 'docs/archive.md' && language === 'json');
  const unit = Buffer.from(Float32Array.of(1, 0).buffer).toString('base64');
  const [person, face] = block!.text
    .replace('"values":"…"', `"values":"${unit}"`)
    .replace('"crop":"…"', '"crop":"AAAA"')
    .replace('"model":"…"', '"model":"m"')
    .split('\n');
  const { id, faces } = readPersonLine(person!, 1);
  assert.deepEqual([id, faces, readFaceLine(face!, 2, id).attributes.age], ['ada', 1, 36]);
});
