/**
 * Measures what a face takes in a database and how many registrations it takes: `node bench/scale/measure.ts`. The rows are written
 * by the store, as newperson writes them: a person, a face with its embedding and crop, two groups, the feed, the audit and the count.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { connectionsAtMost } from '../../src/store/dialects/postgres/database.ts';
import { MasterKey } from '../../src/store/encryption/master-key.ts';
import { openSharedStores, openStores, type Stores } from '../../src/store/open.ts';
import { startPostgres } from '../../test/postgres/server.ts';
import { face, limits, person } from '../../test/store/fixtures.ts';
import { table } from '../../tools/markdown.ts';
import { quantile } from '../statistics.ts';

const { values } = parseArgs({
  options: { faces: { type: 'string', default: '20000' }, seconds: { type: 'string', default: '8' } },
});
/** Faces that are written to tell how large one is. */
const faces = Number(values.faces);
/** How long registrations are made at a time, in milliseconds. */
const ms = Number(values.seconds) * 1_000;
/** Bytes of a crop: bench/results/crossing.md has that of a photograph. */
const cropBytes = 8_192;
/** Elements of an embedding. */
const dimension = 256;

const masterKey = async () => new MasterKey(Buffer.alloc(32, 7), 'the benchmark');

/** Registers a person of one face. */
async function register(stores: Stores, appid: string, id: string): Promise<void> {
  const { embedding: _, crop: __, ...rest } = face(`${appid}${id}`, id);
  const embedding = Float32Array.from({ length: dimension }, (_, i) => Math.sin(i + id.length));
  const crop = crypto.getRandomValues(new Uint8Array(cropBytes));
  await stores.of(appid).write(async (store) => {
    await store.insertPerson(person(id));
    await store.joinGroups(id, ['staff', `g${id.length}`], { ...limits, personsPerGroupMax: 1e9 });
    await store.insertFace({ ...rest, embedding, crop }, limits);
  });
}

/** Writes for a while with some callers, each of an appid of its own. */
async function rate(
  stores: Stores,
  callers: number,
): Promise<{ readonly perSecond: number; readonly medianMs: number }> {
  const took: number[] = [];
  const end = performance.now() + ms;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let i = 0; performance.now() < end; i++) {
        const start = performance.now();
        await register(stores, `${9_000 + caller}`, `${callers}-${i}`);
        took.push(performance.now() - start);
      }
    }),
  );
  return { perSecond: (took.length * 1_000) / ms, medianMs: quantile(took, 0.5) };
}

async function fill(stores: Stores): Promise<void> {
  const callers = 16;
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      for (let i = caller; i < faces; i += callers) await register(stores, `${1_000 + caller}`, `p${i}`);
    }),
  );
}

const loadBefore = loadavg()[0]!.toFixed(1);
const folder = await mkdtemp(join(tmpdir(), 'familiar-scale-'));
await using postgres = await startPostgres({ fsync: 'on', full_page_writes: 'on', autovacuum: 'on' });
const url = postgres.urlOf('postgres');
const file = join(folder, 'familiar.db');
const rows: (string | number)[][] = [];
const sizes: Record<string, number> = {};
const connections: number[] = [];
for (const kind of ['SQLite', 'PostgreSQL'] as const) {
  await using stores =
    kind === 'SQLite'
      ? await openStores({ file, masterKey })
      : await openSharedStores({ url, masterKey, statementTimeoutMs: 60_000 });
  for (const callers of [1, 8, 32]) {
    const { perSecond, medianMs } = await rate(stores, callers);
    rows.push([kind, callers, perSecond.toFixed(0), medianMs.toFixed(1)]);
  }
  const before = await sizeOf(kind);
  await fill(stores);
  sizes[kind] = ((await sizeOf(kind)) - before) / faces;
  if (kind === 'PostgreSQL') {
    const [row] = await ask(`select count(*)::int as count from pg_stat_activity where application_name = 'familiar'`);
    connections.push(row!.count as number);
  }
}
await rm(folder, { recursive: true });

async function sizeOf(kind: 'SQLite' | 'PostgreSQL'): Promise<number> {
  if (kind === 'SQLite') return (await stat(file)).size;
  await ask('checkpoint');
  return Number((await ask('select pg_database_size(current_database()) as size'))[0]!.size);
}

async function ask(text: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}

const root = fileURLToPath(new URL('../../', import.meta.url));
const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root }).toString().trim();
const page = `# Registrations and bytes

Written by \`node bench/scale/measure.ts --faces ${faces} --seconds ${values.seconds}\`. A registration is one person with one face (an embedding of ${dimension} numbers, a crop of ${cropBytes} bytes)
in two groups, written by one server in a transaction with its changes and its audit line; no networks. Each caller has an appid
of its own. PostgreSQL runs on the same machine, with \`fsync\`.

- machine: ${cpus()[0]?.model ?? 'unknown'}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- load of the machine before and after, our own included: ${loadBefore} and ${loadavg()[0]!.toFixed(1)}; above 2, others slowed it
- commit: ${commit}
- date: ${new Date().toISOString().slice(0, 10)}

## Registrations

${table(['database', 'callers', 'registrations a second', 'median ms'], rows)}

## Bytes

${table(
  ['database', 'bytes a face'],
  [
    ['SQLite', Math.round(sizes.SQLite!)],
    ['PostgreSQL', Math.round(sizes.PostgreSQL!)],
  ],
)}

One server had ${connections[0]} connections to PostgreSQL at the end. It has ${connectionsAtMost} at most, and one more for each core while it searches in the database.
`;
await writeFile(join(root, 'bench/results/scale.md'), page);
