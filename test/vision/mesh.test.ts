import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { type Frame, fitMeshes, frameOf, settleMeshes } from '../../src/vision/pipeline/mesh.ts';
import { draw, meshOf } from './drawn.ts';
import { seeingNetworks } from './networks.ts';

const face = { centre: { x: 300, y: 280 }, unit: 60, degrees: 10 };
const picture = new Pyramid(draw(600, 600, [face]));
const own = frameOf(meshOf(face));

/** How often the mesh network is run to settle a mesh that was fitted in a frame, and the frame of what comes of it. */
async function settle(frame: Frame) {
  const { networks, shown } = seeingNetworks();
  const fitted = await fitMeshes(networks.mesher, picture, [frame]);
  const [mesh] = await settleMeshes(networks.mesher, picture, fitted);
  return { fits: shown.mesher.length - 1, frame: frameOf(mesh!) };
}

const { centre, side, angle } = own;
const degree = Math.PI / 180;

test('a mesh is not fitted once more if it was fitted nearly in its own frame', async () => {
  const nearly: readonly Frame[] = [
    own,
    { ...own, side: 0.93 * side },
    { ...own, side: 1.07 * side },
    { ...own, centre: { x: centre.x - 0.04 * side, y: centre.y } },
    { ...own, angle: angle + 3 * degree },
    { ...own, angle: angle + 2 * Math.PI },
  ];
  for (const frame of nearly) assert.equal((await settle(frame)).fits, 0, JSON.stringify(frame));
});

test('a mesh that was fitted in another frame than its own is fitted once more, in its own', async () => {
  const others: readonly Frame[] = [
    { ...own, side: 0.85 * side },
    { ...own, side: 1.16 * side },
    { ...own, centre: { x: centre.x, y: centre.y + 0.08 * side } },
    { ...own, angle: angle - 5 * degree },
  ];
  for (const frame of others) {
    const { fits, frame: found } = await settle(frame);
    assert.equal(fits, 1, JSON.stringify(frame));
    assert.ok(Math.abs(found.side / side - 1) < 0.03, `${found.side}, not ${side}`);
  }
});

test('of several meshes only those are fitted again that need it, each in its place', async () => {
  const { networks, shown } = seeingNetworks();
  const [first, second] = await fitMeshes(networks.mesher, picture, [{ ...own, side: 1.2 * side }, own]);
  const settled = await settleMeshes(networks.mesher, picture, [first!, second!]);
  assert.equal(shown.mesher.length, 3);
  assert.equal(settled[1], second);
  assert.notEqual(settled[0], first);
});

test('a mesh of which nobody knows how it was fitted is fitted again', async () => {
  const { networks, shown } = seeingNetworks();
  await settleMeshes(networks.mesher, picture, [meshOf(face)]);
  assert.equal(shown.mesher.length, 1);
});
