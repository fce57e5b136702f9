/** What is invoiced is what clients were answered, to the call and to the cent, whichever server answered and however it ended. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ReportRow } from '../../src/app/usage.ts';
import { sign } from '../../src/auth/signature.ts';
import { type EndpointName, endpoints } from '../../src/contract/endpoints.ts';
import type { Statement } from '../../src/ops/statements/statement.ts';
import { openSharedStores } from '../../src/store/open.ts';
import { runHere } from '../cli/terminal.ts';
import { masterKey, masterKeyText } from '../master-key.ts';
import { Random } from '../random.ts';
import { borrowDatabase } from './lend.ts';

/** The month of some weeks ago, so that it can be closed. */
const month = new Date(Date.now() - 40 * 24 * 60 * 60 * 1_000).toISOString().slice(0, 7);
/** Noon of a day of it, in Shanghai. */
const noonOf = (day: number) => Date.parse(`${month}-${String(day).padStart(2, '0')}T04:00:00Z`);
const nextMonth = new Date(noonOf(28) + 7 * 24 * 60 * 60 * 1_000).toISOString().slice(0, 7);

interface Node {
  readonly child: ChildProcess;
  readonly url: string;
  /** Milliseconds by which its clock is behind. */
  readonly behindMs: number;
}

interface Key {
  readonly appid: string;
  readonly secretId: string;
}

const keys: readonly Key[] = [
  { appid: '1001', secretId: 'one' },
  { appid: '1001', secretId: 'other' },
  { appid: '1002', secretId: 'of-1002' },
];

const opened = new AsyncDisposableStack();
let database: string;
let folder: string;
before(async () => {
  database = opened.use(await borrowDatabase()).url;
  folder = await mkdtemp(join(tmpdir(), 'familiar-statement-'));
  opened.defer(() => rm(folder, { recursive: true }));
  await writeFile(join(folder, 'master.key'), masterKeyText, { mode: 0o600 });
  await using stores = await openSharedStores({ url: database, masterKey });
  for (const key of keys) {
    await stores.keys.addKey({ ...key, secretKey: key.secretId, createdAt: 1, revokedAt: null }, []);
  }
});
after(() => opened.disposeAsync());

async function startNode(now: number): Promise<Node> {
  const guard = new URL('../guard.ts', import.meta.url).href;
  const script = fileURLToPath(new URL('./made-up-node.ts', import.meta.url));
  const words = ['--import', guard, script, '--database', database, '--now', String(now)];
  const behindMs = Date.now() - now;
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  opened.defer(() => void child.kill('SIGKILL'));
  for await (const url of createInterface({ input: child.stdout })) return { child, url, behindMs };
  throw new Error('the server ended before it listened');
}

async function end({ child }: Node, signal: NodeJS.Signals): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** The client's own count of what it was answered: by appid, key, endpoint and code. */
const answered = new Map<string, number>();

