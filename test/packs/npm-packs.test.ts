import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test from 'node:test';
import sharp from 'sharp';
import { addPack, usePack } from '../../src/app/models.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { dot } from '../../src/vision/kernels/dot.ts';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { faultsOf, findInstalled, installPack } from '../../src/vision/packs/folder.ts';
import { loadPack } from '../../src/vision/packs/load.ts';
import { npmPacks } from '../../src/vision/packs/npm-packs.ts';
import { facePointsOf } from '../../src/vision/pipeline/align.ts';
import { finderOf } from '../../src/vision/pipeline/analyze.ts';
import { cropFace } from '../../src/vision/pipeline/crop.ts';
import { decodePicture } from '../../src/vision/pipeline/decode.ts';
import { embedCrop, embedCrops } from '../../src/vision/pipeline/embed-crop.ts';
import { findFaces } from '../../src/vision/pipeline/find.ts';
import { settleMeshes } from '../../src/vision/pipeline/mesh.ts';
import { loadNetworks, recogniserOf } from '../../src/vision/pipeline/networks.ts';
import { measureOf } from '../../src/vision/pipeline/score.ts';
import { photograph } from '../harness.ts';
import { freshFolder } from './made-up.ts';

test('packs of npm packages are added without a network, checked, and used', async (context) => {
  const places = { packs: await freshFolder(context), models: await freshFolder(context) };
  for (const { name, recogniser } of npmPacks) {
    assert.equal((await addPack(places, name, {})).name, name);
    const pack = await findInstalled(places.packs, name);
    assert.deepEqual(await faultsOf(pack!), []);
    assert.deepEqual((await readdir(pack!.folder)).sort(), [recogniser!.file, 'pack.json'].sort());
    assert.equal((await usePack(places, name)).name, name);
  }
  assert.deepEqual((await readdir(places.packs)).sort(), ['.downloads', 'dlib', 'faceres', 'in-use.json']);
  assert.deepEqual(await readdir(join(places.packs, '.downloads')), []);
});

test('a file that was converted otherwise than the manifest says is not installed', async (context) => {
  const packs = await freshFolder(context);
  const convert = (_: string, path: string) => writeFile(path, 'not a network');
  await assert.rejects(
    installPack(packs, npmPacks[0]!, { convert }),
    /dlib\.onnx has 13 bytes.*converted from dlibResnet/,
  );
  assert.deepEqual(await readdir(packs), ['.downloads']);
});

test('each pack tells two people apart, on photographs and on the crops that are kept of them', async (context) => {
  const folder = await freshFolder(context);
  const { networks: files } = await importNetworks(folder);
  const networks = await loadNetworks(onnxRuntime, files);
  /** The faces of a photograph, from left to right. */
  async function facesOf(picture: Uint8Array) {
    const { pixels, full } = await decodePicture(picture, { pixelsMax: 4e7, secondsMax: 20 });
    const pyramid = new Pyramid(pixels, full);
    const found = (await findFaces(finderOf(networks), pyramid)).toSorted((a, b) => a.box.x - b.box.x);
    const meshes = await settleMeshes(
      networks.mesher,
      pyramid,
      found.map(({ mesh }) => mesh),
    );
    const crops = await Promise.all(meshes.map((mesh) => cropFace(pyramid, mesh)));
    return { pyramid, faces: meshes.map(facePointsOf), crops };
  }
  const whole = await photograph(3);
  const sent = await facesOf(new Uint8Array(whole));
  // The same people from half as many pixels, in other light.
  const again = await facesOf(
    new Uint8Array(await sharp(whole).resize(960).modulate({ brightness: 0.8 }).jpeg({ quality: 60 }).toBuffer()),
  );
  assert.equal(sent.faces.length, again.faces.length);
  for (const manifest of [undefined, ...npmPacks]) {
    const pack = manifest && (await loadPack(onnxRuntime, await installPack(folder, manifest)));
    const recogniser = recogniserOf({ ...networks, pack });
    const embedded = await recogniser.embed(sent.pyramid, sent.faces);
    const others = await recogniser.embed(again.pyramid, again.faces);
    const ofCrops = await Promise.all(
      sent.crops.map(
        async (crop) => (await embedCrop({ mesher: networks.mesher, recognisers: [recogniser] }, crop))[0]!,
      ),
    );
    // Runs enough, that it is known by then which way is better.
    const crops = Array.from({ length: 10 }, (_, i) => sent.crops[i % sent.crops.length]!);
    const wish = { together: 2, isInterrupted: () => false };
    const together: Awaited<ReturnType<typeof embedCrops>> = [];
    // A slow machine makes fewer at once.
    while (together.length < crops.length) {
      const rest = crops.slice(together.length);
      together.push(...(await embedCrops({ mesher: networks.mesher, recognisers: [recogniser] }, rest, wish)));
    }
    for (const [i, made] of together.entries()) {
      assert.ok(!(made instanceof Refusal));
      assert.ok(dot(made[0]!, ofCrops[i % ofCrops.length]!) > 0.999_999, `${manifest?.name}: crop ${i} with another`);
    }
    const { scoreOf, dimension } = measureOf(manifest);
    for (const [i, mine] of embedded.entries()) {
      assert.equal(mine.length, dimension);
      assert.ok(Math.abs(Math.hypot(...mine) - 1) < 1e-5);
      for (const [what, set] of Object.entries({ others, ofCrops })) {
        const scores = set.map((theirs) => scoreOf(dot(mine, theirs)));
        const said = `${manifest?.name ?? 'builtin'}: face ${i} and ${what} score ${scores.map((score) => score.toFixed(1))}`;
        assert.ok(scores[i]! >= 80, said);
        assert.ok(
          scores.every((score, j) => j === i || score < scores[i]! - 5),
          said,
        );
      }
    }
  }
});

test('a file that was handed on is used instead of the npm package, and told if it is another one', async (context) => {
  const packs = await freshFolder(context);
  const [dlib] = npmPacks;
  const pack = await installPack(packs, dlib!);
  const path = join(pack.folder, 'dlib.onnx');
  const bytes = await readFile(path);
  // A folder of files that somebody put there comes first, and a wrong file in it is told instead of being converted.
  const from = await freshFolder(context);
  await writeFile(join(from, 'dlib.onnx'), bytes);
  const refuse = () => Promise.reject(new Error('converted'));
  await installPack(packs, dlib!, { from, convert: refuse });
  await writeFile(join(from, 'dlib.onnx'), bytes.subarray(1));
  await assert.rejects(installPack(packs, dlib!, { from, convert: refuse }), /dlib\.onnx has \d+ bytes/);
});
