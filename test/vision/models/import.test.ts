import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import { type CatalogNetwork, type NetworkName, networkCatalog, packages } from '../../../src/vision/models/catalog.ts';
import { InferenceSession } from '../../../src/vision/models/engine.ts';
import { type ImportedNetworks, importNetworks } from '../../../src/vision/models/import.ts';
import { sha256 } from '../../../src/vision/models/sources.ts';
import { digestOfParameters } from '../../../src/vision/pipeline/embed.ts';
import { modelOf, preprocessingVersion } from '../../../src/vision/pipeline/model.ts';
import { temporaryFolder } from './reference.ts';

const names = Object.keys(networkCatalog) as NetworkName[];

describe('importing the networks', () => {
  const folder = temporaryFolder();
  let pack: ImportedNetworks;

  before(async () => {
    pack = await importNetworks(folder);
  });

  it('writes each network once, under its digest', async () => {
    const longAgo = new Date(0);
    for (const { path } of Object.values(pack.networks)) await utimes(path, longAgo, longAgo);
    assert.deepEqual(await importNetworks(folder), pack);
    for (const name of names) {
      const { path, sha256: digest } = pack.networks[name];
      assert.equal(path, join(folder, pack.digest, `${name}.onnx`));
      assert.equal(sha256(await readFile(path)), digest);
      assert.deepEqual((await stat(path)).mtime, longAgo);
    }
  });

  it('gives networks shaped as the table says, for a batch of any size', async () => {
    for (const name of names) {
      const session = await InferenceSession.create(pack.networks[name].path);
      const shapes = [...session.inputMetadata, ...session.outputMetadata].map((value) => {
        assert.ok(value.isTensor && value.type === 'float32');
        return [value.name, ...value.shape];
      });
      const outputs = Object.entries(networkCatalog[name].outputs).map(([output, { dims }]) => [output, 'N', ...dims]);
      assert.deepEqual(shapes, [['input', 'N', ...networkCatalog[name].input], ...outputs]);
      await session.release();
    }
  });

  it('writes a file anew that was cut off, changed or lost', async () => {
    const [cut, changed, lost] = names.map((name) => pack.networks[name].path) as [string, string, string];
    await truncate(cut, 1000);
    const bytes = await readFile(changed);
    bytes[bytes.length >> 1]! ^= 1;
    await writeFile(changed, bytes);
    await rm(lost);
    assert.deepEqual(await importNetworks(folder), pack);
    for (const { path, sha256: digest } of Object.values(pack.networks)) {
      assert.equal(sha256(await readFile(path)), digest);
    }
  });

  it('agrees with another process that imports into the same folder, and leaves nothing but the networks', async () => {
    const shared = temporaryFolder();
    const program = `import { importNetworks } from ${JSON.stringify(import.meta.resolve('../../../src/vision/models/import.ts'))};
      console.log((await importNetworks(process.argv[1])).digest);`;
    const other = promisify(execFile)(process.execPath, ['--input-type=module', '-e', program, shared]);
    const [mine, { stdout }] = await Promise.all([importNetworks(shared), other]);
    assert.equal(stdout.trim(), mine.digest);
    assert.equal(mine.digest, pack.digest);
    const files = await readdir(join(shared, pack.digest));
    assert.deepEqual(files.sort(), names.map((name) => `${name}.onnx`).sort());
    for (const { path, sha256: digest } of Object.values(mine.networks)) {
      assert.equal(sha256(await readFile(path)), digest);
    }
  });

  it('gives networks by which embeddings are compared with those of the networks before they were rewritten', () => {
    const parameters = digestOfParameters();
    const model = modelOf({ preprocessing: preprocessingVersion, networks: pack.networks, parameters });
    assert.equal(model, '1d4b07073d3fe04f270d17c73974a3604e5fd44dad06170b5bf34c02df2dd715');
  });

  it('gives networks that do not leave the layout of convolutions but for their outputs', async () => {
    for (const [name, most] of [
      ['facemesh', 2],
      ['mobileFaceNet', 1],
      ['blazeface', 6],
    ] as const) {
      const path = join(temporaryFolder(), 'optimised.onnx');
      const session = await InferenceSession.create(pack.networks[name].path, {
        graphOptimizationLevel: 'all',
        optimizedModelFilePath: path,
        logSeverityLevel: 3,
      });
      await session.release();
      // The type of an operation is a text of 13 letters, the fourth field of its node.
      const changes = (await readFile(path)).toString('latin1').split('\x22\x0dReorderOutput').length - 1;
      assert.ok(changes <= most, `${name}: ${changes}`);
    }
  });

  it('tells how far it is', async () => {
    const seen: unknown[] = [];
    await importNetworks(folder, { onProgress: (...progress) => seen.push(progress) });
    assert.deepEqual(
      seen,
      names.map((name, index) => [index + 1, names.length, name]),
    );
  });

  it('stops when it is told to', async () => {
    const controller = new AbortController();
    const seen: string[] = [];
    const stopped = importNetworks(folder, {
      signal: controller.signal,
      onProgress: (_done, _total, name) => {
        seen.push(name);
        controller.abort(new Error('enough'));
      },
    });
    await assert.rejects(stopped, /enough/);
    assert.equal(seen.length, 1);
  });
});

describe('importing from packages that are not the expected ones', () => {
  const modules = temporaryFolder();

  before(async () => {
    for (const name of Object.keys(packages) as (keyof typeof packages)[]) {
      const root = dirname(findPackageJSON(name, import.meta.url)!);
      for (const network of Object.values<CatalogNetwork>(networkCatalog).filter((row) => row.package === name)) {
        for (const { path } of [network.manifest, network.weights].filter((file) => file !== undefined)) {
          await mkdir(dirname(join(modules, name, path)), { recursive: true });
          await cp(join(root, path), join(modules, name, path));
        }
      }
    }
  });

  it('refuses weights of which one bit differs, and says what to do', async () => {
    const weights = join(modules, networkCatalog.facemesh.package, networkCatalog.facemesh.weights.path);
    const bytes = await readFile(weights);
    bytes[1000]! ^= 1;
    await writeFile(weights, bytes);
    await assert.rejects(importNetworks(temporaryFolder(), { modules }), {
      message:
        `The installed file is not models/facemesh.bin of @vladmandic/human ${packages['@vladmandic/human'].version}: ` +
        `its SHA-256 is ${sha256(bytes)} and should be ${networkCatalog.facemesh.weights.sha256}. ` +
        `Run "npm ci" in the project's folder to install that version anew.`,
    });
  });

  it('refuses when a file is missing, and says what to do', async () => {
    await rm(join(modules, networkCatalog.facemesh.package, networkCatalog.facemesh.weights.path));
    await assert.rejects(importNetworks(temporaryFolder(), { modules }), (error: Error) => {
      assert.match(error.message, /^Cannot read models\/facemesh\.bin of @vladmandic\/human .* Run "npm ci"/);
      assert.equal((error.cause as NodeJS.ErrnoException).code, 'ENOENT');
      return true;
    });
  });
});
