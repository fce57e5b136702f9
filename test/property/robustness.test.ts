import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, test } from 'node:test';
import { refusals } from '../../src/contract/refusals.ts';
import { openPictures } from '../conformance/pictures.ts';
import { type Filled, fill, readRecordings } from '../conformance/recordings.ts';
import { makeFolder, sendTo, signFor } from '../harness.ts';
import { type ServerProcess, startServer } from '../process.ts';
import { Random } from '../random.ts';
import { mutate, mutateMeaning } from './mutations.ts';

/** Requests in all; FAMILIAR_FUZZ sets another number, FAMILIAR_SEED repeats a run. */
const count = Number(process.env.FAMILIAR_FUZZ ?? 10_000);
const seed = Number(process.env.FAMILIAR_SEED ?? Math.floor(Math.random() * 2 ** 32));
/** Requests under way at a time. */
const lanes = 32;
/** One request in so many carries a real photograph, which takes the networks' time. */
const photographEvery = 100;
/** How long a request that may have been cut off is given. */
const patienceMs = 1_000;
/** The longest that a whole request may go without an answer. */
const timeoutMs = 30_000;

/** Every answer that is documented, but one: a bug would be confessed with 213. */
const documented = new Set(['200 0', ...Object.values(refusals).map(({ status, code }) => `${status} ${code}`)]);
documented.delete(`${refusals.internal.status} ${refusals.internal.code}`);

const recordings = readRecordings();
let folder: string;
let server: ServerProcess;
let photograph: Buffer;

before(async () => {
  folder = await makeFolder();
  server = await startServer(folder);
  const pictures = await openPictures();
  photograph = pictures.bytes.ada;
  await pictures[Symbol.asyncDispose]();
});

/** A recorded request, signed for the server. Its urls lead nowhere, so that no damage to them leads anywhere either. */
function request(random: Random, picture: Buffer): Filled {
  const filling = {
    account: server.key,
    host: new URL(server.url).host,
    pictures: [picture, picture],
    urls: ['nowhere', 'nowhere'],
    faceIds: ['1', '2', '3'],
  };
  return fill(random.of(recordings), filling);
}

/** Bytes to send. */
interface Noise {
  readonly bytes: Buffer;
  /** Whether head and body are whole, so that an answer must come. */
  readonly isWhole: boolean;
}

/** Damaged in its body, whose length is then told right; in its head; or anywhere. Or nothing but noise. */
function damaged(index: number): Noise {
  const random = new Random(seed + index);
  const picture = index % photographEvery === 0 ? photograph : Buffer.from('no picture');
  const { head, body } = request(random, picture);
  const bytes = (text: string) => Buffer.from(`${text}\r\n\r\n`, 'latin1');
  const kind = random.below(10);
  if (kind === 0) return { bytes: random.bytes(1 + random.below(500)), isWhole: false };
  if (kind === 1) return { bytes: mutate(Buffer.concat([bytes(head), body]), random), isWhole: false };
  if (kind < 5) return { bytes: Buffer.concat([mutate(bytes(head), random), body]), isWhole: false };
  const mutated = kind < 7 ? mutate(body, random) : mutateMeaning(body, random);
  const length = head.replace(/^content-length:.*$/im, `Content-Length: ${mutated.length}`);
  return { bytes: Buffer.concat([bytes(length), mutated]), isWhole: true };
}

/** Sends bytes; resolves with the answers, as `status code`, that come until the connection closes or nobody waits on. */
function answersTo({ bytes, isWhole }: Noise): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname);
    let text = '';
    const conclude = (): void => {
      socket.destroy();
      const answers = answersIn(text);
      if (isWhole && answers.length === 0) reject(new Error(`there was no answer but: ${text}`));
      else resolve(answers);
    };
    // A request that was cut off gets no answer, since the server waits for the rest.
    socket.setTimeout(isWhole ? timeoutMs : patienceMs, conclude);
    socket.setEncoding('latin1').on('data', (some: string) => {
      text += some;
      if (answersIn(text).length > 0) conclude();
    });
    // The server may refuse and close before everything was written.
    socket.on('error', () => {}).once('close', conclude);
    socket.write(bytes);
  });
}

