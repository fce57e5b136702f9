/**
 * Measures servers over one PostgreSQL database: `node bench/nodes/run.ts [--rounds 5] [--seconds 4] [--write]`.
 *
 * How much more three servers do than one, with a stand-in for the networks that only waits; what getinfo costs beside its
 * statement; and what newperson takes longer than with SQLite. The sides take turns.
 */
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { openPostgres } from '../../src/store/dialects/postgres/database.ts';
import { MasterKey } from '../../src/store/encryption/master-key.ts';
import { storesOver } from '../../src/store/stores.ts';
import { type PostgresServer, startPostgres } from '../../test/postgres/server.ts';
import { table } from '../../tools/markdown.ts';
import { type Load, load, type Shot } from '../load.ts';
import { type Subject, start } from '../process.ts';
import { type Account, jsonShot, readAccount } from '../shots.ts';
import { median } from '../statistics.ts';

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    write: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
const ms = Number(values.seconds) * 1_000;
const root = fileURLToPath(new URL('../../', import.meta.url));
const program = join(root, 'test/nodes/serve.ts');
/** How long the stand-in takes for a picture, and how many each server analyses at once. */
const [waitMs, lanes] = [100, 4];
/** Connections to each server: more than it analyses at once, so that it always has something to do. */
const connections = 2 * lanes;
/** Connections of those that ask for getinfo, and of the loop beside it: as many as a server opens to read. */
const [askers, loops] = [32, 8];
const registrations = Math.round(25 * Number(values.seconds));

const folder = await mkdtemp(join(tmpdir(), 'familiar-bench-'));
const keyBytes = Buffer.alloc(32, 7);
const masterKeyFile = join(folder, 'master.key');
await writeFile(masterKeyFile, keyBytes.toString('base64'), { mode: 0o600 });
let serial = 0;
const loads = [loadavg()[0]!];
try {
  // As it is for users: durable.
  await using postgres = await startPostgres({ fsync: 'on', full_page_writes: 'on', shared_buffers: '256MB' });
  const parts = [await measureServers(postgres), await measureGetinfo(postgres), await measureNewperson(postgres)];
  loads.push(loadavg()[0]!);
  const page = [renderHead(), ...parts].join('\n\n');
  console.log(page);
  if (values.write) await writeFile(join(root, 'bench/results/nodes.md'), `${page}\n`);
} finally {
  await rm(folder, { recursive: true });
}

/** Three servers beside one, each with a machine's worth of analysis. */
async function measureServers(postgres: PostgresServer): Promise<string> {
  await using servers = new AsyncDisposableStack();
  const all: Subject[] = [];
  const database = await makeDatabase(postgres, 'servers');
  const first = await startServer(database, waitMs);
  all.push(servers.use(first.server));
  for (let i = 0; i < 2; i++) all.push(servers.use((await startServer(database, waitMs)).server));
  // The group is there from the first search on.
  await load(first.server.url, 1, { calls: 1 }, () => newperson(first.account));
  const rates = { one: [] as number[], three: [] as number[] };
  const p50 = { one: [] as number[], three: [] as number[] };
  for (let round = 0; round <= rounds; round++) {
    for (const [name, some] of [
      ['one', all.slice(0, 1)],
      ['three', all],
    ] as const) {
      const loads = await Promise.all(some.map(({ url }) => load(url, connections, { ms }, mixed(first.account))));
      if (round === 0) continue;
      rates[name].push(loads.reduce((sum, { perSecond }) => sum + perSecond, 0));
      p50[name].push(median(loads.map((one) => one.p50)));
    }
  }
  const ratios = rates.three.map((three, i) => three / rates.one[i]!);
  const rows = (['one', 'three'] as const).map((name) => [
    name === 'one' ? 1 : 3,
    median(rates[name]).toFixed(1),
    median(p50[name]).toFixed(0),
  ]);
  return `## Three servers and one

Calls with one picture each, half newperson and half identify, of one appid. The stand-in for the networks waits ${waitMs} ms for a picture, ${lanes} pictures
at a time on each server, which is ${(lanes * 1_000) / waitMs} pictures a second; ${connections} connections to each.

${table(['servers', 'calls a second', 'p50 ms'], rows)}

Three do ${median(ratios).toFixed(2)} times what one does (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}).`;
}

