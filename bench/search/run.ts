/**
 * Asks: how fast are the nearest of a million faces found, beside reading their memory once and beside other indexes?
 * Writes `bench/results/search.md`: `node bench/search/run.ts [faces] [dimension] [faces of the comparison]`.
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import type { Index, SearchGallery } from '../../src/search/gallery.ts';
import { openIndex } from '../../src/search/open.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { embeddingLength } from '../../src/vision/pipeline/embed.ts';
import { table } from '../../tools/markdown.ts';
import { median, quantile } from '../statistics.ts';
import { type Crowd, embeddingOf, makeCrowd, makeProbes } from './crowd.ts';
import { interleave, number } from './figures.ts';
import { comparePeers } from './peers.ts';
import { Stream } from './stream.ts';

const [faces, dimension] = [Number(process.argv[2] ?? 1_000_000), Number(process.argv[3] ?? embeddingLength)];
/** Building usearch's graph of more takes minutes. */
const facesCompared = Number(process.argv[4] ?? 100_000);
const facesPerPerson = 5;
const personsPerGroup = 20_000;
const threads = availableParallelism();
const rounds = 15;
const page = fileURLToPath(new URL('../results/search.md', import.meta.url));
const git = (...words: string[]): string => execFileSync('git', words, { encoding: 'utf8' }).trim();
const say = (text: string): void => console.log(text);

say(`making up ${faces} faces`);
const crowd = makeCrowd(faces, dimension, facesPerPerson);
const loads = [loadavg()[0]!];
const figures = await measureIndex(crowd);
loads.push(loadavg()[0]!);
const sections = [renderHead(), figures, await comparePeers(crowd, facesCompared, threads)];
await writeFile(page, `${sections.join('\n\n')}\n`);
say(`written: ${page}`);

function renderHead(): string {
  const changed = git('status', '--porcelain', '--', 'src/search') === '' ? '' : ' with changes in src/search';
  return `# Search

Written by \`node bench/search/run.ts ${faces} ${dimension} ${facesCompared}\`. Times are milliseconds; subjects of one table took turns, ${rounds} rounds.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- load of the machine before searching and after it, our own included: ${loads.map(number).join(' and ')}; what was above ${threads} slowed everything, so compare within a table
- commit: ${git('rev-parse', '--short', 'HEAD')}${changed}
- date: ${new Date().toISOString().slice(0, 10)}
- faces: ${number(faces)} of ${dimension} elements, made up, ${facesPerPerson} a person, two of one person alike by 0.6; ${threads} threads search for 5 persons`;
}

async function measureIndex(crowd: Crowd): Promise<string> {
  await using index = await openIndex({ dimension, threads });
  const gallery = index.of('1');
  const loaded = await measureLoad(index, gallery, crowd);
  await using stream = new Stream(faces * dimension * 2, threads);
  return [loaded, await measureSearches(gallery, crowd, stream), await measureChanges(gallery, crowd)].join('\n\n');
}

/** The persons of a crowd as changes: everybody is in `all` and in one smaller group, every tenth in a third. */
function* filing({ faces }: Crowd): Generator<RegistryChange[]> {
  for (let person = 0; person * facesPerPerson < faces; person++) {
    const personId = `person-${person}`;
    const groups = ['all', `part-${Math.floor(person / personsPerGroup)}`];
    if (person % 10 === 0) groups.push('tenth');
    const joins = groups.map((groupId): RegistryChange => ({ kind: 'joinGroup', personId, groupId }));
    const first = person * facesPerPerson;
    const inserts = Array.from({ length: Math.min(facesPerPerson, faces - first) }, (_, i) => insert(first + i));
    yield [...joins, ...inserts];
  }
}

function insert(face: number): RegistryChange {
  const personId = `person-${Math.floor(face / facesPerPerson)}`;
  return { kind: 'insertFace', faceId: `${10n ** 18n + BigInt(face)}`, personId, embedding: embeddingOf(crowd, face) };
}

async function measureLoad(index: Index, gallery: SearchGallery, crowd: Crowd): Promise<string> {
  say('filing them');
  const before = process.memoryUsage();
  const [start, worked] = [performance.now(), process.threadCpuUsage()];
  for (const changes of filing(crowd)) await gallery.apply(changes);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.threadCpuUsage(worked);
  const after = process.memoryUsage();
  const [shared, resident] = [index.size().sharedBytes / faces, (after.rss - before.rss) / faces];
  const allowed = 1.1 * (dimension * 4 + 64);
  return `## Filing

${number(faces / seconds)} faces a second on one thread, ${number((faces / (user + system)) * 1e6)} a second of its own processor time, group memberships included: ${facesPerPerson} faces a person, 2 groups each, every tenth 3.

Memory a face: ${number(resident)} bytes resident in the process, of which ${number(shared)} shared between threads (what is set aside included), for ${dimension * 4} bytes of embedding; ${number(allowed)} are allowed.`;
}

