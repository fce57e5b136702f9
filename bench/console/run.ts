/**
 * Measures the console over a register of 200,000 persons: every operation and every page of it, what a visitor costs the API, and what the
 * console costs without one. `node bench/console/run.ts [persons]` writes bench/results/console.md in some minutes; it needs Chromium and a
 * console that is built (`npm run console`).
 */
import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { cpus, loadavg, totalmem } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { findRunning } from '../../src/app/running.ts';
import { browserPath } from '../../test/console/browser.ts';
import { table } from '../../tools/markdown.ts';
import { importNetworks, root } from '../identify/subject.ts';
import { load } from '../load.ts';
import type { Subject } from '../process.ts';
import { jsonShot } from '../shots.ts';
import { median } from '../statistics.ts';
import { personIdOf } from './fill.ts';
import { askings, cursorAt, measureOperations, someone, today } from './operations.ts';
import { measurePages, visits } from './pages.ts';
import { type Operator, prepare, serve, signIn } from './subject.ts';

const persons = Number(process.argv[2] ?? 200_000);
/** Rounds of calls, with a visitor and without in turn, and how long each is, in milliseconds. */
const [rounds, loadMs] = [5, 3_000];
/** How often a visitor opens a page, in milliseconds. */
const pageEveryMs = 1_000;
const say = (text: string): void => console.log(text);

if (browserPath === undefined) throw new Error('Chromium is needed: apt-get install chromium');
await using networks = await importNetworks();
say(`registering ${persons} persons`);
await using register = await prepare(networks, persons);
const { appid } = register.key;
let results: Awaited<ReturnType<typeof measure>>;
{
  await using server = await serve(register.data);
  results = await measure(server);
}
say('memory without a visitor');
const memory = await measureMemory();
const page = render(results, memory);
await writeFile(join(root, 'bench', 'results', 'console.md'), page);
say(page);

async function measure(server: Subject) {
  const adminUrl = (await findRunning(register.data))!.adminUrl!;
  const operator = await signIn(adminUrl, register);
  say('operations');
  const operations = await measureOperations(register, operator);
  say('pages');
  const pages = await measurePages(register, adminUrl, operator);
  say('calls beside a visitor');
  const calls = await measureCalls(server, operator);
  return { operations, pages, calls };
}

/** Calls a second with a visitor who opens a page each second, and without one, in turn. */
async function measureCalls(server: Subject, operator: Operator) {
  const shot = (i: number) =>
    jsonShot('getinfo', register.key, { person_id: personIdOf(someone(register, 1_000 + i)) });
  const shots = Array.from({ length: 1_000 }, (_, i) => shot(i));
  const [alone, beside]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round += 1) {
    for (const isVisited of [false, true]) {
      const stopping = new AbortController();
      const visitor = isVisited ? visit(operator, stopping.signal) : undefined;
      const { perSecond } = await load(server.url, 32, { ms: loadMs }, (i) => shots[i % shots.length]!);
      stopping.abort();
      await visitor;
      // The first round warms up.
      if (round > 0) (isVisited ? beside : alone).push(perSecond);
    }
  }
  return { alone, beside };
}

/** Opens pages as somebody who searches does: a list with the pictures of a screen, a person, and back. */
async function visit({ ask, cropMs }: Operator, signal: AbortSignal): Promise<void> {
  for (let i = 0; !signal.aborted; i += 1) {
    const next = wait(pageEveryMs, undefined, { signal }).catch(() => {});
    const list = await ask('register.persons', { appid, cursor: cursorAt(someone(register, i * 50)) });
    const faces = (list.persons as { face: string }[]).slice(0, 12);
    await Promise.all(faces.map(({ face }) => cropMs(face)));
    const person = personIdOf(someone(register, i));
    const parts = ['register.person', 'register.faces', 'register.groupsOf', 'register.history'] as const;
    await Promise.all(parts.map((name) => ask(name, { appid, person })));
    await next;
  }
}

interface Memory {
  readonly live: number;
  readonly resident: number;
}

async function measureMemory(): Promise<{ readonly bare: readonly Memory[]; readonly whole: readonly Memory[] }> {
  const script = join(root, 'bench/console/listener.ts');
  const measured = { bare: [] as Memory[], whole: [] as Memory[] };
  for (let round = 0; round < rounds; round += 1) {
    for (const kind of ['bare', 'whole'] as const) {
      measured[kind].push(
        JSON.parse(execFileSync(process.execPath, ['--expose-gc', script, kind], { encoding: 'utf8' })),
      );
    }
  }
  return measured;
}

function render(
  { operations, pages, calls }: Awaited<ReturnType<typeof measure>>,
  { bare, whole }: Awaited<ReturnType<typeof measureMemory>>,
): string {
  const ms = (values: readonly number[]) => [median(values).toFixed(1), Math.max(...values).toFixed(1)];
  const ratio = median(calls.beside.map((rate, i) => rate / calls.alone[i]!));
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  const megabytes = (of: readonly Memory[], key: keyof Memory) => median(of.map((one) => one[key])) / 1_000;
  const more = (key: keyof Memory) => (megabytes(whole, key) - megabytes(bare, key)).toFixed(1);
  const slowest = Math.max(...operations.flatMap((one) => one.ms), ...pages.flatMap((one) => one.ms));
  return `# The console over ${persons.toLocaleString('en')} persons

Written by \`node bench/console/run.ts\`: a register in SQLite, each person with one face and two groups, as many lines in the audit. The
slowest of all answers and pages took ${slowest.toFixed(0)} ms.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; Node ${process.versions.node}; load average ${loadavg()[0]!.toFixed(1)} at the end
- commit: ${git('rev-parse', '--short', 'HEAD')}
- date: ${today()}

## Operations

Over HTTP, one after the other, ${askings} times each, about another person each time.

${table(
  ['what', 'median ms', 'most ms'],
  operations.map(({ title, ms: values }) => [title, ...ms(values)]),
)}

## Pages

In Chromium, ${visits} times each in a new tab: from the address to a page on which nothing is loading any more, its own files and the pictures
that are in view included. Answers and bytes are what the last visit asked the API for, with the pictures that the browser loaded ahead.

${table(
  ['page', 'median ms', 'most ms', 'answers', 'kB'],
  pages.map(({ title, ms: values, answers, bytes }) => [
    title,
    ...ms(values),
    String(answers),
    (bytes / 1_000).toFixed(1),
  ]),
)}

## What a visitor costs the API

getinfo over 32 connections, with a visitor who opens a list with twelve pictures and a person each second, and without one, in turn:
${median(calls.beside).toFixed(0)} calls a second beside ${median(calls.alone).toFixed(0)}, ${(ratio * 100).toFixed(1)} % (median of ${rounds} pairs; the client takes its share of the cores).

## What it costs without a visitor

A process with the stores and a listener, with the console’s files, pages and operations, takes ${more('live')} MB more than one with a listener of
metrics alone (what is alive in its heap and buffers; medians of ${rounds}); resident are ${more('resident')} MB more.
`;
}
