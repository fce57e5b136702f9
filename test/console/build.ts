/** Builds the console as `npm ci` does, so that tests see the sources as they are. */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { root } from '../harness.ts';

/** Where the built files are. */
export const builtFolder = join(root, 'console/dist');

/** Builds. @throws Error with what the build said. */
export function buildConsole(): void {
  execFileSync(process.execPath, [join(root, 'console/build.ts')], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'] });
}
