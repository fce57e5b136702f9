import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import sharp, { type Sharp, type SharpOptions } from 'sharp';
import { Refusal, type RefusalName } from '../../src/errors/refusals.ts';
import { confineDecoder, decodePicture, type Picture, workingSideMax } from '../../src/vision/pipeline/decode.ts';
import { photograph } from './photographs.ts';

confineDecoder();

const limits = { pixelsMax: 40_000_000, secondsMax: 10 };

const decode = (file: Uint8Array): Promise<Picture> => decodePicture(file, limits);

const refuses = (file: Uint8Array, refusal: RefusalName): Promise<void> =>
  assert.rejects(decode(file), (error) => error instanceof Refusal && error.refusal === refusal);

const text = (value: string): Uint8Array => new TextEncoder().encode(value);

/** A picture whose quarters are red, green, blue and white; each quarter is 16 × 12. */
function quarters(): Sharp {
  const data = Buffer.alloc(32 * 24 * 3);
  const colours = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ];
  for (let y = 0; y < 24; y++) {
    for (let x = 0; x < 32; x++) data.set(colours[(y < 12 ? 0 : 2) + (x < 16 ? 0 : 1)]!, (y * 32 + x) * 3);
  }
  return sharp(data, { raw: { width: 32, height: 24, channels: 3 } });
}

/** The colour in the middle of each quarter, with every channel that is near the strongest at 255, the others at 0. */
function seen({ pixels: { data, width, height } }: Picture): number[][] {
  return [
    [1, 1],
    [3, 1],
    [1, 3],
    [3, 3],
  ].map(([x, y]) => {
    const at = (Math.floor((height * y!) / 4) * width + Math.floor((width * x!) / 4)) * 3;
    const colour = [...data.subarray(at, at + 3)];
    return colour.map((value) => (value > 0.75 * Math.max(...colour) ? 255 : 0));
  });
}

const expected = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 255],
];

const encodings: readonly (readonly [string, () => Sharp])[] = [
  ['JPEG', () => quarters().jpeg()],
  ['progressive JPEG', () => quarters().jpeg({ progressive: true })],
  ['PNG', () => quarters().png()],
  ['PNG of 16 bits', () => quarters().toColourspace('rgb16').png()],
  ['PNG with a palette', () => quarters().png({ palette: true })],
  ['WebP', () => quarters().webp()],
  ['lossless WebP', () => quarters().webp({ lossless: true })],
  ['GIF of one frame', () => quarters().gif()],
];

for (const [name, encode] of encodings) {
  test(`${name} gives its colours`, async () => {
    const picture = await decode(await encode().toBuffer());
    assert.deepEqual([picture.width, picture.height], [32, 24]);
    assert.deepEqual(seen(picture), expected);
  });
}

test('a CMYK picture gives its colours as far as ink can carry them', async () => {
  const picture = await decode(await quarters().toColourspace('cmyk').jpeg().toBuffer());
  const [red, , blue, white] = seen(picture);
  assert.deepEqual([red, white], [expected[0], expected[3]]);
  assert.equal(blue![2], 255);
});

test('a grey picture has three equal channels', async () => {
  for (const file of [
    await quarters().greyscale().jpeg().toBuffer(),
    await quarters().toColourspace('grey16').png().toBuffer(),
  ]) {
    const { pixels } = await decode(file);
    assert.equal(pixels.data.length, 32 * 24 * 3);
    for (let i = 0; i < pixels.data.length; i += 3) {
      assert.equal(pixels.data[i], pixels.data[i + 1]);
      assert.equal(pixels.data[i], pixels.data[i + 2]);
    }
  }
});

test('what is transparent is white', async () => {
  const clear = sharp({ create: { width: 4, height: 4, channels: 4, background: { r: 9, g: 9, b: 9, alpha: 0 } } });
  for (const file of [await clear.clone().png().toBuffer(), await clear.clone().webp({ lossless: true }).toBuffer()]) {
    assert.deepEqual(new Set((await decode(file)).pixels.data), new Set([255]));
  }
});

test('every EXIF orientation comes out upright', async () => {
  /** How to store an upright picture so that the tag restores it: turn first, then mirror. */
  const stored: Record<number, (image: Sharp) => Sharp> = {
    1: (image) => image,
    2: (image) => image.flop(),
    3: (image) => image.rotate(180),
    4: (image) => image.flip(),
    6: (image) => image.rotate(270),
    8: (image) => image.rotate(90),
  };
  for (const [orientation, store] of Object.entries(stored)) {
    const file = await store(quarters())
      .withMetadata({ orientation: Number(orientation) })
      .jpeg()
      .toBuffer();
    const picture = await decode(file);
    assert.deepEqual([picture.width, picture.height], [32, 24], `orientation ${orientation}`);
    assert.deepEqual(seen(picture), expected, `orientation ${orientation}`);
  }
});

