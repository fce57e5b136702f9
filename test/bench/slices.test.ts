import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import sharp from 'sharp';
import type { DescribedFace, PictureResult } from '../../bench/vision/analyses.ts';
import { nothing } from '../../bench/vision/analyses.ts';
import { type Evidence, peopleOf } from '../../bench/vision/evidence.ts';
import { forWhom } from '../../bench/vision/for-whom.ts';
import type { Row } from '../../bench/vision/manifests.ts';
import { meantInTheMiddle } from '../../bench/vision/recognition.ts';
import { alter, count, groupingsOf, newCounts, sliceFindings } from '../../bench/vision/slices.ts';

let folder: string;
let file: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-slices-'));
  file = join(folder, 'noise.jpg');
  const noise = { type: 'gaussian', mean: 128, sigma: 40 } as const;
  await sharp({ create: { width: 200, height: 100, channels: 3, background: 'grey', noise } })
    .jpeg()
    .toFile(file);
});
after(() => rm(folder, { recursive: true }));

test('a picture is shrunk until its face has the size, and never enlarged', async () => {
  const widthAt = async (to: number) => {
    const { width, format } = await sharp(
      await alter(file, { x: 0, y: 0, width: 50, height: 50 }, { kind: 'size', to }),
    ).metadata();
    assert.equal(format, 'png', 'nothing else is lost');
    return width;
  };
  assert.deepEqual([await widthAt(25), await widthAt(10), await widthAt(96)], [100, 40, 200]);
});

test('a picture of a lower quality is smaller, and as large on the screen', async () => {
  const box = { x: 0, y: 0, width: 50, height: 50 };
  const [fair, poor] = [
    await alter(file, box, { kind: 'quality', to: 60 }),
    await alter(file, box, { kind: 'quality', to: 8 }),
  ];
  assert.ok(poor.length < fair.length / 2);
  assert.equal((await sharp(poor).metadata()).width, 200);
});

/** A face as analysed. */
function faceOf({ age = 30, gender = 100, glass = false, yaw = 0, x = 0 }): DescribedFace {
  const attributes = { gender, age, expression: 0, glass, pitch: 0, yaw, roll: 0 };
  return { box: { x, y: 0, width: 10, height: 10 }, attributes, rawAttributes: { glasses: 0, pitch: 0, yaw, roll: 0 } };
}

/** Evidence of pictures, with these labels. */
function evidenceOf(faces: Record<string, DescribedFace>, manifests: Record<string, readonly Row[]>): Evidence {
  const analysed = new Map(
    Object.entries(faces).map(([path, face]): [string, PictureResult] => [
      path,
      { ...nothing, face, boxes: [face.box] },
    ]),
  );
  const rows = (name: string) => manifests[name] ?? [];
  return { data: folder, rows, analysed, people: peopleOf(rows('pairs')), abreast: 1, boxesOf: async () => [] };
}

test('a pair is of the group of its pictures: by labels, and by the face that is turned more', () => {
  const faces = {
    'a/1.jpg': faceOf({ yaw: 4, glass: true }),
    'a/2.jpg': faceOf({ yaw: -22 }),
    'b/1.jpg': faceOf({ yaw: 45, glass: true }),
  };
  const pairs = [
    { pathA: 'a/1.jpg', pathB: 'a/2.jpg', same: '1' },
    { pathA: 'a/1.jpg', pathB: 'b/1.jpg', same: '0' },
  ];
  const evidence = evidenceOf(faces, {
    pairs,
    gender: [
      { path: 'a/1.jpg', gender: 'f' },
      { path: 'b/1.jpg', gender: 'm' },
    ],
    glasses: [{ path: 'a/1.jpg', glasses: '0' }],
  });
  const groups = groupingsOf(evidence).map(({ title, of, pair }) => [
    title,
    ...pairs.map(({ pathA, pathB }) => pair(of(pathA)!, of(pathB)!)),
  ]);
  assert.deepEqual(groups, [
    ['sex', 'two women', 'a woman and a man'],
    ['glasses', 'none', 'one of the two'],
    ['yaw', '20° to 30°', '30° and more'],
  ]);
});

test('a score counts at every threshold that it reaches, and a slice without pairs is not told', () => {
  const counts = newCounts('few');
  for (const score of [69.9, 70, 89, 95]) count(counts, 'friends', score);
  count(counts, 'strangers', 82);
  assert.deepEqual(counts, { name: 'few', friends: 4, accepted: [3, 2, 1], strangers: 1, over: [1, 1, 0] });
  const { grids } = sliceFindings([{ title: 'age', counts: [counts, newCounts('none')] }]);
  assert.deepEqual(
    grids!.map(({ rows }) => rows.map(({ name }) => name)),
    [['few']],
  );
});

test('attributes are told by sex, age and the ethnic label in the names of UTKFace', () => {
  const faces = { 'utk/40_1_2_20170104.jpg': faceOf({ age: 44, gender: 10 }), 'other/x.jpg': faceOf({ age: 20 }) };
  const ages = [
    { path: 'utk/40_1_2_20170104.jpg', age: '40', gender: 'f' },
    { path: 'other/x.jpg', age: '20', gender: 'f' },
  ];
  const [grid] = forWhom(evidenceOf(faces, { ages })).grids!;
  const row = (name: string) =>
    grid!.rows.find((one) => one.name === name)?.cells.map((cell) => (typeof cell === 'number' ? cell : cell.value));
  assert.deepEqual(row('women'), [2, 2, 2, 2, 0.5]);
  assert.deepEqual(row('21 to 40 years'), [1, 4, 4, 1, 1]);
  assert.deepEqual(row('label Asian'), [1, 4, 4, 1, 1]);
  assert.equal(row('men'), undefined);
  assert.equal(row('label White'), undefined);
});

test('of several faces the one nearest the middle is looked for', () => {
  const evidence = evidenceOf({}, { pairs: [{ pathA: 'a/1.jpg', pathB: 'a/2.jpg', same: '1' }] });
  const picture = (meant: number): PictureResult => {
    const boxes = [0, 45, 80].map((x) => faceOf({ x }).box);
    return { ...nothing, width: 100, height: 10, boxes, face: { ...faceOf({}), box: boxes[meant]! } };
  };
  const analysed = new Map([
    ['a/1.jpg', picture(1)],
    ['a/2.jpg', picture(2)],
  ]);
  assert.deepEqual(meantInTheMiddle({ ...evidence, analysed }).value, 0.5);
});
