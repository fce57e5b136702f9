import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { decodeBmp } from '../../src/vision/pipeline/bmp.ts';

/** The header of a bitmap of the given size, followed by what is given. */
function bitmap(
  { width, height, bits, compression = 0 }: { width: number; height: number; bits: number; compression?: number },
  palette: readonly number[],
  rows: readonly number[],
): Uint8Array {
  const start = 54 + palette.length;
  const file = new Uint8Array(start + rows.length);
  const view = new DataView(file.buffer);
  file.set([0x42, 0x4d]);
  view.setUint32(2, file.length, true);
  view.setUint32(10, start, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, bits, true);
  view.setUint32(30, compression, true);
  file.set(palette, 54);
  file.set(rows, start);
  return file;
}

const red = [255, 0, 0];
const green = [0, 255, 0];
const blue = [0, 0, 255];
const white = [255, 255, 255];
/** Blue, green, red, unused. */
const fourColours = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 255, 255, 255, 0];

/** Red and green above blue and white, two pixels wide, in every depth; rows are stored from the bottom. */
const kinds: readonly (readonly [string, Uint8Array])[] = [
  ['4 bits', bitmap({ width: 2, height: 2, bits: 4 }, fourColours, [0x23, 0, 0, 0, 0x01, 0, 0, 0])],
  ['8 bits', bitmap({ width: 2, height: 2, bits: 8 }, fourColours, [2, 3, 0, 0, 0, 1, 0, 0])],
  ['16 bits', bitmap({ width: 2, height: 2, bits: 16 }, [], [0x1f, 0, 0xff, 0x7f, 0, 0x7c, 0xe0, 0x03])],
  [
    '16 bits with fields',
    bitmap(
      { width: 2, height: 2, bits: 16, compression: 3 },
      [0, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0],
      [0x1f, 0, 0xff, 0xff, 0, 0xf8, 0xe0, 0x07],
    ),
  ],
  [
    '24 bits',
    bitmap({ width: 2, height: 2, bits: 24 }, [], [255, 0, 0, 255, 255, 255, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0]),
  ],
  [
    '24 bits from the top',
    bitmap({ width: 2, height: -2, bits: 24 }, [], [0, 0, 255, 0, 255, 0, 0, 0, 255, 0, 0, 255, 255, 255, 0, 0]),
  ],
  [
    '32 bits',
    bitmap({ width: 2, height: 2, bits: 32 }, [], [255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 0, 0, 255, 0, 0]),
  ],
  [
    '32 bits with fields up to the sign bit',
    bitmap(
      { width: 2, height: 2, bits: 32, compression: 3 },
      [0, 0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0],
      [0, 255, 0, 0, 0, 255, 255, 255, 0, 0, 0, 255, 0, 0, 255, 0],
    ),
  ],
];

for (const [kind, file] of kinds) {
  test(`a bitmap of ${kind} gives its colours`, () => {
    const { data, width, height } = decodeBmp(file, 100);
    assert.deepEqual([...data], [...red, ...green, ...blue, ...white]);
    assert.deepEqual([width, height], [2, 2]);
  });

  test(`a bitmap of ${kind} that is cut off is refused`, () => {
    assert.throws(() => decodeBmp(file.subarray(0, file.length - 1), 100), RangeError);
  });
}

test('single bits are read from the highest', () => {
  const file = bitmap({ width: 3, height: 1, bits: 1 }, fourColours.slice(0, 8), [0b01000000, 0, 0, 0]);
  assert.deepEqual([...decodeBmp(file, 100).data], [...red, ...green, ...red]);
});

test('an index beyond a short palette is black', () => {
  const file = bitmap({ width: 1, height: 1, bits: 8 }, fourColours.slice(0, 4), [200, 0, 0, 0]);
  assert.deepEqual([...decodeBmp(file, 100).data], [0, 0, 0]);
});

test('a header that claims more than the limit or than the file holds is refused before anything is allocated', () => {
  for (const [width, height] of [
    [60000, 60000],
    [2 ** 31 - 1, 2 ** 31 - 1],
    [0, 5],
    [-4, 4],
    [11, 11],
  ] as const) {
    assert.throws(() => decodeBmp(bitmap({ width, height, bits: 24 }, [], [0, 0, 0, 0]), 100), RangeError);
  }
});

test('whatever follows BM is decoded or refused with a RangeError', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(), (noise, pick) => {
      const file = kinds[pick % kinds.length]![1].slice();
      file.set(noise.subarray(0, file.length - 2), 2);
      try {
        decodeBmp(file, 10_000);
      } catch (error) {
        assert.ok(error instanceof RangeError);
      }
    }),
    { numRuns: 1000 },
  );
});
