/**
 * Measures searches of galleries that are in memory, and of those that are not:
 * `node bench/budget/run.ts --folder /tmp/familiar-budget [--steps fill,ways,budget,graph] [--sizes 20000,400000,5000000]`.
 * The folder keeps the database and the figures between runs, so that the steps may run one by one; the page has those that are there.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeKey } from '../../src/app/first-key.ts';
import type { GalleryQuery, Match, SearchPlace } from '../../src/domain/gallery.ts';
import { graphNameOf } from '../../src/store/dialects/postgres/vectors.ts';
import { MasterKey } from '../../src/store/encryption/master-key.ts';
import { openSharedStores, type Stores } from '../../src/store/open.ts';
import { openIndexSync } from '../../src/sync/index-sync.ts';
import { everybody, makeEmbeddings } from '../identify/fill.ts';
import { createRandom, quantile } from '../statistics.ts';
import { fill, type Registry } from './fill.ts';
import { type Figures, renderPage, type Way } from './page.ts';
import { type Server, startServer } from './server.ts';

const steps = ['fill', 'ways', 'budget', 'graph'] as const;
const { values } = parseArgs({
  options: {
    folder: { type: 'string' },
    steps: { type: 'string', default: steps.join() },
    sizes: { type: 'string', default: '20000,400000,5000000' },
    'graph-max': { type: 'string', default: '400000' },
  },
});
const folder = values.folder ?? '';
if (folder === '') throw new Error('--folder says where the database is kept; it takes 30 GB');

/** As the built-in recogniser's are. */
const dimension = 192;
/** Bytes of a million faces of 200,000 persons, as the budget counts them. */
const bytesOfMillion = 1_000_000 * (dimension * 4 + 36) + 200_000 * 112 + 200 * 1024;
const masterKey = async () => new MasterKey(Buffer.alloc(32, 7), 'the benchmark');
/** How long each measurement takes at most, in milliseconds, and how many searches it makes at least and at most. */
const [spanMs, leastRuns, mostRuns] = [10_000, 3, 200];
/** Probes of which the graph's answers are compared with the exact ones. */
const recallProbes = 100;
const embeddingsOf = makeEmbeddings(dimension);

const registries: readonly Registry[] = values.sizes
  .split(',')
  .map(Number)
  .map((faces) => ({
    appid: `1${String(faces).padStart(9, '0')}`,
    faces,
    model: `sha256:${String(faces).padStart(16, '0')}`,
  }));
mkdirSync(folder, { recursive: true });
const figuresFile = join(folder, 'figures.json');
const figures: Figures = existsSync(figuresFile)
  ? JSON.parse(readFileSync(figuresFile, 'utf8'))
  : { rows: {}, fill: {} };

await using server = await startServer(folder);
figures.version = server.version;
for (const step of values.steps.split(',')) {
  const begun = performance.now();
  if (step === 'fill') await fillAll(server);
  else if (step === 'ways') for (const registry of registries) await measureWays(server, registry);
  else if (step === 'budget') await measureBudget(server);
  else if (step === 'graph') {
    for (const registry of registries)
      if (registry.faces <= Number(values['graph-max'])) await measureGraph(server, registry);
  } else throw new Error(`there is no step ${step}: ${steps.join(', ')}`);
  say(`${step}: ${((performance.now() - begun) / 1000).toFixed(0)} s`);
  save();
}
console.log(renderPage(figures, dimension, bytesOfMillion));

/** So that a run that is ended early is not for nothing. */
function save(): void {
  writeFileSync(figuresFile, JSON.stringify(figures, undefined, 2));
}

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function fillAll(to: Server): Promise<void> {
  {
    await using stores = await openSharedStores({ url: to.url, masterKey });
    await stores.vectors?.on('exact');
  }
  for (const registry of registries) {
    const { appid, faces } = registry;
    const [there] = await to.ask(`select from groups where appid = '${appid}'`);
    if (there !== undefined) continue;
    {
      await using stores = await openSharedStores({ url: to.url, masterKey });
      await stores.keys.addKey({ ...makeKey(0), appid }, []);
    }
    const [row] = await to.ask(`select wrapped from data_keys where appid = '${appid}'`);
    const dataKey = (await masterKey()).unwrap(appid, row?.wrapped as Uint8Array);
    const begun = performance.now();
    await fill(to, registry, dataKey, dimension);
    figures.fill[faces] = (performance.now() - begun) / 1000;
    say(`${faces} faces are written`);
  }
  await to.ask('vacuum analyze');
}

