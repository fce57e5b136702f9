import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { confineDecoder, decodePicture, type Picture, workingSideMax } from '../../src/vision/pipeline/decode.ts';
import { photograph } from './photographs.ts';

confineDecoder();

const limits = { pixelsMax: 40_000_000, secondsMax: 30 };
const decode = (file: Uint8Array): Promise<Picture> => decodePicture(file, limits);
const [width, height] = [3300, 500];
/** Decoded smaller. */
const [across, down] = [660, 100];

/** Red, green, blue and white quarters. */
function quarters(across = width, down = height): Sharp {
  const data = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255);
  return sharp(data, { raw: { width: 2, height: 2, channels: 3 } }).resize({
    width: across,
    height: down,
    fit: 'fill',
    kernel: 'nearest',
  });
}

/** The colour in the middle of each quarter, with every channel that is near the strongest at 255, the others at 0. */
function seen({ data, width, height }: Picture['pixels']): number[][] {
  return [0.25, 0.75].flatMap((y) =>
    [0.25, 0.75].map((x) => {
      const at = (Math.floor(height * y) * width + Math.floor(width * x)) * 3;
      const colour = [...data.subarray(at, at + 3)];
      return colour.map((value) => (value > 0.75 * Math.max(...colour) ? 255 : 0));
    }),
  );
}

const colours = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];

/** The full size of a picture that was decoded smaller. */
const fullOf = ({ full }: Picture): Promise<Picture['pixels']> => full!.decode(full!.sizes.at(-1)!);

test('a large JPEG or WebP is decoded at a fifth of its size, and in full size when that is asked for', async () => {
  for (const [name, file] of [
    ['JPEG', quarters().jpeg()],
    ['progressive JPEG', quarters().jpeg({ progressive: true })],
    ['WebP', quarters().webp()],
    ['lossless WebP', quarters().webp({ lossless: true })],
    ['with the profile of another colour space', quarters().withIccProfile('p3').jpeg()],
  ] as const) {
    const picture = await decode(await file.toBuffer());
    assert.deepEqual([picture.width, picture.height], [width, height], name);
    assert.deepEqual([picture.pixels.width, picture.pixels.height], [across, down], name);
    assert.deepEqual([picture.full?.width, picture.full?.height], [width, height], name);
    assert.deepEqual(seen(picture.pixels), colours, name);
    const full = await fullOf(picture);
    assert.deepEqual([full.width, full.height], [width, height], name);
    assert.deepEqual(seen(full), colours, name);
  }
});

test('a large picture in grey has three channels, and one in CMYK its colours as far as ink can carry them', async () => {
  const grey = await decode(await quarters().greyscale().jpeg().toBuffer());
  assert.equal(grey.pixels.data.length, across * down * 3);
  const ink = await decode(await quarters().toColourspace('cmyk').jpeg().toBuffer());
  const [red, , , white] = seen(ink.pixels);
  assert.deepEqual([red, white], [colours[0], colours[3]]);
});

test('what cannot be decoded smaller, or is not that large, is decoded as it is', async () => {
  for (const [name, file] of [
    ['PNG', quarters().png()],
    ['GIF', quarters().gif()],
    ['smaller JPEG', quarters(1999, 500).jpeg()],
  ] as const) {
    const { pixels, full, ...sent } = await decode(await file.toBuffer());
    assert.deepEqual([pixels.width, pixels.height, full], [sent.width, sent.height, undefined], name);
  }
});

test('a still larger picture is decoded at a ninth at first, and in the working side at most', async () => {
  const picture = await decode(await quarters(6000, 900).jpeg().toBuffer());
  assert.deepEqual([picture.pixels.width, picture.pixels.height], [667, 100]);
  const { width, height, sizes, decode: decodeAgain } = picture.full!;
  assert.deepEqual([width, height], [workingSideMax, 614]);
  assert.deepEqual(sizes, [
    { width: 1200, height: 180 },
    { width, height },
  ]);
  for (const size of sizes) {
    const again = await decodeAgain(size);
    assert.deepEqual([again.width, again.height], [size.width, size.height]);
    assert.deepEqual(seen(again), colours);
  }
});

test('every EXIF orientation of a large picture comes out upright, in both sizes', async () => {
  const upright = await quarters().jpeg().toBuffer();
  const stored: Record<number, (image: Sharp) => Sharp> = {
    2: (image) => image.flop(),
    3: (image) => image.rotate(180),
    4: (image) => image.flip(),
    6: (image) => image.rotate(270),
    8: (image) => image.rotate(90),
  };
  for (const [orientation, store] of Object.entries(stored)) {
    const file = await store(sharp(upright))
      .withMetadata({ orientation: Number(orientation) })
      .jpeg()
      .toBuffer();
    const picture = await decode(file);
    assert.deepEqual([picture.width, picture.height, picture.pixels.width], [width, height, across], orientation);
    assert.deepEqual(seen(picture.pixels), colours, orientation);
    assert.deepEqual(seen(await fullOf(picture)), colours, orientation);
  }
});

/** Whether libvips decodes a file in full size, at the same strictness. */
const isWhole = (file: Uint8Array): Promise<boolean> =>
  sharp(file, { failOn: 'error' })
    .raw()
    .toBuffer()
    .then(
      () => true,
      () => false,
    );

test('a large picture is refused for the same damage, wherever it is, as if it were decoded in full size', async () => {
  const large = sharp(photograph(1)).resize({ width: 3300, height: 1100, fit: 'cover' });
  for (const [name, file] of [
    ['JPEG', await large.clone().jpeg().toBuffer()],
    ['progressive JPEG', await large.clone().jpeg({ progressive: true }).toBuffer()],
    ['WebP', await large.clone().webp({ effort: 0 }).toBuffer()],
  ] as const) {
    for (const share of [0.02, 0.5, 0.9, 0.999]) {
      await assert.rejects(decode(file.subarray(0, file.length * share)), { refusal: 'decodeFailed' }, name);
    }
    for (const share of [0.1, 0.4, 0.8]) {
      const damaged = Uint8Array.from(file);
      damaged.fill(0x5a, file.length * share, file.length * share + 40);
      const decoded = await decode(damaged).then(
        () => true,
        () => false,
      );
      assert.equal(decoded, await isWhole(damaged), `${name} at ${share}`);
    }
  }
});

test('the limit on pixels is on those of the full size', async () => {
  const file = await quarters().jpeg().toBuffer();
  const within = (pixelsMax: number) => decodePicture(file, { ...limits, pixelsMax });
  await assert.rejects(within(width * height - 1), { refusal: 'decodeFailed' });
  assert.equal((await within(width * height)).pixels.width, across);
});
