import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import sharp from 'sharp';
import { modelsFolder, openAnalyzer } from '../../src/app/analyzer.ts';
import { addPack, packsFolder, usePack } from '../../src/app/models.ts';
import { readSettings } from '../../src/app/settings.ts';
import { installPack } from '../../src/vision/packs/folder.ts';
import { openFaceAnalyzer } from '../../src/vision/pool/analyzer.ts';
import { makeFolder, photograph, startApp } from '../harness.ts';
import { freshFolder, thumbnailManifest, thumbnailNetwork, writePack, yunetManifest, yunetNetwork } from './made-up.ts';

/** One face, in the middle of what is cut out. */
const portrait = async () =>
  sharp(await photograph(3))
    .extract({ left: 965, top: 150, width: 440, height: 440 })
    .jpeg()
    .toBuffer();

async function dataFolder(context: TestContext): Promise<string> {
  const folder = await makeFolder();
  context.after(() => rm(folder, { recursive: true }));
  return folder;
}

test('faces of another pack are kept and never compared: verify says so until one is added, and after the way back', async (context) => {
  const data = await dataFolder(context);
  const places = { packs: join(data, packsFolder), models: join(data, modelsFolder) };
  const picture = await portrait();
  const [group_ids, person_id] = [['friends'], 'ada'];
  let first: string;
  {
    await using app = await startApp({ workers: 1 }, {}, data);
    const made = await app.form('newperson', { person_id, group_ids, image: picture });
    assert.equal(made.code, 0, made.text);
    first = made.data.face_id;
  }
  const source = await writePack(
    join(await freshFolder(context), 'handed-on'),
    thumbnailManifest('thumbnail'),
    thumbnailNetwork(),
  );
  await addPack(places, source, {});
  await usePack(places, 'thumbnail');
  {
    await using app = await startApp({ workers: 1 }, {}, data);
    const before = await app.form('verify', { person_id, image: picture });
    assert.equal(before.code, -1305, before.text);
    const nobody = await app.form('identify', { group_ids, image: picture });
    assert.deepEqual([nobody.code, nobody.data.candidates], [0, []]);
    // The same picture is almost the same face only where it can be compared.
    const added = await app.form('addface', { person_id, images: [picture, picture] });
    assert.deepEqual([added.code, added.data.ret_codes], [0, [0, -1312]]);
    const after = await app.form('verify', { person_id, image: picture });
    assert.deepEqual([after.code, after.data.confidence, after.data.ismatch], [0, 100, true]);
    const info = await app.json('getinfo', { person_id });
    assert.deepEqual(info.data.face_ids, [first, added.data.face_ids[0]]);
  }
  await usePack(places, 'builtin');
  {
    await using app = await startApp({ workers: 1 }, {}, data);
    const verified = await app.form('verify', { person_id, image: picture });
    assert.deepEqual([verified.code, verified.data.ismatch], [0, true]);
    const found = await app.form('identify', { group_ids, image: picture });
    assert.deepEqual(
      found.data.candidates.map((one: { face_id: string }) => one.face_id),
      [first],
    );
  }
});

test('a pack in use that is damaged or gone keeps the analyzer closed, and the error says what to do', async (context) => {
  const data = await dataFolder(context);
  const places = { packs: join(data, packsFolder), models: join(data, modelsFolder) };
  const pack = await installPack(places.packs, thumbnailManifest('thumbnail'), {
    from: await writePack(await freshFolder(context), thumbnailManifest('thumbnail'), thumbnailNetwork()),
  });
  await usePack(places, 'thumbnail');
  await writeFile(join(pack.folder, 'thumbnail.onnx'), 'damaged');
  await assert.rejects(
    openAnalyzer(readSettings({ data }, undefined, {})),
    /pack thumbnail is in use.*7 bytes.*models use builtin/,
  );
  await rm(pack.folder, { recursive: true });
  await assert.rejects(openAnalyzer(readSettings({ data }, undefined, {})), /pack thumbnail is in use.*not installed/);
});

test("a pack's detector proposes, the built-in networks confirm and describe", async (context) => {
  const data = await dataFolder(context);
  const network = yunetNetwork(32, 32, 'everything', 0.55);
  const manifest = yunetManifest('middle', network, 32);
  const from = await writePack(await freshFolder(context), manifest, network);
  const pack = await installPack(join(data, packsFolder), manifest, { from });
  const options = {
    modelsFolder: join(data, modelsFolder),
    workers: 1,
    queueMax: 9,
    deadlineMs: 60_000,
    pixelsMax: 4e7,
  };
  await using builtin = await openFaceAnalyzer(options);
  await using analyzer = await openFaceAnalyzer({ ...options, pack });
  assert.notEqual(analyzer.model, builtin.model);
  assert.equal(analyzer.dimension, builtin.dimension);
  const [mine, theirs] = await Promise.all(
    [analyzer, builtin].map(async (one) => one.analyze(new Uint8Array(await portrait()), { facesMax: 1 })),
  );
  assert.equal(mine!.faces.length, 1);
  const [a, b] = [mine!.faces[0]!, theirs!.faces[0]!];
  assert.ok(
    Math.abs(a.box.x - b.box.x) < 20 && Math.abs(a.box.width - b.box.width) < 30,
    JSON.stringify([a.box, b.box]),
  );
  assert.equal(a.attributes.glass, b.attributes.glass);
  const wall = sharp(await photograph(1)).extract({ left: 100, top: 0, width: 300, height: 120 });
  assert.deepEqual((await analyzer.analyze(new Uint8Array(await wall.jpeg().toBuffer()), { facesMax: 1 })).faces, []);
});
