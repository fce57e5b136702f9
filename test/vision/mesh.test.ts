import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { fitMeshes, frameOf, settleMeshes } from '../../src/vision/pipeline/mesh.ts';
import { draw, meshOf } from './drawn.ts';
import { seeingNetworks } from './networks.ts';

const face = { centre: { x: 300, y: 280 }, unit: 60, degrees: 10 };
const picture = new Pyramid(draw(600, 600, [face]));
const own = frameOf(meshOf(face));

test('a mesh is fitted once more, in its own frame, wherever the first one was', async () => {
  const { side, centre } = own;
  for (const frame of [
    own,
    { ...own, side: 0.85 * side },
    { ...own, centre: { x: centre.x, y: centre.y + 0.08 * side } },
  ]) {
    const { networks, shown } = seeingNetworks();
    const [first] = await fitMeshes(networks.mesher, picture, [frame]);
    const [mesh] = await settleMeshes(networks.mesher, picture, [first!]);
    assert.equal(shown.mesher.length, 2, JSON.stringify(frame));
    const found = frameOf(mesh!);
    assert.ok(Math.abs(found.side / side - 1) < 0.03, `${found.side}, not ${side}`);
  }
});

test('each of several meshes is fitted again in its place', async () => {
  const { networks } = seeingNetworks();
  const frames = [{ ...own, side: 1.2 * own.side }, own];
  const settled = await settleMeshes(networks.mesher, picture, await fitMeshes(networks.mesher, picture, frames));
  const each = await Promise.all(
    frames.map(async (frame) =>
      settleMeshes(networks.mesher, picture, await fitMeshes(networks.mesher, picture, [frame])),
    ),
  );
  assert.deepEqual(settled, each.flat());
});
