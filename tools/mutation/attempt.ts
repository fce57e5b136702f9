/** Tries one mutant: runs the tests that reach it, the quickest first, until one fails. */
import { type Digests, digestOf } from './digests.ts';
import type { Memory } from './memory.ts';
import { type Mutant, type MutatedFile, mutate } from './mutants.ts';
import type { Observed } from './observe.ts';
import type { Plan } from './plan.ts';
import type { Run, Sandbox } from './sandbox.ts';
import type { Tried } from './score.ts';

/** A mutant with the test files that are still to be run against it, the quickest first. */
export interface Attempt {
  readonly file: MutatedFile;
  readonly mutant: Mutant;
  readonly tests: readonly { readonly name: string; readonly ms: number; readonly key: string }[];
}

/**
 * The result of earlier runs for a mutant: its fate, or the tests that are left to run. An outcome is used again while
 * the mutated file, the test file, and all that this refers to under `test/` are as they were.
 * @param observed the runs of the layer's test files without a mutant.
 */
export function recall(
  mutant: Mutant,
  { files }: Plan,
  observed: ReadonlyMap<string, Observed>,
  digests: Digests,
  memory: Memory,
): Tried | Attempt {
  const file = files.find(({ file }) => file === mutant.file);
  if (file === undefined) throw new Error(`${mutant.file} is not a file of this layer`);
  const change = [file.file, digestOf(file.text), mutant.start, mutant.end, mutant.replacement];
  const reaching = [...observed]
    .filter(([, { reached }]) => reached[file.file]?.includes(mutant.id))
    .map(([name, { ms }]) => {
      const key = digestOf([change, name, digests.of(name, (other) => other.startsWith('test/'))]);
      return { name, ms, key, outcome: memory.get<Run['outcome']>(key) };
    })
    .sort((a, b) => a.ms - b.ms);
  if (reaching.length === 0) return { mutant, fate: 'unreached' };
  const noticed = reaching.find(({ outcome }) => outcome === 'failed' || outcome === 'late');
  if (noticed !== undefined) return { mutant, fate: noticed.outcome === 'late' ? 'late' : 'killed', by: noticed.name };
  const tests = reaching.filter(({ outcome }) => outcome === undefined);
  return tests.length === 0 ? { mutant, fate: 'survived' } : { file, mutant, tests };
}

/**
 * Writes the mutant into the copy and runs the tests that are left.
 * @param graceMs what a test is given beyond the time that it takes without a mutant, five times over: other work may
 *   run on the machine.
 */
export async function attempt(
  sandbox: Sandbox,
  { file, mutant, tests }: Attempt,
  memory: Memory,
  graceMs: number,
): Promise<Tried> {
  sandbox.write(file.file, mutate(file.text, mutant));
  try {
    for (const { name, ms, key } of tests) {
      const { outcome } = await sandbox.run(name, ms * 5 + graceMs);
      sandbox.repair();
      memory.put(key, outcome);
      if (outcome !== 'passed') return { mutant, fate: outcome === 'late' ? 'late' : 'killed', by: name };
    }
    return { mutant, fate: 'survived' };
  } finally {
    sandbox.write(file.file, file.text);
  }
}
