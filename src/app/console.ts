/** The console's files, as `console/build.ts` made them. */
import { readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { StaticFile, StaticFiles } from '../http/admin/static-files.ts';

/** Beside `src/`, and beside `dist/` in the package. */
const builtFolder = fileURLToPath(new URL('../../console/dist/', import.meta.url));

/** The kinds of files that the build makes. */
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** Reads the files; there are none where the console was not built. */
export function readConsole(folder: string = builtFolder): StaticFiles {
  const files = new Map<string, StaticFile>();
  const read = (name: string, path: string, isImmutable: boolean) => {
    const [bytes, gzipped] = [readFileSync(join(folder, name)), readFileSync(join(folder, `${name}.gz`))];
    files.set(path, { type: types[extname(name)]!, bytes, gzipped, isImmutable });
  };
  try {
    read('index.html', '/', false);
    for (const name of readdirSync(join(folder, 'assets'))) {
      if (extname(name) in types) read(`assets/${name}`, `/assets/${name}`, true);
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return new Map();
  }
  return files;
}