async function measureSearches(gallery: SearchGallery, crowd: Crowd, stream: Stream): Promise<string> {
  say('searching');
  const ask = (probes: number, ...groupIds: string[]) => {
    let seed = 0;
    return () => gallery.nearest({ probes: makeProbes(crowd, probes, ++seed), groupIds, count: 5 });
  };
  const pairs = await interleave(4 * rounds, { read: () => stream.read(), search: ask(1, 'all') });
  const ratios = pairs.search.map((taken, round) => taken / pairs.read[round]!);
  const times = await interleave(rounds, {
    'reading the scanned bytes once': () => stream.read(),
    '1 probe': ask(1, 'all'),
    '2 probes of one picture': ask(2, 'all'),
    '4 probes': ask(4, 'all'),
    '16 probes': ask(16, 'all'),
    '8 searches at once, 1 probe each': () => Promise.all(Array.from({ length: 8 }, ask(1, 'all'))),
    [`1 probe, a group of ${number(personsPerGroup)} persons, all of them secondary members`]: ask(1, 'part-0'),
    '1 probe, a tenth of the persons, spread over the memory': ask(1, 'tenth'),
    '1 probe, 5 groups': ask(1, 'part-0', 'part-1', 'part-2', 'part-3', 'part-4'),
  });
  const read = median(times['reading the scanned bytes once'] ?? []);
  const rows = Object.entries(times).map(([name, taken]) => [
    name,
    number(median(taken)),
    number(quantile(taken, 0)),
    number(quantile(taken, 0.99)),
    number(median(taken) / read),
  ]);
  return `## Searches

${number(faces)} faces, ${number((faces * dimension * 2) / 1e6)} MB of them scanned by a search of all; reading that once is a plain sum by as many threads. One search of one probe right after one reading, ${ratios.length} times: the search took ${number(median(ratios))} times as long (median; quartiles ${number(quantile(ratios, 0.25))} and ${number(quantile(ratios, 0.75))}; best to best ${number(quantile(pairs.search, 0) / quantile(pairs.read, 0))}).

${table(['what', 'median', 'best', 'worst', 'to reading'], rows)}`;
}

async function measureChanges(gallery: SearchGallery, crowd: Crowd): Promise<string> {
  say('changing');
  const faceOf = (i: number) => `${10n ** 18n + BigInt((i * 7919) % faces)}`;
  const kinds: Record<string, (i: number) => RegistryChange[]> = {
    'insert a face': (i) => [
      { kind: 'insertFace', faceId: `${i + 1}`, personId: `person-${i}`, embedding: embeddingOf(crowd, i) },
    ],
    'remove a face': (i) => [{ kind: 'removeFace', faceId: faceOf(i) }],
    'erase a person with all faces': (i) => [{ kind: 'removePerson', personId: `person-${(i * 31) % (faces / 5)}` }],
    'join a group': (i) => [{ kind: 'joinGroup', personId: `person-${i}`, groupId: `new-${i % 100}` }],
  };
  const rows: string[][] = [];
  for (const [name, changesOf] of Object.entries(kinds)) {
    const taken: number[] = [];
    for (let i = 0; i < 5000; i++) {
      const changes = changesOf(i);
      const start = performance.now();
      await gallery.apply(changes);
      taken.push(performance.now() - start);
    }
    rows.push([name, number(median(taken) * 1000), number(quantile(taken, 0.99) * 1000), number(Math.max(...taken))]);
  }
  const { pause, waited, searches } = await measureBoth(gallery, crowd);
  return `## Changes

At ${number(faces)} faces, 5,000 of each, nothing else under way.

${table(['change', 'median, µs', 'p99, µs', 'worst, ms'], rows)}

With 4 clients searching all faces without rest (${number(searches)} searches a second) and 10 filing one person after the other: a change waited ${number(median(waited))} ms (median; p99 ${number(quantile(waited, 0.99))}) for slices of searches to end, and the main thread never paused for more than ${number(pause)} ms.`;
}

/** Searches and changes at once, for three seconds. */
async function measureBoth(gallery: SearchGallery, crowd: Crowd) {
  const until = performance.now() + 3000;
  const delay = monitorEventLoopDelay({ resolution: 1 });
  const waited: number[] = [];
  let [searches, persons] = [0, 0];
  const search = async (): Promise<void> => {
    for (; performance.now() < until; searches++) {
      await gallery.nearest({ probes: makeProbes(crowd, 1, searches + 1), groupIds: ['all'], count: 5 });
    }
  };
  const file = async (): Promise<void> => {
    while (performance.now() < until) {
      const personId = `late-${++persons}`;
      const embedding = embeddingOf(crowd, persons);
      const start = performance.now();
      await gallery.apply([
        { kind: 'joinGroup', personId, groupId: 'all' },
        { kind: 'insertFace', faceId: `${2n ** 62n + BigInt(persons)}`, personId, embedding },
      ]);
      waited.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  delay.enable();
  await Promise.all([...Array.from({ length: 4 }, search), ...Array.from({ length: 10 }, file)]);
  delay.disable();
  return { pause: delay.max / 1e6, waited, searches: searches / 3 };
}
