import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { openCompreFace } from '../../../src/ops/enrolment/compreface.ts';
import { openFolders } from '../../../src/ops/enrolment/folders.ts';
import { idOf, type PictureSupply } from '../../../src/ops/enrolment/supply.ts';
import { openTable, type TableOptions } from '../../../src/ops/enrolment/table.ts';
import { isRefused } from '../../domain/memory-context.ts';
import { openCompreFaceServer } from './compreface-server.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-supply-'));
});
afterEach(() => rm(folder, { recursive: true }));

const { signal } = new AbortController();
/** Images of three subjects; one cannot be sent, one was not kept, and one is too large. */
function openServer() {
  return openCompreFaceServer(
    new Map([
      ['Ada Lovelace', Array.from({ length: 250 }, (_, i) => `a-${i}`)],
      ['bob', ['b-0', 'b-lost', 'b-huge']],
      ['nobody', []],
    ]),
    (imageId) => {
      if (imageId === 'b-0') return undefined;
      return Buffer.from(imageId === 'b-lost' ? '' : imageId === 'b-huge' ? 'x'.repeat(101) : imageId);
    },
  );
}

const options = { bytesMax: 100, groupId: 'imported' };

async function put(path: string, content = path): Promise<void> {
  await mkdir(join(folder, path, '..'), { recursive: true });
  await writeFile(join(folder, path), content);
}

/** Who is supplied, in which groups, with which pictures. */
async function told(supply: PictureSupply): Promise<readonly unknown[]> {
  const persons = await Array.fromAsync(supply.persons(signal));
  const pictures = persons.reduce((sum, one) => sum + one.pictures.length, 0);
  assert.equal(await supply.count(signal), pictures);
  return persons.map(({ person, groupIds, pictures }) => [person.id, groupIds, pictures.map(({ label }) => label)]);
}

test('a folder is a person, and the folders that it lies in are its groups', async () => {
  await put('ada/1.JPG');
  await put('ada/2.png');
  await put('ada/notes.txt');
  await put('ada/.hidden.jpg');
  await put('staff/berlin/Ada Lovelace/a.webp');
  await put('staff/bob/b.jpeg');
  await put('.git/x/c.jpg');
  await symlink(join(folder, 'ada', '1.JPG'), join(folder, 'staff', 'bob', 'link.jpg'));
  await symlink(folder, join(folder, 'staff', 'loop'));
  const supply = await openFolders(folder, options);
  assert.deepEqual(await told(supply), [
    ['ada', ['imported'], ['ada/1.JPG', 'ada/2.png']],
    ['Ada%20Lovelace', ['staff', 'berlin'], ['staff/berlin/Ada Lovelace/a.webp']],
    ['bob', ['staff'], ['staff/bob/b.jpeg', 'staff/bob/link.jpg']],
  ]);
  const [, lovelace] = await Array.fromAsync(supply.persons(signal));
  assert.equal(lovelace?.person.name, 'Ada Lovelace');
  const [picture] = lovelace!.pictures;
  assert.equal(new TextDecoder().decode(await picture!.source.open(signal)), 'staff/berlin/Ada Lovelace/a.webp');
  await put('staff/berlin/Ada Lovelace/a.webp', 'x'.repeat(101));
  await isRefused(picture!.source.open(signal), 'formatInvalid', 'the picture is over 100 bytes');
  const [, changed] = await Array.fromAsync(supply.persons(signal));
  assert.notEqual(changed!.pictures[0]!.key, picture!.key);
  await rm(join(folder, 'staff/berlin/Ada Lovelace/a.webp'));
  await isRefused(picture!.source.open(signal), 'pictureMissing', 'the file cannot be read: ENOENT');
});

test('pictures of nobody, and folders that are not there, are told before anything is done', async () => {
  await put('loose.jpg');
  await assert.rejects(
    openFolders(folder, options),
    /loose\.jpg is of no person: put the pictures of each into a folder of its own/,
  );
  await assert.rejects(openFolders(join(folder, 'none'), options), /there is no folder/);
});

