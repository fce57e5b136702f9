import assert from 'node:assert/strict';
import test from 'node:test';
import { compare, detectFaces, traceShapes } from '../../src/domain/recognition.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { attributes, boxOf, failing, isRefused, openContext, picture, shapeOf } from './memory-context.ts';

const shown = [6, 5, 4, 3, 2, 1].map((width) => ({ cosine: 1, width }));

test('of the faces of a picture the five largest are described, or the largest alone, and the others placed', async () => {
  const context = openContext();
  const all = await detectFaces(context, picture(shown), 'all');
  const described = shown.map((face) => ({ box: boxOf(face), attributes }));
  assert.deepEqual([all.width, all.height, all.faces], [640, 480, described.slice(0, 5)]);
  assert.deepEqual(all.others, [boxOf({ cosine: 1, width: 1 })]);
  const largest = await detectFaces(context, picture(shown), 'largest');
  assert.deepEqual(largest.faces, described.slice(0, 1));
  await isRefused(detectFaces(context, picture([]), 'all'), 'noFace');
  assert.deepEqual(
    context.analyses.map(({ faces }) => faces.length),
    [5, 1, 0],
    'every look is told of, one that finds nobody too',
  );
});

test('tiny faces are searched for where all faces of a picture are asked for, and nowhere else', async () => {
  const context = openContext();
  await detectFaces(context, picture(shown), 'all');
  await detectFaces(context, picture(shown), 'largest');
  await traceShapes(context, picture(shown), 'all');
  assert.deepEqual(
    context.analyzeOptions.map(({ tinyFaces = false }) => tinyFaces),
    [true, false, false],
  );
});

test('of the faces of a picture the five largest are traced, or the largest alone', async () => {
  const context = openContext();
  const all = await traceShapes(context, picture(shown), 'all');
  assert.deepEqual(all, { width: 640, height: 480, shapes: shown.slice(0, 5).map(shapeOf) });
  const largest = await traceShapes(context, picture(shown), 'largest');
  assert.deepEqual(largest.shapes, shown.slice(0, 1).map(shapeOf));
  await isRefused(traceShapes(context, picture([]), 'all'), 'noFace');
});

test('two pictures are as alike as their largest faces', async () => {
  const context = openContext();
  const [first, second] = [picture([{ cosine: 1 }, { cosine: 0.3 }]), picture([{ cosine: 0.6 }, { cosine: 1 }])];
  assert.deepEqual(await compare(context, first, second), { score: 60, samePicture: false });
});

test('a comparison tells which picture was refused, the first if both were, and a bug is no refusal', async () => {
  const context = openContext();
  const good = picture([{ cosine: 1 }]);
  const [broken, other] = [new Refusal('decodeFailed'), new Refusal('formatInvalid')];
  assert.deepEqual(await compare(context, failing(broken), good), { refusal: broken, at: 1 });
  assert.deepEqual(await compare(context, good, failing(other)), { refusal: other, at: 2 });
  assert.deepEqual(await compare(context, failing(broken), failing(other)), { refusal: broken, at: 1 });
  await assert.rejects(compare(context, failing(broken), failing(new Error('a bug'))), /a bug/);
});