/** The whole answers in what came back, interim ones left out. */
function answersIn(text: string): string[] {
  const found: string[] = [];
  for (let rest = text; rest.includes('\r\n\r\n'); ) {
    const start = rest.indexOf('\r\n\r\n') + 4;
    const [, status, headers] = /^HTTP\/1\.1 (\d{3}) [^\r]*\r\n(.*)\r\n$/s.exec(rest.slice(0, start)) ?? [];
    assert.ok(status !== undefined && headers !== undefined, `no answer: ${rest.slice(0, 200)}`);
    const length = Number(/^content-length: (\d+)\r$/im.exec(headers)?.[1] ?? 0);
    const body = rest.slice(start, start + length);
    if (body.length < length) break;
    assert.ok(status === '100' || length > 0, `an answer without a body: ${rest}`);
    if (status !== '100') found.push(`${status} ${JSON.parse(Buffer.from(body, 'latin1').toString()).code}`);
    rest = rest.slice(start + length);
  }
  return found;
}

test(`${count} random and damaged requests get documented codes only, and the server lives`, async (t) => {
  t.diagnostic(`FAMILIAR_SEED=${seed}`);
  const tally = new Map<string, number>();
  let next = 0;
  const lane = async (): Promise<void> => {
    while (next < count) {
      const index = next++;
      const noise = damaged(index);
      try {
        for (const answer of await answersTo(noise)) {
          assert.ok(documented.has(answer), `an answer that is not documented: ${answer}`);
          tally.set(answer, (tally.get(answer) ?? 0) + 1);
        }
        assert.equal(server.child.exitCode, null, 'the server lives');
      } catch (cause) {
        const how = `FAMILIAR_SEED=${seed + index} FAMILIAR_FUZZ=1`;
        throw new Error(`${(cause as Error).message}; ${how}\n${noise.bytes.toString('latin1').slice(0, 3_000)}`, {
          cause,
        });
      }
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const sorted = [...tally].sort(([, a], [, b]) => b - a).map(([answer, times]) => `${answer}: ${times}`);
  t.diagnostic(`answers as HTTP status and code: ${sorted.join(', ')}`);
  if (count >= 10_000) assert.ok(tally.has('200 0') && tally.size >= 10, 'the damage is of many kinds');
});

test('after all of that the server answers as ever, and stops as ever', async () => {
  const init = { method: 'POST', headers: { authorization: signFor(server.key), 'content-type': 'application/json' } };
  const body = JSON.stringify({ appid: server.key.appid });
  const { code } = await sendTo(`${server.url}/face/getgroupids`, { ...init, body });
  assert.ok(code === 0 || code === refusals.noGroups.code, String(code));
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).exitCode, 0);
});

test('no person, face or group was left half written', () => {
  const database = new DatabaseSync(join(folder, 'familiar.db'), { readOnly: true });
  const none = (what: string, sql: string) => assert.deepEqual(database.prepare(sql).all(), [], what);
  const orphans = (table: string, parent: string, key: string) =>
    none(
      `${table} of no ${parent}`,
      `select * from ${table} t where not exists (select 1 from ${parent} p where p.appid = t.appid and p.${key} = t.${key})`,
    );
  orphans('faces', 'persons', 'person_id');
  orphans('persons', 'faces', 'person_id');
  orphans('embeddings', 'faces', 'face_id');
  orphans('faces', 'embeddings', 'face_id');
  orphans('faces', 'crops', 'face_id');
  orphans('crops', 'faces', 'face_id');
  orphans('memberships', 'persons', 'person_id');
  orphans('memberships', 'groups', 'group_id');
  orphans('groups', 'memberships', 'group_id');
  database.close();
});

after(async () => {
  if (server.child.exitCode === null) server.child.kill('SIGKILL');
  await server.ended;
  await rm(folder, { recursive: true });
});
