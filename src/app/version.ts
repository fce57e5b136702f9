/** The version of the program. */
import { readFileSync } from 'node:fs';

const manifest = new URL('../../package.json', import.meta.url);

/** The version that the package's manifest names: `0.1.0`. */
export function programVersion(): string {
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;
}