/** getinfo beside a loop of the statement that it runs. */
async function measureGetinfo(postgres: PostgresServer): Promise<string> {
  const database = await makeDatabase(postgres, 'getinfo');
  const { server, account } = await startServer(database, 0);
  await using _ = server;
  await load(server.url, 1, { calls: 1 }, () => newperson(account, 'known'));
  const shot = jsonShot('getinfo', account, { person_id: 'known' });
  const statement = await statementOfGetinfo(database, account.appid);
  const own: Load[] = [];
  const bare: number[] = [];
  for (let round = 0; round <= rounds; round++) {
    const one = await load(server.url, askers, { ms }, () => shot);
    const other = await runBare(database, statement);
    if (round === 0) continue;
    own.push(one);
    bare.push(other);
  }
  const ratios = own.map(({ perSecond }, i) => perSecond / bare[i]!);
  return `## getinfo

${askers} connections to one server, whose calls are signed, counted durably and answered from one statement; and a process that only runs this statement by
\`pg\`, on ${loops} connections. The load of the server is made by a third process on the same cores, the loop makes its own.

${table(
  ['', 'a second', 'p50 ms'],
  [
    [
      'getinfo',
      Math.round(median(own.map(({ perSecond }) => perSecond))),
      median(own.map(({ p50 }) => p50)).toFixed(1),
    ],
    ['the statement alone', Math.round(median(bare)), ''],
  ],
)}

getinfo has ${median(ratios).toFixed(2)} of its rate (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)}).`;
}

/** newperson, one at a time, with PostgreSQL and with SQLite. */
async function measureNewperson(postgres: PostgresServer): Promise<string> {
  await using servers = new AsyncDisposableStack();
  const sides = [];
  for (const [name, database] of [
    ['SQLite', ''],
    ['PostgreSQL', await makeDatabase(postgres, 'newperson')],
  ] as const) {
    const { server, account } = await startServer(database, 0);
    servers.use(server);
    sides.push({ name, server, account, loads: [] as Load[] });
  }
  for (let round = 0; round <= rounds; round++) {
    for (const { server, account, loads } of sides) {
      const one = await load(server.url, 1, { calls: registrations }, () => newperson(account));
      if (round > 0) loads.push(one);
    }
  }
  const of = (loads: readonly Load[], key: 'p50' | 'p99') => median(loads.map((one) => one[key]));
  const [sqlite, shared] = sides.map(({ loads }) => of(loads, 'p50'));
  return `## newperson

One at a time, ${registrations} in a round, with a stand-in for the networks that does not wait: what the rest takes.

${table(
  ['register', 'p50 ms', 'p99 ms'],
  sides.map(({ name, loads }) => [name, of(loads, 'p50').toFixed(1), of(loads, 'p99').toFixed(1)]),
)}

The median is ${(shared! - sqlite!).toFixed(1)} ms more with PostgreSQL.`;
}

async function startServer(database: string, wait: number): Promise<{ server: Subject; account: Account }> {
  const data = join(folder, `data-${++serial}`);
  await mkdir(data);
  const words = ['--data', data, '--database', database, '--master-key-file', masterKeyFile];
  const server = await start([program, ...words, '--wait-ms', `${wait}`, '--lanes', `${lanes}`]);
  await server.printed('ready');
  // Of servers that share a database, the first has the key.
  const account = await readAccount(data).catch(() => undefined);
  return { server, account: account as Account };
}

async function makeDatabase(postgres: PostgresServer, name: string): Promise<string> {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: postgres.urlOf('postgres') });
  await client.connect();
  await client.query(`create database ${name}`);
  await client.end();
  return postgres.urlOf(name);
}

/** Registrations and searches in turn. */
function mixed(account: Account): (i: number) => Shot {
  return (i) =>
    i % 2 === 0
      ? newperson(account)
      : jsonShot('identify', account, { group_id: 'bench', image: Buffer.from(`${i}`).toString('base64') });
}

/** Somebody new, with a picture of their own. */
function newperson(account: Account, personId = `p${process.pid}-${++serial}`): Shot {
  const image = Buffer.from(personId.padEnd(20_000)).toString('base64');
  return jsonShot('newperson', account, { person_id: personId, group_ids: ['bench'], image });
}

/** The statement that getinfo runs, as the store makes it. */
async function statementOfGetinfo(url: string, appid: string): Promise<object> {
  const statements: { sql: string; parameters: readonly unknown[] }[] = [];
  const log = ({ query }: { query: { sql: string; parameters: readonly unknown[] } }) =>
    void statements.push({ sql: query.sql, parameters: query.parameters });
  const masterKey = async () => new MasterKey(keyBytes, 'the benchmark');
  await using stores = await storesOver(await openPostgres({ url, log }), 30_000, { masterKey });
  statements.length = 0;
  await stores.of(appid).findDetails('known');
  if (statements.length !== 1) throw new Error(`getinfo runs ${statements.length} statements`);
  return statements[0]!;
}

async function runBare(url: string, statement: object): Promise<number> {
  const child = spawn(process.execPath, [join(root, 'bench/nodes/bare-pg.ts'), url, `${loops}`, `${ms}`], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  child.stdin.end(JSON.stringify(statement));
  const [said] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return Number(said);
}

function renderHead(): string {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  return `# Servers over one PostgreSQL database

Written by \`node bench/nodes/run.ts\`. Servers, PostgreSQL 18 with durable commits, and the load share the machine's cores: ratios say more than rates.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- commit: ${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src') === '' ? '' : ' with changes in src'}
- date: ${new Date().toISOString().slice(0, 10)}
- load of the machine before and after, our own included: ${loads.map((one) => one.toFixed(1)).join(', ')}`;
}
