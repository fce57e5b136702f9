/**
 * Builds the console: `console/src` becomes `console/dist`, which the operator's listener serves. `npm ci` runs this (`prepare`), and so does
 * whoever changes the console (`npm run console`). Files in `assets/` are named for what is in them; each file lies there compressed, too.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const folder = fileURLToPath(new URL('.', import.meta.url));
const target = join(folder, 'dist');

const esbuild = await import('esbuild').catch((error: NodeJS.ErrnoException) => {
  // An installation without development dependencies runs as well, without the page.
  if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
  console.error('the console is not built: esbuild is not installed');
  return undefined;
});
if (esbuild !== undefined) await buildInto(esbuild);

async function buildInto({ build }: typeof import('esbuild')): Promise<void> {
  const { outputFiles } = await build({
    entryPoints: [join(folder, 'src/main.tsx')],
    outdir: join(target, 'assets'),
    entryNames: '[name]-[hash]',
    bundle: true,
    minify: true,
    format: 'esm',
    target: 'es2022',
    jsx: 'automatic',
    jsxImportSource: 'preact',
    write: false,
    logLevel: 'warning',
  });
  mkdirSync(join(target, 'assets'), { recursive: true });
  for (const { path, contents } of outputFiles) write(path, contents);
  const built = (end: string) => `assets/${basename(outputFiles.find(({ path }) => path.endsWith(end))!.path)}`;
  const page = readFileSync(join(folder, 'index.html'), 'utf8');
  write(
    join(target, 'index.html'),
    Buffer.from(page.replace('{style}', built('.css')).replace('{script}', built('.js'))),
  );
  const current = new Set(outputFiles.flatMap(({ path }) => [basename(path), `${basename(path)}.gz`]));
  for (const name of readdirSync(join(target, 'assets'))) {
    if (!current.has(name)) rmSync(join(target, 'assets', name), { force: true });
  }
}

function write(path: string, contents: Uint8Array): void {
  writeWhole(path, contents);
  writeWhole(`${path}.gz`, gzipSync(contents, { level: 9 }));
}

/** A server that starts meanwhile, or another build, sees the file before or after, and never a part of it. */
function writeWhole(path: string, contents: Uint8Array): void {
  const made = `${path}.${process.pid}`;
  writeFileSync(made, contents);
  renameSync(made, path);
}
