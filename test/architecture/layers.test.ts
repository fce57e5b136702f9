import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import test from 'node:test';
import { type Layer, layers } from '../../tools/layers.ts';

const source = new URL('../../src/', import.meta.url).pathname;
const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));

interface Import {
  readonly file: string;
  readonly from: string;
  readonly target: string;
  readonly typesOnly: boolean;
}

const imports: readonly Import[] = files.flatMap((file) => {
  const text = readFileSync(join(source, file), 'utf8');
  const found = [...text.matchAll(/^(?:import|export)(\s+type)?\s[^;]*?from '([^']+)'|import\('([^']+)'\)/gms)];
  return found.map(([, type, target, dynamic]) => ({
    file,
    from: layerOf(file),
    target: (target ?? dynamic) as string,
    typesOnly: type !== undefined,
  }));
});

function layerOf(file: string): string {
  return file.split(/[/.]/, 1)[0] as string;
}

test('every layer imports only what the table allows', () => {
  const trespasses = imports
    .filter(({ target }) => target.startsWith('.'))
    .map((one) => ({ ...one, to: layerOf(relative(source, join(source, one.file, '..', one.target))) }))
    .filter(({ from, to, typesOnly }) => {
      const layer: Layer = layers[from as keyof typeof layers];
      return from !== to && !layer.imports.includes(to) && !(typesOnly && layer.importsTypes?.includes(to));
    });
  assert.deepEqual(trespasses, []);
  assert.ok(imports.length > 50, 'the imports were found');
});

test('a package that a layer owns is imported nowhere else', () => {
  const trespasses = imports.filter(({ from, target }) =>
    Object.entries(layers).some(
      ([name, layer]: [string, Layer]) =>
        name !== from && (layer.owns ?? []).some((owned) => target === owned || target.startsWith(`${owned}/`)),
    ),
  );
  assert.deepEqual(trespasses, []);
});

test('the environment and the process are touched by the settings, the program, and what confines processes only', () => {
  const users = (pattern: RegExp) => files.filter((file) => pattern.test(readFileSync(join(source, file), 'utf8')));
  assert.deepEqual(users(/process\.env/).toSorted(), [
    'app/settings.ts',
    'processes/confined.ts',
    'vision/models/engine-variables.ts',
  ]);
  assert.deepEqual(users(/process\.(exit|on|once|argv|stdout|exitCode|kill)\b/).toSorted(), [
    // It writes what is left when the process ends.
    'app/gathered-lines.ts',
    // It is a program: what the server has done beside itself.
    'app/jobs/job-process.ts',
    // It asks whether a process is alive, and sends no signal.
    'app/running.ts',
    'main.ts',
    'processes/serve.ts',
  ]);
});

test('the inference engine is loaded by one file only, which keeps it from telling others about itself', () => {
  const root = join(source, '..');
  const loaders = ['src', 'test', 'bench', 'tools', 'demo'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => /\.[cm]?[jt]s$/.test(file) && !file.includes('node_modules'))
      .map((file) => join(folder, file))
      .filter((file) =>
        /(?:from|import|require)\s*\(?\s*'onnxruntime-node'/.test(readFileSync(join(root, file), 'utf8')),
      ),
  );
  assert.deepEqual(loaders, ['src/vision/models/engine.ts']);
  const engine = readFileSync(join(source, 'vision/models/engine.ts'), 'utf8');
  assert.deepEqual(engine.match(/'[^']+';/g), ["'./engine-variables.ts';", "'onnxruntime-node';"]);
});

test('every folder of src is a layer of the table', () => {
  assert.deepEqual(new Set(files.map(layerOf)), new Set(Object.keys(layers)));
});

test('no files import each other in a circle, types included', () => {
  const targets = new Map<string, string[]>(files.map((file) => [file, []]));
  for (const { file, target } of imports) {
    if (target.startsWith('.')) targets.get(file)!.push(relative(source, join(source, file, '..', target)));
  }
  const circles: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (done.has(file) || path.includes(file)) return;
    for (const target of targets.get(file) ?? []) walk(target, [...path, file]);
    done.add(file);
  };
  for (const file of files) walk(file, []);
  assert.deepEqual(circles, []);
});
