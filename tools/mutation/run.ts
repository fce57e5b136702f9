/** `npm run mutation`: makes small changes to the code and lists those that no test notices. */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism } from 'node:os';
import { join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { replacePart } from '../parts.ts';
import { harmless } from './harmless.ts';
import { measuredLayers } from './layers.ts';
import { measure } from './measure.ts';
import { describe } from './mutants.ts';
import { renderScores } from './page.ts';
import { createProgress } from './progress.ts';
import { isNoticed, isReached, percentInterval, type Result, scoreOf } from './score.ts';

const help = `npm run mutation -- [options] [layer or path …]

Changes the code in small ways, one at a time, in a copy of the repository, and runs the tests of the changed layer that
reach the place. A change that no test notices is printed: it wants a test, or a line in tools/mutation/harmless.ts.
Results are kept under node_modules/.cache, so that the next run tries only what is new: mutants of files that changed,
against tests that changed. Changes of other files of src/ are not looked at; --fresh tries everything.

Layers: ${measuredLayers.map(({ name, goal }) => `${name} (${goal} %)`).join(', ')}.
Without one all are measured, and docs/tests.md is written.

  --sample <n>   try so many mutants of each layer, drawn at random, and say how sure the score is
  --seed <n>     draw others (1)
  --jobs <n>     try so many at once (${availableParallelism()}, the processors of this machine)
  --fresh        forget what earlier runs found
  --help         print this

Exits with 1 if a layer notices fewer mutants than its goal, with 2 if it could not run.`;

const root = fileURLToPath(new URL('../../', import.meta.url));
const { version } = createRequire(import.meta.url)('@stryker-mutator/instrumenter/package.json') as { version: string };

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      sample: { type: 'string' },
      seed: { type: 'string', default: '1' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      fresh: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(help);
    return 0;
  }
  const names = positionals.filter((word) => measuredLayers.some(({ name }) => name === word));
  const paths = positionals.filter((word) => !names.includes(word)).map((path) => normalize(path).replace(/\/$/, ''));
  const sample = values.sample === undefined ? undefined : count('--sample', values.sample);
  const progress = createProgress(process.stderr);
  const results = await measure({
    root,
    layers: names.length === 0 ? measuredLayers : measuredLayers.filter(({ name }) => names.includes(name)),
    harmless,
    paths,
    ...(sample !== undefined && { sample }),
    seed: count('--seed', values.seed),
    jobs: count('--jobs', values.jobs),
    memory: join(root, 'node_modules', '.cache', 'mutation', `results-${version}.jsonl`),
    fresh: values.fresh,
    ...progress,
  });
  const measured = results.filter(({ total }) => total > 0);
  if (measured.length === 0) throw new Error(`Nothing to change in ${positionals.join(' ')}.`);
  for (const result of measured) print(result);
  if (positionals.length === 0) {
    const page = join(root, 'docs', 'tests.md');
    const command = `npm run mutation${sample === undefined ? '' : ` -- --sample ${sample}`}`;
    writeFileSync(page, replacePart(readFileSync(page, 'utf8'), 'scores', renderScores(results, command)));
  }
  return measured.every(isReached) ? 0 : 1;
}

function print(result: Result): void {
  const { name, goal, total, tried, leftOut } = result;
  const missed = tried.filter((one) => !isNoticed(one));
  const [low, high] = percentInterval(tried.length - missed.length, tried.length);
  const sure = tried.length < total ? ` (95 % interval ${low.toFixed(1)}–${high.toFixed(1)} %)` : '';
  const { byRule, byCompiler, harmless } = leftOut;
  for (const { mutant, fate } of missed.toSorted((a, b) => compare(describe(a.mutant), describe(b.mutant))))
    console.log(`${describe(mutant)}${fate === 'unreached' ? ' (no test reaches it)' : ''}`);
  console.log(
    `${name}: ${scoreOf(result).toFixed(1)} % of ${tried.length}${tried.length < total ? ` of ${total}` : ''} mutants noticed${sure}, goal ${goal} %; ` +
      `left out: ${byCompiler} by the compiler, ${byRule} by rule, ${harmless} harmless`,
  );
}

function compare(a: string, b: string): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function count(flag: string, text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new Error(`${flag} takes a whole number above 0, not ${text}.`);
  return Number(text);
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
try {
  process.exitCode = await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}
