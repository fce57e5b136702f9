/** Runs inside instrumented code, in every thread and process of a test, and records which places were reached. */
import { appendFileSync } from 'node:fs';

const seen = new Map<string, Set<string>>();

/**
 * Records that places of a file were reached. It writes at once, since threads and processes may be ended at any time.
 * @param log the file to append to.
 * @param file the file that is covered.
 * @param ids the mutants whose place this is.
 */
export function cover(log: string, file: string, ids: Iterable<string>): void {
  let known = seen.get(file);
  if (known === undefined) {
    known = new Set();
    seen.set(file, known);
  }
  for (const id of ids) {
    if (known.has(id)) continue;
    known.add(id);
    appendFileSync(log, `${file} ${id}\n`);
  }
}
