/** Shows what familiar does, on the photographs that come with the networks: `npm run demo`. */
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { basename, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { start } from '../bench/process.ts';
import { firstKeyFile } from '../src/app/first-key.ts';
import { databaseFile } from '../src/app/register.ts';
import type { Key } from '../src/auth/keys.ts';
import { printTable } from '../src/cli/print.ts';
import type { FaceItem } from '../src/contract/face-item.ts';
import { type Annotation, annotate } from './annotate.ts';
import { Client, type Envelope } from './client.ts';

/** A face of a photograph, cropped so that it is the largest of its picture. */
interface Portrait {
  readonly personId: string;
  readonly photograph: number;
  /** The position of the crop in the photograph. */
  readonly left: number;
  readonly top: number;
  readonly jpeg: Buffer;
}

const folder = 'demo-data';
/** The margin around a face, in sizes of the face. */
const margin = 0.6;
const say = (text: string) => console.log(`\n${text}`);

await Promise.all(
  [databaseFile, `${databaseFile}-wal`, `${databaseFile}-shm`, firstKeyFile].map((file) =>
    rm(join(folder, file), { force: true }),
  ),
);
await mkdir(folder, { recursive: true });
const photographs = await Promise.all([1, 2, 3, 4, 5, 6].map((number) => readFile(samplePath(number))));

say('Starting familiar …');
const serve = ['src/main.ts', 'serve', '--port', '0', '--data', folder, '--allow-url-host', '127.0.0.1'];
await using server = await start(
  serve.map((word, i) => (i === 0 ? fileURLToPath(new URL(`../${word}`, import.meta.url)) : word)),
);
console.log(`ready after ${((await server.printed('ready')) / 1000).toFixed(1)} s at ${server.url}`);
const client = new Client(server.url, await readKey());

say('detect: finds the faces in six photographs.');
const portraits = (await Promise.all(photographs.map(cutPortraits))).flat();
console.log(`${portraits.length} faces found.`);

say('newperson: each face becomes a person in two groups.');
const faces = await Promise.all(portraits.map(registerPortrait));
printTable(
  process.stdout,
  faces.map(({ portrait, item }) => ({
    person: portrait.personId,
    face_id: item.face_id,
    box: `${item.width.toFixed(0)}x${item.height.toFixed(0)}`,
    gender: item.gender,
    age: item.age,
    smile: item.expression,
    glasses: item.glass ? 'yes' : 'no',
    pitch: item.pitch,
    yaw: item.yaw,
    roll: item.roll,
  })),
);

say('What else it answers:');
printTable(process.stdout, await tryCalls());

const picture = join(folder, 'annotated.jpg');
await writeFile(picture, await annotate(photographs[2]!, annotationsOf(3)));
say(`A photograph with everything that familiar finds in it: ${relative('.', picture)}`);

function samplePath(number: number): string {
  return fileURLToPath(import.meta.resolve('@vladmandic/face-api/package.json')).replace(
    'package.json',
    `demo/sample${number}.jpg`,
  );
}

async function readKey(): Promise<Key> {
  const written = JSON.parse(await readFile(join(folder, firstKeyFile), 'utf8')) as Record<string, string>;
  const { appid = '', secret_id: secretId = '', secret_key: secretKey = '' } = written;
  return { appid, secretId, secretKey, createdAt: 0, revokedAt: null };
}

/** Crops every face of a photograph, from left to right. */
async function cutPortraits(picture: Buffer, i: number): Promise<Portrait[]> {
  const { code, message, data } = await client.form('detect', {}, [picture]);
  if (code !== 0) throw new Error(`detect: ${message}`);
  const boxes = (data.face as FaceItem[]).toSorted((a, b) => a.x - b.x);
  return Promise.all(boxes.map((box, k) => cut(picture, i + 1, k + 1, box)));
}

async function cut(picture: Buffer, photograph: number, face: number, box: FaceItem): Promise<Portrait> {
  const { x, y, width, height } = box;
  const whole = await sharp(picture).metadata();
  const left = Math.max(0, Math.round(x - width * margin));
  const top = Math.max(0, Math.round(y - height * margin));
  const right = Math.min(whole.width, Math.round(x + width * (1 + margin)));
  const bottom = Math.min(whole.height, Math.round(y + height * (1 + margin)));
  const area = { left, top, width: right - left, height: bottom - top };
  const jpeg = await sharp(picture).extract(area).jpeg({ quality: 92 }).toBuffer();
  return { personId: `person-${photograph}-${face}`, photograph, left, top, jpeg };
}

async function registerPortrait(portrait: Portrait): Promise<{ portrait: Portrait; item: FaceItem }> {
  const { personId, photograph, jpeg } = portrait;
  const made = await client.form(
    'newperson',
    { person_id: personId, 'group_ids[0]': 'everyone', 'group_ids[1]': `photograph-${photograph}`, tag: 'demo' },
    [jpeg],
  );
  if (made.code !== 0) throw new Error(`newperson ${personId}: ${made.message}`);
  const read = await client.json('getfaceinfo', { face_id: made.data.face_id });
  return { portrait, item: read.data.face_info as FaceItem };
}

function annotationsOf(photograph: number): Annotation[] {
  return faces
    .filter(({ portrait }) => portrait.photograph === photograph)
    .map(({ portrait, item }) => ({
      title: portrait.personId,
      item: { ...item, x: item.x + portrait.left, y: item.y + portrait.top },
    }));
}

/** Calls that show the rest: more faces, a near-duplicate, and what must be refused. */
async function tryCalls(): Promise<Record<string, string | number>[]> {
  const first = portraits[0]!;
  const person = { person_id: first.personId };
  const recoded = await sharp(first.jpeg).resize({ width: 300 }).jpeg({ quality: 70 }).toBuffer();
  const wall = await sharp(photographs[0]!).extract({ left: 0, top: 0, width: 260, height: 200 }).jpeg().toBuffer();
  const other = portraits.at(-1)!.jpeg;
  const url = await servePicture(photographs[4]!);
  const calls: [string, () => Promise<Envelope>][] = [
    ['addface: another face', () => client.form('addface', person, [other])],
    ['addface: the same picture, smaller and recompressed', () => client.form('addface', person, [recoded])],
    ['addface: a wall', () => client.form('addface', person, [wall])],
    [
      'newperson by url',
      () => client.json('newperson', { person_id: 'by-url', group_ids: ['everyone'], url: url.href }),
    ],
    [
      'newperson: that person again',
      () => client.form('newperson', { ...person, 'group_ids[0]': 'everyone' }, [other]),
    ],
    ['getinfo', () => client.json('getinfo', person)],
    ['getinfo: an unknown person', () => client.json('getinfo', { person_id: 'nobody' })],
    ['getgroupids', () => client.json('getgroupids', {})],
    ['a text file as picture', () => client.form('addface', person, [Buffer.from('no picture')])],
    ['a signature by the wrong key', () => client.json('getgroupids', {}, client.sign('wrong'))],
    ['a signature of yesterday', () => client.json('getgroupids', {}, client.sign(undefined, 86_400))],
  ];
  const rows = [];
  for (const [what, call] of calls) {
    const { code, message, data } = await call();
    rows.push({ call: what, code, message, answer: summary(data) });
  }
  url.close();
  return rows;
}

function summary(data: Record<string, unknown> | undefined): string {
  if (data === undefined) return '';
  const shown = ['added', 'ret_codes', 'face_ids', 'group_ids', 'person_id', 'suc_group'].filter(
    (name) => name in data,
  );
  return shown
    .map((name) => `${name} ${JSON.stringify(data[name])}`)
    .join(', ')
    .slice(0, 100);
}

async function servePicture(bytes: Buffer): Promise<{ href: string; close: () => void }> {
  const server = createServer((_request, response) => response.end(bytes));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { href: `http://127.0.0.1:${port}/${basename(samplePath(5))}`, close: () => server.close() };
}
