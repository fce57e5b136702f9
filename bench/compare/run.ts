/**
 * Asks: is anything slower than it was? Runs the server and the search of two checkouts side by side, the two taking turns, and
 * prints a page: `node bench/compare/run.ts --before <folder> [--after <folder>] [--rounds 40] [--faces 200000] [http] [search]`.
 *
 * A checkout is a folder of the repository at some commit, with `node_modules`: `git worktree add <folder> <commit>`.
 */
import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { table } from '../../tools/markdown.ts';
import { number } from '../search/figures.ts';
import { median, quantileInterval } from '../statistics.ts';
import { compareHttp } from './http.ts';
import { compareSearch } from './search.ts';
import type { Pairs, Sides } from './sides.ts';

const { values, positionals } = parseArgs({
  options: {
    before: { type: 'string' },
    after: { type: 'string', default: fileURLToPath(new URL('../../', import.meta.url)) },
    rounds: { type: 'string', default: '40' },
    faces: { type: 'string', default: '200000' },
  },
  allowPositionals: true,
});
const parts: Readonly<Record<string, (checkouts: Sides<string>, rounds: number) => Promise<Pairs>>> = {
  http: compareHttp,
  search: (checkouts, rounds) => compareSearch(checkouts, rounds, Number(values.faces)),
};
if (values.before === undefined) throw new Error('give --before, a checkout of the commit to compare with');
const unknown = positionals.filter((name) => !(name in parts));
if (unknown.length > 0)
  throw new Error(`there is no ${unknown.join(', ')}; there are: ${Object.keys(parts).join(', ')}`);

const checkouts: Sides<string> = { before: resolve(values.before), after: resolve(values.after) };
const rounds = Number(values.rounds);
const loads = [loadavg()[0]!];
const sections: string[] = [];
for (const [name, compare] of Object.entries(parts)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  sections.push(`## ${name}`, render(await compare(checkouts, rounds)));
  loads.push(loadavg()[0]!);
}
console.log([renderHead(), ...sections].join('\n\n'));

function renderHead(): string {
  return `# Before and after

Written by \`node bench/compare/run.ts\`: ${rounds} rounds; in each, every measure is taken on both sides, and the side that begins changes from
round to round. A ratio above 1 is slower, or more memory. It is the median of the rounds' ratios, with its 95 % interval by order statistics.

- before: ${commitOf(checkouts.before)}
- after: ${commitOf(checkouts.after)}
- machine: ${cpus()[0]?.model.trim()}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- load of the machine before and after, our own included: ${loads.map(number).join(', ')}
- date: ${new Date().toISOString().slice(0, 10)}`;
}

function render(pairs: Pairs): string {
  const rows = Object.entries(pairs).map(([name, { before, after }]) => {
    const ratios = after.map((value, round) => value / before[round]!);
    const { low, high } = quantileInterval(ratios, 0.5);
    return [
      name,
      number(median(before)),
      number(median(after)),
      median(ratios).toFixed(3),
      `${low.toFixed(3)} to ${high.toFixed(3)}`,
    ];
  });
  return table(['what', 'before', 'after', 'after to before', '95 % interval'], rows);
}

function commitOf(checkout: string): string {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: checkout, encoding: 'utf8' }).trim();
  return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src') === '' ? '' : ' with changes in src'}`;
}
