/** Chooses the mutants of a layer that are tried: all that count, or a sample of them. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Digests, digestOf } from './digests.ts';
import { findHarmless, type Harmless } from './harmless.ts';
import type { MeasuredLayer } from './layers.ts';
import type { Memory } from './memory.ts';
import { findMutants, type Mutant, type MutatedFile } from './mutants.ts';
import type { Sandboxes } from './sandbox.ts';
import type { Result } from './score.ts';
import { findRefused } from './types.ts';

/** Which mutants to choose. */
export interface Choice {
  /** The project's folder. */
  readonly root: string;
  readonly harmless: readonly Harmless[];
  /** The files or folders whose mutants are tried. */
  readonly paths?: readonly string[];
  /** How many mutants of each layer to try; all by default. */
  readonly sample?: number;
  /** The seed of the sample. */
  readonly seed?: number;
}

/** A layer with its mutants to try. */
export interface Plan {
  readonly layer: MeasuredLayer;
  /** All files of the layer. */
  readonly files: readonly MutatedFile[];
  /** All its test files. */
  readonly tests: readonly string[];
  /** How many mutants count. */
  readonly total: number;
  readonly chosen: readonly Mutant[];
  readonly leftOut: Result['leftOut'];
}

/** Finds a layer's mutants, leaves out those that do not count, and draws the sample. */
export async function makePlan(
  { root, harmless: table, paths = [], sample, seed = 1 }: Choice,
  layer: MeasuredLayer,
  sandboxes: Sandboxes,
  digests: Digests,
  memory: Memory,
): Promise<Plan> {
  const names = globSync([...layer.sources], { cwd: root, exclude: [...(layer.except ?? [])] }).sort();
  const files: MutatedFile[] = [];
  for (const name of names) files.push(await findMutants(name, readFileSync(join(root, name), 'utf8')));
  const meant = files.filter(
    ({ file }) => paths.length === 0 || paths.some((path) => file === path || file.startsWith(`${path}/`)),
  );
  const all = meant.flatMap(({ mutants }) => mutants);
  const harmless = new Set(meant.flatMap((file) => [...findHarmless(file, table).values()].flat()));
  const open = all.filter((mutant) => mutant.ignoredBy === undefined && !harmless.has(mutant));
  const refused = await recallRefused(meant, sandboxes, digests, memory);
  const counting = open.filter(({ file, id }) => !refused.get(file)?.has(id));
  // Lots depend on the mutant alone: a sample stays as it is when other code changes.
  const drawn = counting
    .map((mutant) => ({ mutant, lot: digestOf([seed, mutant.file, mutant.start, mutant.replacement]) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
    .map(({ mutant }) => mutant);
  return {
    ...{ layer, files, total: counting.length },
    tests: globSync([...layer.tests], { cwd: root }).sort(),
    chosen: sample === undefined ? drawn : drawn.slice(0, sample),
    leftOut: {
      byRule: all.filter(({ ignoredBy }) => ignoredBy !== undefined).length,
      byCompiler: open.length - counting.length,
      harmless: harmless.size,
    },
  };
}

/** The ids of the mutants that the compiler refuses, by file; only files that have changed are compiled. */
async function recallRefused(
  files: readonly MutatedFile[],
  sandboxes: Sandboxes,
  digests: Digests,
  memory: Memory,
): Promise<ReadonlyMap<string, ReadonlySet<number>>> {
  const keyOf = ({ file }: MutatedFile) => digestOf(['refused', file, digests.of(file)]);
  const unknown = files.filter((file) => file.mutants.length > 0 && memory.get(keyOf(file)) === undefined);
  if (unknown.length > 0) {
    const refused = await findRefused(sandboxes.first(), unknown);
    for (const file of unknown) {
      const ids = file.mutants.filter((mutant) => refused.has(mutant)).map(({ id }) => id);
      memory.put(keyOf(file), ids);
    }
  }
  return new Map(files.map((file) => [file.file, new Set(memory.get<number[]>(keyOf(file)) ?? [])]));
}
