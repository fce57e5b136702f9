/** The page of the figures of searches in memory and in the database. */
import { execFileSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { efSearch } from '../../src/store/dialects/postgres/vectors.ts';
import { table } from '../../tools/markdown.ts';

/** How a gallery is searched. */
export type Way = 'memory' | 'streaming' | 'pgvector, exact' | 'pgvector, HNSW';

/** Milliseconds of single searches, one after the other. */
export interface Times {
  readonly median: number;
  readonly p95: number;
  readonly runs: number;
  /** Processes that wanted to run at once while these were measured, our own included: an average of a minute. */
  readonly machineLoad?: number;
}

/** Everything that was measured so far, by the number of faces. */
export interface Figures {
  version?: string;
  /** Seconds to write them. */
  readonly fill: Record<string, number>;
  readonly rows: Record<string, Partial<Record<Way, Times>>>;
  load?: Record<string, { readonly seconds: number; readonly bytes: number; readonly machineLoad?: number }>;
  graph?: Record<
    string,
    {
      readonly seconds: number;
      readonly bytes: number;
      /** How many of all the right answers were found. */
      readonly found: number;
      readonly all: number;
      /** For how many of the probes the person whose picture it is was found first. */
      readonly persons: number;
      readonly probes: number;
    }
  >;
  budget?: {
    readonly readySeconds: number;
    readonly places: Readonly<Record<string, string>>;
    readonly held: Readonly<Record<string, number>>;
    readonly beside: Readonly<Record<string, number>>;
    readonly faces: number;
    readonly sharedBytes: number;
    readonly rss: number;
  };
}

const ways: readonly Way[] = ['memory', 'pgvector, HNSW', 'pgvector, exact', 'streaming'];

/** The page, in Markdown. */
export function renderPage(
  { version = '', fill, rows, load, graph, budget }: Figures,
  dimension: number,
  budgetBytes: number,
): string {
  const sizes = Object.keys(rows).sort((a, b) => Number(a) - Number(b));
  const parts = [
    `# Searches in memory and in the database

Written by \`node bench/budget/run.ts --folder FOLDER\`. One probe of somebody who is registered, for the five persons nearest to it, one search
after the other; five faces a person, all in one group, ${dimension} numbers a face. Each answer was compared with that of the gallery in memory, and
had to be the same; HNSW's recall is told below. What is missing was not measured.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}; PostgreSQL ${version} on the same machine
- load: how many processes wanted to run at once, our own included, while a row was measured; what was above ${cpus().length} slowed it, so compare within a row
- commit: ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()}
- date: ${new Date().toISOString().slice(0, 10)}

${table(
  ['faces', ...ways.map((way) => `${way}, ms`), 'load'],
  sizes.map((size) => [count(size), ...ways.map((way) => timesOf(rows[size]?.[way])), loadOf(rows[size])]),
)}

Medians; in brackets 95 % and the number of searches.`,
  ];
  if (load !== undefined) {
    parts.push(`## Loading

${table(
  ['faces', 'written by the benchmark, s', 'loaded from PostgreSQL, s', 'faces a second', 'resident more, MB', 'load'],
  Object.entries(load).map(([size, { seconds, bytes, machineLoad }]) => [
    count(size),
    fill[size]?.toFixed(0) ?? '',
    seconds.toFixed(1),
    count(Math.round(Number(size) / seconds)),
    count(Math.round(bytes / 1e6)),
    machineLoad?.toFixed(0) ?? '',
  ]),
)}`);
  }
  if (graph !== undefined) {
    parts.push(`## HNSW

pgvector's index with its default parameters (m 16, ef_construction 64), searched with ef_search ${efSearch}, and the candidates compared exactly.
Recall is the share of the five right answers that it finds. The first of them is the person whose picture the probe is, the others
are strangers, who are made up without any likeness: all are almost equally far from the probe, which is as hard as it can be for a graph.

${table(
  ['faces', 'built in, s', 'size, MB', 'the person found', 'recall of five'],
  Object.entries(graph).map(([size, { seconds, bytes, found, all, persons, probes }]) => [
    count(size),
    seconds < 0.5 ? '' : seconds.toFixed(0),
    count(Math.round(bytes / 1e6)),
    `${persons} of ${probes}`,
    `${((100 * found) / all).toFixed(1)} % of ${count(all)}`,
  ]),
)}`);
  }
  if (budget !== undefined) {
    parts.push(`## A budget for a million faces

All registries above on one server with \`--index-memory ${budgetBytes}\`, what a million faces of 200,000 persons take. It was ready after ${budget.readySeconds.toFixed(1)} s, held ${count(budget.faces)} faces in
${count(Math.round(budget.sharedBytes / 1e6))} MB of shared memory, and had ${count(Math.round(budget.rss / 1e6))} MB more resident at the end than before it was opened. "Beside": while the largest is searched in the database without a pause, by reading its rows.

${table(
  ['faces', 'searched in', 'median, ms', 'beside, ms'],
  Object.entries(budget.places).map(([size, place]) => [
    count(size),
    place,
    budget.held[size]?.toFixed(1) ?? '',
    budget.beside[size]?.toFixed(1) ?? '',
  ]),
)}`);
  }
  return `${parts.join('\n\n')}\n`;
}

/** The least and the most. */
function loadOf(row: Partial<Record<Way, Times>> = {}): string {
  const loads = Object.values(row).flatMap(({ machineLoad }) => machineLoad ?? []);
  if (loads.length === 0) return '';
  const [least, most] = [Math.min(...loads).toFixed(0), Math.max(...loads).toFixed(0)];
  return least === most ? most : `${least} to ${most}`;
}

function timesOf(times: Times | undefined): string {
  if (times === undefined) return '';
  const digits = times.median < 10 ? 1 : 0;
  return `${times.median.toFixed(digits)} (${times.p95.toFixed(digits)}; ${times.runs})`;
}

function count(value: number | string): string {
  return Number(value).toLocaleString('en');
}