/** Sets how the database is searched, past the switch, which would write or delete vectors. */
async function setState(to: Server, state: string): Promise<void> {
  await to.ask(`update vector_search set state = '${state}'`);
}

async function measureWays(of: Server, registry: Registry): Promise<void> {
  const { appid, faces, model } = registry;
  await using stores = await openSharedStores({ url: of.url, masterKey });
  const before = process.memoryUsage().rss;
  const begun = performance.now();
  await using sync = await openIndexSync({
    stores: only(stores, appid),
    analyzer: { model, dimension },
    onFault: (error) => {
      throw error;
    },
  });
  await sync.ready;
  const loadSeconds = (performance.now() - begun) / 1000;
  const bytes = process.memoryUsage().rss - before;
  figures.load = { ...figures.load, [faces]: { seconds: loadSeconds, bytes, machineLoad: loadavg()[0]! } };
  const held = sync.galleryOf(appid);
  const search = stores.searchOf(appid);
  await note(faces, 'memory', (query) => held.nearest(query));
  await setState(of, 'off');
  await note(faces, 'streaming', (query) => search.nearest(query, model), held.nearest);
  await setState(of, 'exact');
  await note(faces, 'pgvector, exact', (query) => search.nearest(query, model), held.nearest);
}

/** A register in which one appid alone is loaded at the start. */
function only(stores: Stores, appid: string): Stores {
  return { ...stores, appids: async () => [appid] };
}

type Search = (query: GalleryQuery) => Promise<readonly (readonly Match[])[]>;

/** Times a way; its answers must be those of another one, and find the person. */
async function note(faces: number, way: Way, search: Search, same?: Search): Promise<void> {
  const times = await timesOf(faces, way, search, same);
  const machineLoad = loadavg()[0]!;
  const row = { median: quantile(times, 0.5), p95: quantile(times, 0.95), runs: times.length, machineLoad };
  figures.rows[faces] = { ...figures.rows[faces], [way]: row };
  say(`${faces} ${way}: ${row.median.toFixed(1)} ms (${row.runs})`);
  save();
}

async function timesOf(faces: number, way: Way, search: Search, same?: Search): Promise<number[]> {
  const times: number[] = [];
  const begun = performance.now();
  for (let i = -1; i < mostRuns && (i < leastRuns || performance.now() - begun < spanMs); i++) {
    const { query, personId } = probeOf(faces, i + 1);
    const start = performance.now();
    const found = await search(query);
    // The first one reads what is cold.
    if (i >= 0) times.push(performance.now() - start);
    // The graph may miss somebody, which its recall tells.
    if (found[0]?.[0]?.personId !== personId && way !== 'pgvector, HNSW') throw new Error(`${personId} is not found`);
    if (same !== undefined && JSON.stringify(await same(query)) !== JSON.stringify(found))
      throw new Error('another answer');
  }
  return times;
}

/**
 * Another picture of one of the persons. Those who are made up are alike again after 400,009 of them: then the one with the
 * lowest ids is found first, and it is from these that probes are made.
 */
function probeOf(faces: number, number: number): { readonly query: GalleryQuery; readonly personId: string } {
  const random = createRandom(number + 1);
  const person = Math.floor(random() * Math.min(faces / 5, 400_000));
  const [known] = embeddingsOf(person);
  const probe = known!.map((value) => value + (0.6 * (random() * 2 - 1)) / Math.sqrt(dimension / 3));
  const length = Math.sqrt(probe.reduce((sum, value) => sum + value * value, 0));
  const query = { probes: [probe.map((value) => value / length)], groupIds: [everybody], count: 5 };
  return { query, personId: `person-${person}` };
}