test('two names never give one id', () => {
  const names = ['a b', 'a%20b', 'a_b', 'a/b', "a'b", 'a"b', 'a\\b', 'a\tb', '人'];
  const ids = names.map(idOf);
  assert.equal(new Set(ids).size, names.length);
  assert.deepEqual(ids.slice(0, 2), ['a%20b', 'a%2520b']);
  for (const id of ids) assert.match(id, /^[^\s\p{Cc}/\\"']+$/u);
});

const asked: string[] = [];
const tableOptions: TableOptions = {
  ...options,
  async download(url) {
    asked.push(url);
    return Uint8Array.of(1);
  },
};

async function table(text: string): Promise<PictureSupply> {
  await put('people.csv', text);
  return openTable(join(folder, 'people.csv'), tableOptions);
}

test('a table is read row by row: quoted cells, a byte order mark and CR LF are as they should be', async () => {
  await put('pictures/1.jpg', 'one');
  const text = [
    '\uFEFFgroups,person_id,name,tag,file,url',
    'staff; "berlin" ,ada,"Lovelace, ""Ada""",first,pictures/1.jpg,',
    'staff; "berlin" ,ada,,second,,http://h/2.jpg',
    '',
    ',bob,,,,http://h/3.jpg',
    'staff,ada,,,none.jpg,',
  ].join('\r\n');
  const supply = await table(text.replaceAll('"berlin"', 'berlin'));
  assert.deepEqual(await told(supply), [
    ['ada', ['staff', 'berlin'], ['pictures/1.jpg', 'http://h/2.jpg']],
    ['bob', ['imported'], ['http://h/3.jpg']],
    ['ada', ['staff'], ['none.jpg']],
  ]);
  const [ada, , again] = await Array.fromAsync(supply.persons(signal));
  assert.deepEqual(
    ada!.pictures.map(({ tag }) => tag),
    ['first', 'second'],
  );
  assert.equal(ada!.person.name, 'Lovelace, "Ada"');
  assert.equal(new TextDecoder().decode(await ada!.pictures[0]!.source.open(signal)), 'one');
  assert.deepEqual(await ada!.pictures[1]!.source.open(signal), Uint8Array.of(1));
  assert.deepEqual(asked, ['http://h/2.jpg']);
  await isRefused(again!.pictures[0]!.source.open(signal), 'pictureMissing', 'the file cannot be read: ENOENT');
});

test('a table that is not as it must be is told with what is wrong', async () => {
  const faults = [
    ['person_id,name\np,n\n', /must have the columns person_id, and file or url/],
    ['person_id,file,age\np,f,3\n', /has a column age; there may be person_id, groups, name, tag, file, url/],
    ['person_id,file,file\np,f,f\n', /has the column file twice/],
  ] as const;
  for (const [text, fault] of faults) await assert.rejects(table(text), fault);
  await assert.rejects(table('person_id,file\np,1.jpg\nq\n'), /people\.csv: .*line 3/);
  await assert.rejects(openTable(join(folder, 'none.csv'), tableOptions), /there is no file/);
});

test('the subjects of a CompreFace server are persons, with all their images', async () => {
  await using server = await openServer();
  const supply = openCompreFace({ ...options, url: `${server.url}/`, apiKey: 'the-key' });
  const persons = await Array.fromAsync(supply.persons(signal));
  assert.equal(await supply.count(signal), 253);
  assert.deepEqual(
    persons.map(({ person, groupIds, pictures }) => [person.id, person.name, groupIds, pictures.length]),
    [
      ['Ada%20Lovelace', 'Ada Lovelace', ['imported'], 100],
      ['Ada%20Lovelace', 'Ada Lovelace', ['imported'], 100],
      ['Ada%20Lovelace', 'Ada Lovelace', ['imported'], 50],
      ['bob', 'bob', ['imported'], 3],
    ],
  );
  const bytes = await persons[2]!.pictures.at(-1)!.source.open(signal);
  assert.equal(new TextDecoder().decode(bytes), 'a-249');
  const [failed, lost, huge] = persons[3]!.pictures;
  await isRefused(failed!.source.open(signal), 'downloadFailed', `${new URL(server.url).host} answers 500`);
  await isRefused(lost!.source.open(signal), 'pictureMissing', 'CompreFace has not kept the image');
  await isRefused(huge!.source.open(signal), 'downloadFailed', `${new URL(server.url).host} sends more than 100 bytes`);
});

test('a CompreFace server that cannot be asked is told, without the key', async () => {
  await using server = await openServer();
  const wrong = openCompreFace({ ...options, url: server.url, apiKey: 'another-key' });
  await assert.rejects(wrong.count(signal), (error: Error) => {
    assert.match(error.message, /answers 401: is the key of its recognition service right\?/);
    assert.doesNotMatch(error.message, /another-key/);
    return true;
  });
  assert.throws(() => openCompreFace({ ...options, url: 'ftp://h', apiKey: 'k' }), /is no url of http or https/);
  const gone = openCompreFace({ ...options, url: 'http://127.0.0.1:9', apiKey: 'k' });
  await assert.rejects(gone.count(signal), /127\.0\.0\.1:9 cannot be reached/);
});
