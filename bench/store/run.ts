/**
 * Measures what one appid can do to another by calls without pictures: `node bench/store/run.ts [--seconds 10]`. One joins
 * and leaves 4,900 groups at a time, or asks for a list of 20,000 members, without a pause; the other makes small calls.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Pool } from 'undici';
import { openData } from '../../src/app/create-app.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { databaseFile } from '../../src/app/register.ts';
import { readSettings } from '../../src/app/settings.ts';
import type { Limits, Store } from '../../src/domain/stores.ts';
import { accepted } from '../../src/http/envelope.ts';
import { table } from '../../tools/markdown.ts';
import type { Shot } from '../load.ts';
import { start } from '../process.ts';
import { type Account, jsonShot } from '../shots.ts';
import { quantile } from '../statistics.ts';

const { values } = parseArgs({ options: { seconds: { type: 'string', default: '10' } } });
const ms = Number(values.seconds) * 1_000;

/** Groups that one call names. */
const groupsOfCall = 4_900;
/** Members of the group that is listed. */
const membersOfGroup = 20_000;
/** Connections of whoever makes large calls. */
const lanes = 2;
/** How often the other makes a call, in milliseconds; each has 500 of a kind in ten seconds. */
const everyMs = 20;

const limits: Limits = { groupsMax: 5_000, personsPerGroupMax: 20_000, facesPerPersonMax: 20 };
const groupIds = Array.from({ length: groupsOfCall }, (_, i) => `group-${(i * 2_654_435_761) % 2 ** 32}`);
const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));

/** Milliseconds of calls, by endpoint. */
type Times = Map<string, number[]>;

const data = await mkdtemp(join(tmpdir(), 'familiar-bench-'));
const [large, small] = [makeKey(0), makeKey(0)];
try {
  const held = await fill();
  await using server = await start([main, 'serve', '--port', '0', '--data', data]);
  await server.printed('ready');
  const rows: (string | number)[][] = [];
  for (const [name, attack] of attacks()) rows.push(...(await measure(server.url, name, attack)));
  console.log(`# What one appid's large calls do to another's small ones

Written by \`node bench/store/run.ts\`. The clients and the server share the machine's cores.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- commit: ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()}
- date: ${new Date().toISOString().slice(0, 10)}
- ${lanes} connections make large calls without a pause; another appid makes a call every ${everyMs} ms

${table(['large calls', 'of them a second', 'small call', 'p50 ms', 'p99 ms', 'most ms'], rows)}

A list of ${membersOfGroup.toLocaleString('en')} ids took at most ${held.toFixed(1)} ms of the calling thread in one piece, reading and encoding the answer included.`);
} finally {
  await rm(data, { recursive: true });
}

/** Fills the registers. @returns the longest piece of this thread that a list of many ids takes, in milliseconds. */
async function fill(): Promise<number> {
  await using stores = await openData(readSettings({ data }, undefined, {}));
  for (const key of [large, small]) await stores.keys.addKey(key, []);
  for (const { appid } of [large, small]) {
    const store = stores.of(appid);
    for (const id of ['0', '1']) await store.insertPerson({ id, name: 'Ada', tag: '' });
    await store.joinGroups('0', ['g', 'h'], limits);
  }
  fillGroup(large.appid);
  const longest: number[] = [];
  for (let i = 0; i < 20; i++) longest.push(await longestPiece(stores.of(large.appid)));
  return Math.max(...longest);
}

/** Fills a group by statements of its own, since each person by itself takes long. */
function fillGroup(appid: string): void {
  using database = new DatabaseSync(join(data, databaseFile));
  const numbers = `with numbers (i) as (select 1 union all select i + 1 from numbers where i < ${membersOfGroup})`;
  database.exec(`begin;
    ${numbers} insert into persons select '${appid}', 'person-' || i, '', '' from numbers;
    insert into groups select '${appid}', 'everybody', 1 + max(ordinal), ${membersOfGroup} from groups where appid = '${appid}';
    ${numbers} insert into memberships select '${appid}', 'everybody', 'person-' || i, i, 1 from numbers;
    update registries set groups = groups + 1 where appid = '${appid}';
    commit`);
}

/** Reads and encodes a list while something else runs as often as it can. */
async function longestPiece(store: Store): Promise<number> {
  let [longest, last, isDone] = [0, usedMs(), false];
  const tick = (): void => {
    longest = Math.max(longest, usedMs() - last);
    last = usedMs();
    if (!isDone) setImmediate(tick);
  };
  setImmediate(tick);
  accepted({ person_ids: await store.membersOf('everybody') });
  await new Promise(setImmediate);
  isDone = true;
  return longest;
}

/** Processor time of this thread, in milliseconds: what others do on the machine does not count. */
function usedMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function attacks(): readonly (readonly [string, (lane: number, i: number) => Shot | undefined])[] {
  return [
    ['none', () => undefined],
    [
      `addgroupids and delgroupids of ${groupsOfCall.toLocaleString('en')} groups`,
      (lane, i) =>
        jsonShot(i % 2 ? 'delgroupids' : 'addgroupids', large, { person_id: String(lane), group_ids: groupIds }),
    ],
    [
      `getpersonids of ${membersOfGroup.toLocaleString('en')} members`,
      () => jsonShot('getpersonids', large, { group_id: 'everybody' }),
    ],
  ];
}

/** Runs large calls and small ones together. */
async function measure(
  url: string,
  name: string,
  attack: (lane: number, i: number) => Shot | undefined,
): Promise<(string | number)[][]> {
  const pool = new Pool(url, { connections: 64 });
  const until = performance.now() + ms;
  const times: Times = new Map();
  let calls = 0;
  const attacking = Array.from({ length: lanes }, async (_, lane) => {
    for (let i = 0; performance.now() < until; i++) {
      const shot = attack(lane, i);
      if (shot === undefined) return;
      await send(pool, shot);
      calls += 1;
    }
  });
  const waiting: Promise<void>[] = [];
  for (let i = 0; performance.now() < until; i++) {
    for (const shot of smallCalls(small, i)) waiting.push(timed(pool, shot, times));
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
  await Promise.all([...attacking, ...waiting]);
  await pool.close();
  const perSecond = Math.round((calls / ms) * 10_000) / 10;
  return [...times].map(([endpoint, sample]) => {
    const [p50, p99, most] = [0.5, 0.99, 1].map((share) => quantile(sample, share).toFixed(1));
    return [name, perSecond, endpoint, p50!, p99!, most!];
  });
}

function smallCalls(account: Account, i: number): readonly Shot[] {
  const person = { person_id: '0' };
  return [
    jsonShot('getinfo', account, person),
    jsonShot('getgroupids', account, {}),
    ...(i % 5 === 0 ? [jsonShot('setinfo', account, { ...person, tag: String(i) })] : []),
  ];
}

async function timed(pool: Pool, shot: Shot, times: Times): Promise<void> {
  const begun = performance.now();
  await send(pool, shot);
  const endpoint = shot.path.replace(/.*\//, '');
  times.set(endpoint, [...(times.get(endpoint) ?? []), performance.now() - begun]);
}

async function send(pool: Pool, { path, headers, body }: Shot): Promise<void> {
  const answer = await pool.request({ path, method: 'POST', headers, body });
  const text = await answer.body.text();
  if (!text.includes('"code":0')) throw new Error(`${path}: ${text.slice(0, 200)}`);
}
