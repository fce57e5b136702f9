/**
 * Asks: how fast is identify over HTTP as the register grows, alone and beside registrations, and how fast is the index
 * filled? Writes `bench/results/identify.md`: `node bench/identify/run.ts [faces …]`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { modelsFolder, openData, openSight } from '../../src/app/create-app.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { openFollower } from '../../src/app/follower.ts';
import { readSettings, type Settings } from '../../src/app/settings.ts';
import type { Key } from '../../src/auth/keys.ts';
import { sign } from '../../src/auth/signature.ts';
import { type Load, load, median, type Shot } from '../load.ts';
import { type Subject, start } from '../process.ts';
import { everybody, fill } from './fill.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = join(root, 'bench', 'results', 'identify.md');
const sizes = process.argv.length > 2 ? process.argv.slice(2).map(Number) : [1_000, 100_000];
const sample = await readFile(join(root, 'node_modules/@vladmandic/face-api/demo/sample3.jpg'));
/** Connections that identify, and that register beside them. */
const [identifiers, registrars] = [4, 10];
const loadMs = 15_000;
const say = (text: string): void => console.log(text);

/** What was measured of a register. */
interface Row {
  readonly faces: number;
  readonly fillSeconds: number;
  readonly indexSeconds: number;
  readonly pauseMs: number;
  readonly megabytes: number | undefined;
  readonly alone: Measured;
  readonly beside: Measured & { readonly registrations: number };
}

/** A load, and what its searches took by the server's own log. */
interface Measured extends Load {
  readonly searchMs: number;
}

const models = await mkdtemp(join(tmpdir(), 'familiar-models-'));
const { model, dimension } = await lookOnce();
const rows: Row[] = [];
for (const faces of sizes) rows.push(await measure(faces));
await writeFile(page, renderPage(rows));
await rm(models, { recursive: true });
say(`written: ${page}`);

async function lookOnce(): Promise<{ model: string; dimension: number }> {
  await using eyes = await openSight(readSettings({ data: models, workers: 1 }, undefined, {}));
  return { model: eyes.model, dimension: eyes.dimension };
}

async function measure(faces: number): Promise<Row> {
  const data = await mkdtemp(join(tmpdir(), 'familiar-bench-'));
  await symlink(join(models, modelsFolder), join(data, modelsFolder));
  const key = makeKey(0);
  say(`${faces} faces: filling the register`);
  const filled = await fillAndLoad(readSettings({ data }, undefined, {}), key, faces);
  say(`filled in ${filled.fillSeconds.toFixed(0)} s, index in ${filled.indexSeconds.toFixed(2)} s; serving`);
  const served = await serve(data, key);
  await rm(data, { recursive: true });
  return { faces, ...filled, ...served };
}

async function serve(data: string, key: Key): Promise<Pick<Row, 'alone' | 'beside' | 'megabytes'>> {
  const words = ['serve', '--port', '0', '--data', data, '--persons-per-group-max', '1000000000'];
  await using server = await start([join(root, 'src/main.ts'), ...words]);
  await server.printed('ready');
  await load(server.url, 1, { calls: 5 }, () => identifyShot(key));
  const alone = await identifying(server, key);
  say(`alone: ${alone.perSecond.toFixed(1)} a second; beside ${registrars} streams of newperson`);
  let going = true;
  let registrations = 0;
  const streams = Array.from({ length: registrars }, async (_, lane) => {
    for (let i = 0; going; i++, registrations++) {
      await load(server.url, 1, { calls: 1 }, () => newpersonShot(key, `new-${lane}-${i}`));
    }
  });
  const beside = await identifying(server, key);
  going = false;
  const perSecond = registrations / (loadMs / 1000);
  await Promise.all(streams);
  return { alone, beside: { ...beside, registrations: perSecond }, megabytes: await server.memory() };
}