test('a bitmap is a picture', async () => {
  const file = new Uint8Array(54 + 8);
  const view = new DataView(file.buffer);
  file.set(text('BM'));
  for (const [at, value] of [
    [10, 54],
    [14, 40],
    [18, 2],
    [22, 1],
    [28, 24],
  ] as const)
    view.setUint32(at, value, true);
  file.set([0, 0, 255, 255, 0, 0], 54);
  assert.deepEqual([...(await decode(file)).pixels.data], [255, 0, 0, 0, 0, 255]);
});

test('a picture larger than the working side is shrunk, and its own size is told', async () => {
  const file = await sharp({ create: { width: 5000, height: 1000, channels: 3, background: 'red' } })
    .png()
    .toBuffer();
  const { width, height, pixels } = await decode(file);
  assert.deepEqual([width, height], [5000, 1000]);
  assert.equal(pixels.width, workingSideMax);
});

test('nothing at all is a missing picture', () => refuses(new Uint8Array(0), 'pictureMissing'));

test('what is no picture, or of a format that is not taken, is refused by its first bytes', async () => {
  const tiff = await quarters().tiff().toBuffer();
  const others = [
    text('hello, I am called face.jpg'),
    text('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'),
    text('%PDF-1.7'),
    Uint8Array.of(0x00, 0x00, 0x00, 0x18, ...text('ftypheic')),
    Uint8Array.of(0xff),
    tiff,
  ];
  for (const file of others) await refuses(file, 'formatInvalid');
});

test('an animation is refused, whichever format it has', async () => {
  const frames = sharp({
    create: { width: 8, height: 16, channels: 3, background: 'red', pageHeight: 8 },
  } as SharpOptions).composite([
    { input: { create: { width: 8, height: 8, channels: 3, background: 'blue' } }, top: 8, left: 0 },
  ]);
  const gif = await frames.clone().gif({ loop: 0 }).toBuffer();
  const webp = await frames.clone().webp({ loop: 0 }).toBuffer();
  assert.equal((await sharp(gif).metadata()).pages, 2, 'the test made an animation');
  await refuses(gif, 'formatInvalid');
  await refuses(webp, 'formatInvalid');
  await refuses(withChunk(await quarters().png().toBuffer(), 'acTL', new Uint8Array(8)), 'formatInvalid');
});

/** The PNG with a chunk after its header; its checksum is left 0, which nobody gets to read. */
function withChunk(png: Uint8Array, type: string, data: Uint8Array): Uint8Array {
  const header = 8 + 25;
  const chunk = new Uint8Array(12 + data.length);
  new DataView(chunk.buffer).setUint32(0, data.length);
  chunk.set(text(type), 4);
  chunk.set(data, 8);
  return Uint8Array.of(...png.subarray(0, header), ...chunk, ...png.subarray(header));
}

test('a picture that is cut off is refused, wherever it is cut', async () => {
  const whole = photograph(1);
  for (const length of [2, 3, 20, 500, whole.length >> 1, whole.length - 200])
    await refuses(whole.slice(0, length), 'decodeFailed');
  for (const [name, encode] of encodings) {
    const file = await encode().toBuffer();
    await assert.rejects(decode(file.subarray(0, file.length * 0.6)), Refusal, name);
  }
});

test('a header that claims too many pixels is refused, though the file is small', async () => {
  const png = new Uint8Array(await quarters().png().toBuffer());
  new DataView(png.buffer).setUint32(16, 50_000);
  new DataView(png.buffer).setUint32(20, 50_000);
  await refuses(png, 'decodeFailed');
  const jpeg = await sharp({ create: { width: 300, height: 200, channels: 3, background: 'red' } })
    .jpeg()
    .toBuffer();
  await assert.rejects(decodePicture(jpeg, { ...limits, pixelsMax: 59_999 }), { refusal: 'decodeFailed' });
  assert.equal((await decodePicture(jpeg, { ...limits, pixelsMax: 60_000 })).width, 300);
});

test('bytes after the end of a picture do no harm', async () => {
  const file = await quarters().jpeg().toBuffer();
  const picture = await decode(Buffer.concat([file, readFileSync(import.meta.filename)]));
  assert.deepEqual(seen(picture), expected);
});

test('passing over the usual sRGB profile changes no byte, and any other profile is honoured', async () => {
  const file = await photograph(3);
  assert.ok((await sharp(file).metadata()).icc, 'the photograph carries a profile');
  const { pixels } = await decodePicture(file, { pixelsMax: 40_000_000, secondsMax: 30 });
  assert.ok(Buffer.from(pixels.data).equals(await sharp(file).toColourspace('srgb').raw().toBuffer()));
  const wide = sharp({ create: { width: 64, height: 64, channels: 3, background: '#c04020' } }).withIccProfile('p3');
  for (const file of [await wide.clone().png().toBuffer(), await wide.clone().jpeg({ quality: 100 }).toBuffer()]) {
    const decoded = await decodePicture(new Uint8Array(file), { pixelsMax: 40_000_000, secondsMax: 30 });
    const [red, green, blue] = decoded.pixels.data;
    assert.ok(
      Math.abs(red! - 0xc0) <= 2 && Math.abs(green! - 0x40) <= 2 && Math.abs(blue! - 0x20) <= 2,
      `${red} ${green} ${blue}`,
    );
  }
});
