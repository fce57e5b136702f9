/** Writes figures into docs/reliability.md. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';
import { replacePart } from '../../tools/parts.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = fileURLToPath(new URL('../../docs/reliability.md', import.meta.url));

/** The machine, as one phrase. */
export function machine(): string {
  return `${cpus()[0]!.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.versions.node}`;
}

/** What was run and when, as one phrase. */
export function commit(): string {
  const git = (...words: string[]): string => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  const changed = git('status', '--porcelain', 'src') === '' ? '' : ' with changes in src';
  return `${git('rev-parse', '--short', 'HEAD')}${changed}, ${new Date().toISOString().slice(0, 10)}`;
}

/** Replaces a part of the page. */
export function writeFigures(part: string, lines: readonly string[]): void {
  writeFileSync(page, replacePart(readFileSync(page, 'utf8'), part, lines.join('\n')));
  console.log(`written: ${page}`);
}

/** The rows of the part `chaos`, by the kind that is their first cell. */
export function readRows(): ReadonlyMap<string, string> {
  const text = readFileSync(page, 'utf8').split(/<!-- \/?chaos -->/)[1] ?? '';
  return new Map([...text.matchAll(/^\| `([\w-]+)` \|.*$/gm)].map(([row, kind]) => [kind!, row]));
}
