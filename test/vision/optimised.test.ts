import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { digestOfFile } from '../../src/files/files.ts';
import { networkCatalog } from '../../src/vision/models/catalog.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { type OptimiseTask, optimiseNetworks } from '../../src/vision/models/optimised.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { type NetworkFiles, roles } from '../../src/vision/pipeline/networks.ts';
import { openPreparation } from '../../src/vision/pool/analysis-process.ts';

let folder: string;
let files: NetworkFiles;
let optimised: NetworkFiles;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-optimised-'));
  files = (await importNetworks(folder)).networks;
  optimised = await optimiseNetworks(files, writeOptimised);
});

after(() => rm(folder, { recursive: true, force: true }));

async function writeOptimised(tasks: readonly OptimiseTask[]): Promise<void> {
  await using preparation = openPreparation(folder);
  await preparation.optimise(tasks);
}

/** Where the processor is not told, the ONNX files are what is loaded, and there is nothing to see. */
const skip = process.platform !== 'linux' && 'this system does not tell what the processor can do';

test('an optimised network answers what its ONNX file does, to the last bit', { skip }, async () => {
  for (const { name, shape } of Object.values(roles)) {
    assert.match(optimised[name].path, /\.ort$/);
    const length = shape[0] * shape[1] * shape[2];
    const input = Float32Array.from({ length: 2 * length }, (_, i) => Math.sin(i * 0.37));
    const [plain, fast] = await Promise.all(
      [files, optimised].map(async (from) => (await onnxRuntime.load(from[name].path)).run(input, [2, ...shape])),
    );
    assert.deepEqual(fast, plain, name);
  }
});

test('faces shown together get the answers that each gets alone', async () => {
  const { name, shape } = roles.mesher;
  const network = await onnxRuntime.load(files[name].path);
  const length = shape[0] * shape[1] * shape[2];
  const input = Float32Array.from({ length: 3 * length }, (_, i) => Math.cos(i * 0.11));
  const together = await network.run(input, [3, ...shape]);
  for (let i = 0; i < 3; i++) {
    const alone = await network.run(input.slice(i * length, (i + 1) * length), [1, ...shape]);
    for (const [output, values] of Object.entries(alone)) {
      assert.deepEqual(together[output]!.slice(i * values.length, (i + 1) * values.length), values);
    }
  }
});

test('what is optimised is kept, and a file that was damaged is made anew', { skip }, async () => {
  const { name } = roles.detector;
  await appendFile(optimised[name].path, 'x');
  const again = await optimiseNetworks(files, writeOptimised);
  assert.ok(again[name].path.includes(await digestOfFile(again[name].path)));
  assert.deepEqual({ ...again, [name]: 0 }, { ...optimised, [name]: 0 });
  assert.equal((await readdir(dirname(again[name].path))).length, Object.keys(roles).length, 'nothing else is left');
});

test('where no folder can be made, the ONNX files are loaded, and it is said why', { skip }, async () => {
  const elsewhere = Object.fromEntries(
    Object.entries(files).map(([name, { path }]) => [name, { path: join(path, `${name}.onnx`) }]),
  ) as NetworkFiles;
  const told: unknown[] = [];
  assert.equal(await optimiseNetworks(elsewhere, writeOptimised, (error) => told.push(error)), elsewhere);
  assert.equal((told[0] as NodeJS.ErrnoException).code, 'ENOTDIR', 'and the reason is told');
});

test('a network is imported by a process of its own, to the last bit, and into its folder only', async () => {
  await using preparation = openPreparation(folder);
  const path = join(folder, 'imported.onnx');
  await preparation.convert('emotion', path);
  assert.equal(await digestOfFile(path), networkCatalog.emotion.sha256);
  await assert.rejects(
    preparation.convert('emotion', `${folder}-elsewhere.onnx`),
    /access to this API has been restricted/i,
  );
});
