/** Runs each test file once without a mutant: does it pass, how long does it take, and which places does it reach? */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Digests, digestOf } from './digests.ts';
import type { Memory } from './memory.ts';
import type { Plan } from './plan.ts';
import type { Run, Sandbox, Sandboxes } from './sandbox.ts';
import { share } from './share.ts';

/** The run of a test file without a mutant. */
export interface Observed {
  readonly ms: number;
  /** The ids of the mutants whose place it reaches, by file. */
  readonly reached: Readonly<Record<string, readonly number[]>>;
}

/** An observation as it is stored, with a digest of the files that were reached. */
interface Kept extends Observed {
  readonly texts: string;
}

/** The longest time that a test file may take without a mutant, in milliseconds. */
const limitMs = 600_000;
const coverModule = new URL('cover.ts', import.meta.url).href;

/**
 * Observes the test files of a layer.
 * @throws Error if a test fails twice.
 */
export async function observe(
  sandboxes: Sandboxes,
  { layer, files, tests }: Plan,
  digests: Digests,
  memory: Memory,
  say: (line: string) => void,
): Promise<ReadonlyMap<string, Observed>> {
  const observed = new Map<string, Observed>();
  const names = files.map(({ file }) => file);
  const keyOf = (test: string) => digestOf(['observed', names, test, digests.of(test)]);
  const textsOf = ({ reached }: Observed) =>
    digestOf(files.filter(({ file }) => file in reached).map(({ file, text }) => [file, text]));
  const unknown = tests.filter((test) => {
    const known = memory.get<Kept>(keyOf(test));
    // Programs that a test starts may reach files to which nothing in it refers.
    if (known === undefined || known.texts !== textsOf(known)) return true;
    observed.set(test, known);
    return false;
  });
  if (unknown.length === 0) return observed;
  say(
    `${layer.name}: ${unknown.length} test files are run without a mutant, to see that they pass and what they reach`,
  );
  const copies = sandboxes.all();
  const times = new Map<string, number>();
  await share(copies, unknown, async (sandbox, test) => {
    times.set(test, (await mustPass(sandbox, test)).ms);
  });
  for (const sandbox of copies)
    for (const { file, instrumented } of files) sandbox.write(file, instrumented(headerFor(sandbox, file)));
  await share(copies, unknown, async (sandbox, test) => {
    rmSync(logOf(sandbox), { force: true });
    await mustPass(sandbox, test);
    const one = { ms: Math.round(times.get(test) as number), reached: readReached(logOf(sandbox)) };
    observed.set(test, one);
    memory.put(keyOf(test), { ...one, texts: textsOf(one) } satisfies Kept);
  });
  for (const sandbox of copies) for (const { file, text } of files) sandbox.write(file, text);
  return observed;
}

function logOf(sandbox: Sandbox): string {
  return join(sandbox.folder, '.reached');
}

function headerFor(sandbox: Sandbox, file: string): string {
  const [log, name] = [JSON.stringify(logOf(sandbox)), JSON.stringify(file)];
  return `import { cover as stryCover } from ${JSON.stringify(coverModule)};
function stryCov_9fa48(...ids: string[]) { stryCover(${log}, ${name}, ids); }`;
}

async function mustPass(sandbox: Sandbox, test: string): Promise<Run> {
  const first = await sandbox.run(test, limitMs);
  const run = first.outcome === 'passed' ? first : await sandbox.run(test, limitMs);
  if (run.outcome !== 'passed') throw new Error(`${test} ${run.outcome} without a mutant:\n${run.output}`);
  return run;
}

function readReached(log: string): Record<string, number[]> {
  const reached: Record<string, Set<number>> = {};
  for (const line of existsSync(log) ? readFileSync(log, 'utf8').trimEnd().split('\n') : []) {
    const [file, id] = line.split(' ') as [string, string];
    reached[file] ??= new Set();
    reached[file].add(Number(id));
  }
  return Object.fromEntries(Object.entries(reached).map(([file, ids]) => [file, [...ids].sort((a, b) => a - b)]));
}