async function fillAndLoad(settings: Settings, key: Key, faces: number) {
  await using stores = await openData(settings);
  await stores.keys.addKey(key, []);
  const begun = performance.now();
  await fill(stores, { appid: key.appid, faces, model, dimension });
  const fillSeconds = (performance.now() - begun) / 1000;
  await stores.feedOf(key.appid).forget(await stores.feedOf(key.appid).position());
  const pauses = monitorEventLoopDelay({ resolution: 1 });
  const opened = performance.now();
  await using follower = await openFollower({
    stores,
    eyes: { model, dimension },
    onFault: (error) => {
      throw error;
    },
  });
  pauses.enable();
  await follower.ready;
  pauses.disable();
  return { fillSeconds, indexSeconds: (performance.now() - opened) / 1000, pauseMs: pauses.max / 1e6 };
}

async function identifying(server: Subject, key: Key): Promise<Measured> {
  const before = server.log().length;
  const measured = await load(server.url, identifiers, { ms: loadMs }, () => identifyShot(key));
  const lines = server.log().slice(before);
  const calls = lines.map((line) => JSON.parse(line) as { endpoint?: string; stages: Record<string, number> });
  const searches = calls.filter(({ endpoint }) => endpoint === 'identify').map(({ stages }) => stages.search ?? 0);
  return { ...measured, searchMs: median(searches) };
}

function identifyShot(key: Key): Shot {
  return shot('identify', key, { group_id: everybody });
}

function newpersonShot(key: Key, personId: string): Shot {
  return shot('newperson', key, { person_id: personId, 'group_ids[0]': everybody });
}

function shot(endpoint: string, key: Key, fields: Readonly<Record<string, string>>): Shot {
  const texts = Object.entries({ appid: key.appid, ...fields }).map(
    ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = '--b\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n';
  const body = Buffer.concat([Buffer.from(texts.join('') + head), sample, Buffer.from('\r\n--b--\r\n')]);
  const madeAt = Math.floor(Date.now() / 1000);
  const claim = { appid: key.appid, secretId: key.secretId, madeAt, expires: madeAt + 3600 };
  const headers = { authorization: sign(claim, key.secretKey), 'content-type': 'multipart/form-data; boundary=b' };
  return { path: `/face/${endpoint}`, headers, body };
}

function renderPage(rows: readonly Row[]): string {
  const count = (value: number) => value.toLocaleString('en');
  const line = (cells: readonly (string | number)[]) => `| ${cells.join(' | ')} |`;
  const figures = ({ perSecond, p50, p99, searchMs }: Measured) => [
    perSecond.toFixed(1),
    p50.toFixed(0),
    p99.toFixed(0),
    searchMs.toFixed(1),
  ];
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  return `# Identify over HTTP

Written by \`node bench/identify/run.ts ${sizes.join(' ')}\`. One picture of 1920 × 1350 a call, searched for among every face of the register: made-up people of
five faces each, all in one group. ${identifiers} connections identify; "beside" means while ${registrars} others register persons without rest. The load comes from the same machine.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}; other work was running on it
- commit: ${git('rev-parse', '--short', 'HEAD')}
- date: ${new Date().toISOString().slice(0, 10)}
- embeddings: ${dimension} elements

| faces | | calls a second | p50 ms | p99 ms | search, median ms |
|---|---|---|---|---|---|
${rows
  .flatMap(({ faces, alone, beside }) => [
    line([count(faces), 'alone', ...figures(alone)]),
    line([count(faces), `beside ${beside.registrations.toFixed(1)} registrations a second`, ...figures(beside)]),
  ])
  .join('\n')}

"search" is from the embedding to the candidates, the look at the feed and the wait for a turn included. The rest of a call is the networks'.

## From the register to the index

| faces | written through the store, s | index filled, s | faces a second | longest pause of the main thread, ms | resident after all, MB |
|---|---|---|---|---|---|
${rows
  .map(({ faces, fillSeconds, indexSeconds, pauseMs, megabytes }) =>
    line([
      count(faces),
      fillSeconds.toFixed(0),
      indexSeconds.toFixed(2),
      count(Math.round(faces / indexSeconds)),
      pauseMs.toFixed(0),
      megabytes?.toFixed(0) ?? 'not told',
    ]),
  )
  .join('\n')}
`;
}
