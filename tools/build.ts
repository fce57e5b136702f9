/** Compiles `src/` to `dist/`, as the package that `npm pack` makes needs it: Node runs no TypeScript inside `node_modules`. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, globSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../', import.meta.url));
const [source, target] = [join(root, 'src'), join(root, 'dist')];

/** A module that is started by its address, as threads and child processes are: the compiler rewrites imports only. */
const startedModule = /new URL\('(\.[^']*)\.ts', import\.meta\.url\)/g;

rmSync(target, { recursive: true, force: true });
const { status } = spawnSync('npx', ['tsc', '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
if (status !== 0) process.exit(status ?? 1);
for (const file of globSync('**/*.js', { cwd: target })) rewriteAddresses(join(target, file));
for (const file of globSync('**/*.wasm', { cwd: source })) copyFileSync(join(source, file), join(target, file));
// Only the client is a library; the rest is a program.
for (const file of globSync('!(client)/**/*.d.ts', { cwd: target })) rmSync(join(target, file));
rmSync(join(target, 'main.d.ts'));

function rewriteAddresses(file: string): void {
  const code = readFileSync(file, 'utf8').replace(startedModule, "new URL('$1.js', import.meta.url)");
  if (/^(?!\s*(?:\*|\/\/)).*new URL\([^)]*\.ts\b/m.test(code))
    throw new Error(`${file} starts a module that is not compiled`);
  writeFileSync(file, code);
}