async function measureGraph(of: Server, { appid, faces, model }: Registry): Promise<void> {
  await using stores = await openSharedStores({ url: of.url, masterKey });
  const search = stores.searchOf(appid);
  const name = graphNameOf(model, dimension);
  // An index of an earlier run is not made again, nor is what it finds looked at again.
  const [isThere] = await of.ask(`select from pg_class where relname = '${name}'`);
  const known = isThere !== undefined ? figures.graph?.[faces] : undefined;
  const begun = performance.now();
  await of.ask(
    `create index if not exists ${name} on vectors using hnsw ((cast(embedding as vector(${dimension}))) vector_ip_ops) where model = '${model}'`,
  );
  const seconds = (performance.now() - begun) / 1000;
  const [size] = await of.ask(`select pg_relation_size('${name}') as bytes`);
  await setState(of, 'hnsw');
  await note(faces, 'pgvector, HNSW', (query) => search.nearest(query, model));
  if (known !== undefined) return;
  let [found, all, persons] = [0, 0, 0];
  for (let i = 0; i < recallProbes; i++) {
    const { query, personId } = probeOf(faces, 1_000 + i);
    await setState(of, 'hnsw');
    const byGraph = (await search.nearest(query, model))[0]!;
    if (byGraph[0]?.personId === personId) persons += 1;
    const near = new Set(byGraph.map(({ faceId }) => faceId));
    await setState(of, 'exact');
    const right = (await search.nearest(query, model))[0]!;
    found += right.filter(({ faceId }) => near.has(faceId)).length;
    all += right.length;
  }
  figures.graph = {
    ...figures.graph,
    [faces]: { seconds, bytes: Number(size?.bytes), found, all, persons, probes: recallProbes },
  };
  save();
}

/** A server that may hold a million faces, over all registries. */
async function measureBudget(of: Server): Promise<void> {
  await setState(of, 'off');
  await using stores = await openSharedStores({ url: of.url, masterKey });
  const before = process.memoryUsage().rss;
  const places: Record<string, SearchPlace> = {};
  const held: Record<string, number> = {};
  const beside: Record<string, number> = {};
  const synced = registries.map(({ model }) => model);
  // Each registry has a model of its own; a server has one for all.
  const model = (appid: string) => synced[registries.findIndex((registry) => registry.appid === appid)]!;
  const feeds: Stores = {
    ...stores,
    appids: async () => registries.map(({ appid }) => appid).reverse(),
    feedOf: (appid) => {
      const feed = stores.feedOf(appid);
      return {
        position: () => feed.position(),
        prune: (position) => feed.prune(position),
        since: (position) => feed.since(position, model(appid)),
        contents: (_, size) => feed.contents(model(appid), size),
      };
    },
    searchOf: (appid) => {
      const search = stores.searchOf(appid);
      return { nearest: (query) => search.nearest(query, model(appid)), size: () => search.size(model(appid)) };
    },
  };
  await using sync = await openIndexSync({
    stores: feeds,
    analyzer: { model: 'any', dimension },
    bytesMax: bytesOfMillion,
    onFault: (error) => say(String(error)),
  });
  const ready = performance.now();
  await sync.ready;
  const readySeconds = (performance.now() - ready) / 1000;
  const fits = registries.filter(({ faces }) => faces <= 1_000_000);
  while (sync.size().galleries < fits.length) await new Promise((resolve) => setTimeout(resolve, 100));
  const searched = async ({ appid, faces }: Registry, number: number) => {
    const { query, personId } = probeOf(faces, number);
    const onSearched = (place: SearchPlace): void => {
      places[faces] = place;
    };
    const [found] = await sync.galleryOf(appid).nearest({ ...query, onSearched });
    if (found?.[0]?.personId !== personId) throw new Error(`${personId} is not found`);
  };
  for (const registry of registries) await searched(registry, 7);
  const time = async (registry: Registry, into: Record<string, number>) => {
    const times = await timesOf(registry.faces, 'memory', (query) => sync.galleryOf(registry.appid).nearest(query));
    into[registry.faces] = quantile(times, 0.5);
  };
  for (const registry of fits) await time(registry, held);
  let isOver = false;
  const large = registries.find(({ faces }) => faces > 1_000_000);
  const streaming = (async () => {
    for (let i = 0; large !== undefined && !isOver; i++) await searched(large, i);
  })();
  for (const registry of fits) await time(registry, beside);
  isOver = true;
  await streaming;
  const { faces, sharedBytes } = sync.size();
  figures.budget = { readySeconds, places, held, beside, faces, sharedBytes, rss: process.memoryUsage().rss - before };
}