/** Calls an endpoint, and counts the answer; undefined if none comes. */
async function call(node: Node, key: Key, endpoint: EndpointName, fields: object): Promise<number | undefined> {
  const madeAt = Math.floor((Date.now() - node.behindMs) / 1000);
  const authorization = sign({ ...key, madeAt, expires: madeAt + 60 }, key.secretId);
  try {
    const response = await fetch(`${node.url}/face/${endpoint}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ appid: key.appid, ...fields }),
    });
    const { code } = (await response.json()) as { readonly code: number };
    add(key, endpoint, code);
    return code;
  } catch {
    return undefined;
  }
}

function add({ appid, secretId }: Key, endpoint: string, code: number): void {
  const name = [appid, secretId, endpoint, code].join(' ');
  answered.set(name, (answered.get(name) ?? 0) + 1);
}

const image = (face: string): string => Buffer.from(face).toString('base64');
let people = 0;

/** One call of any kind; some are refused. */
function someCall(random: Random): readonly [EndpointName, object] {
  const face = random.oneIn(6) ? 'nobody' : `face ${random.below(1e9)}`;
  const person = `p${random.below(people + 2)}`;
  switch (random.below(8)) {
    case 0:
      return ['detect', { image: image(face) }];
    case 1:
      return ['shape', { image: image(face) }];
    case 2:
      return ['compare', { imageA: image(face), imageB: image('b') }];
    case 3:
      return ['verify', { person_id: person, image: image(face) }];
    case 4:
      return ['identify', { group_id: 'g', image: image(face) }];
    case 5:
      people += 1;
      return ['newperson', { person_id: `p${people}`, group_ids: ['g'], image: image(face) }];
    case 6:
      return ['addface', { person_id: person, images: [image(face)] }];
    default:
      return ['getinfo', { person_id: person }];
  }
}

async function callMany(nodes: readonly Node[], random: Random, count: number): Promise<void> {
  let left = count;
  const lane = async (): Promise<void> => {
    while (left-- > 0) {
      const [endpoint, fields] = someCall(random);
      assert.notEqual(await call(random.of(nodes), random.of(keys), endpoint, fields), undefined);
    }
  };
  await Promise.all(Array.from({ length: 8 }, lane));
}

/** Kills a server while it registers persons; of those without an answer, another server is asked whether they are there. */
async function killWhileItWrites(node: Node, other: Node): Promise<void> {
  const [key] = keys as [Key];
  const ids = Array.from({ length: 40 }, (_, i) => `killed-${i}`);
  const first = Promise.withResolvers<void>();
  const calls = ids.map(async (id) => {
    const code = await call(node, key, 'newperson', { person_id: id, group_ids: ['g'], image: image(id) });
    first.resolve();
    return code;
  });
  await first.promise;
  await end(node, 'SIGKILL');
  const codes = await Promise.all(calls);
  let [written, lost] = [0, 0];
  for (const [i, code] of codes.entries()) {
    if (code !== undefined) assert.equal(code, 0);
    else if ((await call(other, key, 'getinfo', { person_id: ids[i] })) === 0) {
      add(key, 'newperson', 0);
      written += 1;
    } else lost += 1;
  }
  assert.ok(written + lost > 0, 'the server was killed after its last answer');
}

interface Table {
  readonly tiers: 'reached' | 'graduated';
  readonly allowance: number;
  readonly bounds: readonly [number, number];
  /** In thousandths of a cent. */
  readonly prices: readonly [number, number, number];
}

/** The same table as a file of prices. */
function fileOf({ tiers, allowance, bounds, prices }: Table): string {
  const steps = prices.map((price, i) => ({ upTo: bounds[i], price: `0.${String(price).padStart(5, '0')}` }));
  const products = ['detect', 'shape', 'compare', 'verify', 'identify'].map((name) => [name, { prices: steps }]);
  return JSON.stringify({ currency: 'EUR', tiers, allowance, products: Object.fromEntries(products) });
}

/** What some calls of each product cost, in cents: each call by itself, in thousandths of a cent. */
function costOf({ tiers, allowance, bounds, prices }: Table, volumes: Iterable<number>): bigint {
  let cost = 0n;
  for (const volume of volumes) {
    for (let number = allowance + 1; number <= volume; number++) {
      const place = tiers === 'reached' ? volume : number;
      cost += BigInt(place <= bounds[0] ? prices[0] : place <= bounds[1] ? prices[1] : prices[2]);
    }
  }
  return (cost + 500n) / 1000n;
}

/** What the client was answered of an appid, summed up by something. */
function sumsOf(appid: string, by: (endpoint: EndpointName, code: number) => readonly string[]): Map<string, number> {
  const sums = new Map<string, number>();
  for (const [name, count] of answered) {
    const [of, , endpoint, code] = name.split(' ') as [string, string, EndpointName, string];
    if (of !== appid) continue;
    for (const key of by(endpoint, Number(code))) sums.set(key, (sums.get(key) ?? 0) + count);
  }
  return sums;
}

const place = () => ['--database', database, '--data', folder];

async function statement(appid: string, ...words: readonly string[]): Promise<string> {
  const { exitCode, output, errors } = await runHere(
    'statement',
    '--month',
    month,
    '--appid',
    appid,
    ...place(),
    ...words,
  );
  assert.deepEqual([exitCode, errors], [0, '']);
  return output;
}

test('a statement of a made-up month agrees to the call and to the cent with the client’s own count, over two servers, one of them killed', async (t) => {
  const seed = Number(process.env.FAMILIAR_SEED ?? Math.floor(Math.random() * 2 ** 32));
  t.diagnostic(`FAMILIAR_SEED=${seed} makes the same calls`);
  const random = new Random(seed);
  const nodes = [await startNode(noonOf(3)), await startNode(noonOf(3))] as const;
  await callMany(nodes, random, 250);
  await killWhileItWrites(nodes[1], nodes[0]);
  const later = await startNode(noonOf(28));
  await callMany([nodes[0], later], random, 250);

  const { output } = await runHere(
    'usage',
    ...place(),
    '--month',
    month,
    '--by',
    'key,endpoint,code',
    '--format',
    'json',
  );
  const counted = (JSON.parse(output) as ReportRow[]).map(
    ({ appid, key, endpoint, code, ok, failed }) => [[appid, key, endpoint, code].join(' '), ok + failed] as const,
  );
  assert.deepEqual(new Map(counted.toSorted()), new Map([...answered].toSorted()));
  for (const table of [
    { tiers: 'graduated', allowance: 3, bounds: [10, 40], prices: [333, 251, 50] },
    { tiers: 'reached', allowance: 5, bounds: [20, 60], prices: [1001, 337, 105] },
  ] as const satisfies readonly Table[]) {
    const prices = join(folder, `${table.tiers}.json`);
    await writeFile(prices, fileOf(table));
    for (const appid of ['1001', '1002']) {
      const told = JSON.parse(await statement(appid, '--prices', prices, '--format', 'json')) as Statement;
      const volumes = sumsOf(appid, (name, code) => (code === 0 ? endpoints[name].products : []));
      assert.deepEqual(
        told.products
          .filter(({ calls }) => calls > 0)
          .map(({ product, calls }) => `${product} ${calls}`)
          .toSorted(),
        [...volumes].map(([product, calls]) => `${product} ${calls}`).toSorted(),
      );
      assert.equal(BigInt(told.total.replace('.', '')), costOf(table, volumes.values()), `${appid} ${table.tiers}`);
      assert.deepEqual(
        new Map(told.refused.map(({ code, calls }) => [String(code), calls])),
        new Map(
          [...sumsOf(appid, (_, code) => (code === 0 ? [] : [String(code)]))].sort(([a], [b]) => Number(a) - Number(b)),
        ),
      );
    }
  }

  const prices = join(folder, 'graduated.json');
  const open = JSON.parse(await statement('1001', '--prices', prices, '--format', 'json'));
  const key = join(folder, 'master.key');
  const close = await runHere(
    'statement',
    'close',
    ...place(),
    '--master-key-file',
    key,
    '--month',
    month,
    '--prices',
    prices,
  );
  assert.deepEqual([close.exitCode, close.errors], [0, '']);
  const closed = await statement('1001', '--format', 'json');
  assert.deepEqual({ ...JSON.parse(closed), closedAt: null }, open);
  const pages = await Promise.all(['text', 'html'].map((format) => statement('1001', '--format', format)));
  // Both servers still take it to be that month.
  for (const node of [nodes[0], later]) assert.equal(await call(node, keys[0]!, 'detect', { image: image('late') }), 0);
  assert.equal(await statement('1001', '--format', 'json'), closed);
  assert.deepEqual(await Promise.all(['text', 'html'].map((format) => statement('1001', '--format', format))), pages);
  const next = await runHere('statement', '--month', nextMonth, '--appid', '1001', ...place(), '--format', 'json');
  assert.deepEqual(JSON.parse(next.output).late, [{ month, endpoint: 'detect', calls: 2 }]);
  for (const node of [nodes[0], later]) await end(node, 'SIGTERM');
});
