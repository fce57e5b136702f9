/** Finds the mutants that the compiler refuses: such a fault is noticed without a test. */
import { execFile } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { type Mutant, type MutatedFile, mutate } from './mutants.ts';
import type { Sandbox } from './sandbox.ts';

const compiler = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin', 'tsc');
/** How many mutants are compiled at once, each as a file of its own beside the original. */
const batchSize = 400;
/** Settings for what is not a fault by itself: code that a mutant leaves unused or unreachable. */
const lenient = ['--noUnusedLocals', 'false', '--noUnusedParameters', 'false', '--allowUnreachableCode', 'true'];

/**
 * The mutants that do not compile, checked file by file: an error that would appear only in another file does not
 * count.
 */
export async function findRefused(sandbox: Sandbox, files: readonly MutatedFile[]): Promise<ReadonlySet<Mutant>> {
  const refused = new Set<Mutant>();
  // A copy may be refused only because it is a copy, such as one of a class with private members; such files are not
  // checked.
  const same = files.map(({ file, text }) => ({ path: copyOf(file, 'same'), text }));
  const unsound = await compile(sandbox, same);
  const open = files
    .filter(({ file }) => !unsound.has(copyOf(file, 'same')))
    .flatMap(({ text, mutants }) => mutants.map((mutant) => ({ text, mutant })))
    .filter(({ mutant }) => mutant.ignoredBy === undefined);
  for (let at = 0; at < open.length; at += batchSize) {
    const batch = open.slice(at, at + batchSize).map(({ text, mutant }) => ({
      path: copyOf(mutant.file, String(mutant.id)),
      text: mutate(text, mutant),
      mutant,
    }));
    const wrong = await compile(sandbox, batch);
    for (const { path, mutant } of batch) if (wrong.has(path)) refused.add(mutant);
  }
  return refused;
}

function copyOf(file: string, name: string): string {
  return file.replace(/\.ts$/, `.mutant-${name}.ts`);
}

/** The files among those given that have an error. */
async function compile(
  sandbox: Sandbox,
  files: readonly { path: string; text: string }[],
): Promise<ReadonlySet<string>> {
  for (const { path, text } of files) sandbox.write(path, text);
  const flags = [compiler, '-p', '.', '--noEmit', '--pretty', 'false', ...lenient];
  const output = await new Promise<string>((resolve, reject) => {
    execFile(process.execPath, flags, { cwd: sandbox.folder, maxBuffer: 2 ** 28 }, (error, stdout, stderr) => {
      // It exits with 1 or 2 where it finds errors.
      if (error !== null && (typeof error.code !== 'number' || error.code > 2)) reject(error);
      else resolve(stdout + stderr);
    });
  });
  for (const { path } of files) sandbox.remove(path);
  if (/^error /m.test(output)) throw new Error(`The compiler does not run: ${output}`);
  return new Set([...output.matchAll(/^(.+\.mutant-[^.]+\.ts)\(\d+,\d+\): error/gm)].map(([, path]) => path as string));
}
