/**
 * Runs many test files in one process. Starting a process and loading the server's modules in it costs more than most
 * files test; `npm run test:unit` saves that. `npm test` runs each file in a process of its own, so that none comes to
 * need another.
 */
import { globSync } from 'node:fs';
import { suite } from 'node:test';

const tests = new URL('../', import.meta.url);

/**
 * Declares each file's tests as a suite, which its hooks do not leave. Files named `.disk.test.ts` are left out.
 * @param pattern of the files, relative to `test/`, without `.test.ts`.
 * @throws Error if there is no such file.
 */
export async function testTogether(pattern: string): Promise<void> {
  const files = globSync(`${pattern}.test.ts`, { cwd: tests }).filter((file) => !file.endsWith('.disk.test.ts'));
  if (files.length === 0) throw new Error(`there are no tests called ${pattern}`);
  for (const file of files.sort())
    await suite(file, async () => {
      await import(new URL(file, tests).href);
    });
}
