/** Crops are decoded as pictures are, and what is no crop is left to the decoder of pictures. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { Refusal } from '../../src/errors/refusals.ts';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { cropFace } from '../../src/vision/pipeline/crop.ts';
import { decodePicture } from '../../src/vision/pipeline/decode.ts';
import { decodeCrop, decodePlain } from '../../src/vision/pipeline/decode-crop.ts';
import { type DrawnFace, draw, meshOf } from './drawn.ts';

const limits = { pixelsMax: 1e6, secondsMax: 5 };

/** A square that is everywhere another. */
function square(side: number): Sharp {
  const data = Buffer.alloc(side * side * 3);
  for (let i = 0; i < data.length; i++) data[i] = 128 + 60 * Math.sin(i / 41) + 60 * Math.cos(i / side / 9);
  return sharp(data, { raw: { width: side, height: side, channels: 3 } });
}

/** A crop as they are kept. */
async function crop(): Promise<Uint8Array> {
  const face: DrawnFace = { centre: { x: 260, y: 190 }, unit: 38, degrees: 31 };
  return cropFace(new Pyramid({ ...draw(500, 400, [face]), width: 500, height: 400 }), meshOf(face));
}

/** Whether the fast decoder reads a file. To say how pixels differ from nothing would take minutes. */
async function isPlain(file: Uint8Array): Promise<boolean> {
  return (await decodePlain(new Uint8Array(file), limits)) !== undefined;
}

const isRefused = (error: unknown) => error instanceof Refusal && error.refusal === 'decodeFailed';

test('a crop is decoded as any picture is, whatever is in it', async () => {
  /** How many of them have nothing in them but what crops have. */
  const plainCount = 3;
  const files = await Promise.all([
    crop(),
    square(160).jpeg().toBuffer(),
    square(192).jpeg({ quality: 97, chromaSubsampling: '4:4:4' }).toBuffer(),
    square(192).jpeg({ progressive: true }).toBuffer(),
    square(192).jpeg().withMetadata({ orientation: 6 }).toBuffer(),
    square(192).jpeg().withIccProfile('p3').toBuffer(),
    square(192).jpeg().withIccProfile('srgb').toBuffer(),
    square(192).greyscale().toColourspace('b-w').jpeg().toBuffer(),
    square(192).toColourspace('cmyk').jpeg({ progressive: true }).toBuffer(),
    square(192).png().toBuffer(),
  ]);
  for (const [i, file] of files.entries()) {
    const { pixels } = await decodePicture(new Uint8Array(file), limits);
    // deepEqual would tell a Buffer from an array of the same bytes.
    const found = await decodeCrop(new Uint8Array(file), limits);
    assert.deepEqual([found.width, found.height], [pixels.width, pixels.height], `file ${i}`);
    assert.equal(Buffer.compare(found.data, pixels.data), 0, `file ${i}`);
    assert.equal(await isPlain(file), i < plainCount, `file ${i} is read by the right decoder`);
  }
  const [file] = files;
  await assert.rejects(decodeCrop(file!, { ...limits, pixelsMax: 100 }), isRefused);
  for (let length = 4; length < file!.length; length += 97)
    await assert.rejects(decodeCrop(file!.subarray(0, length), limits), isRefused);
  assert.equal(await isPlain(file!), true, 'and goes on with the next');
  await assert.rejects(
    decodeCrop(new Uint8Array(0), limits),
    (error) => error instanceof Refusal && error.refusal === 'pictureMissing',
  );
});

test('a file that would take more time or memory than a crop is left to the decoder of pictures', async () => {
  const file = Buffer.from(await square(192).jpeg({ optimiseCoding: false }).toBuffer());
  assert.equal(await isPlain(file), true);
  const padded = Buffer.concat([file, Buffer.alloc(3 * 192 * 192)]);
  assert.equal(await isPlain(padded), false);
  assert.equal((await decodeCrop(padded, limits)).width, 192, 'viewers pass over bytes after the end');
  const separate = await inScansOf(192);
  assert.equal(await isPlain(separate), false, 'who writes three scans may write a thousand');
  assert.equal((await decodeCrop(separate, limits)).width, 192);
});

/** A baseline JPEG each of whose colours is a scan of its own; all three are the same. */
async function inScansOf(side: number): Promise<Uint8Array> {
  const options = { optimiseCoding: false, chromaSubsampling: '4:4:4' } as const;
  const start = Buffer.of(0xff, 0xda);
  const coloured = await square(side).jpeg(options).toBuffer();
  const grey = await square(side).greyscale().toColourspace('b-w').jpeg(options).toBuffer();
  const data = grey.subarray(grey.indexOf(start) + 10, -2);
  const scans = [1, 2, 3].flatMap((name) => [Buffer.of(0xff, 0xda, 0, 8, 1, name, 0, 0, 63, 0), data]);
  return Buffer.concat([coloured.subarray(0, coloured.indexOf(start)), ...scans, Buffer.of(0xff, 0xd9)]);
}

test('a decoder that has refused a file is not used again, nor is one that could not be made', async (t) => {
  const whole = await crop();
  assert.equal(await isPlain(whole), true);
  const { mock } = t.mock.method(WebAssembly, 'instantiate');
  assert.equal(await isPlain(whole), true);
  assert.equal(mock.callCount(), 0, 'one decodes crop after crop');
  assert.equal(await isPlain(whole.subarray(0, whole.length / 2)), false);
  mock.mockImplementationOnce((() => Promise.reject(new RangeError('out of memory'))) as never);
  assert.equal((await decodeCrop(whole, limits)).width, 192, 'the decoder of pictures stands in');
  assert.equal(mock.callCount(), 1);
  assert.equal(await isPlain(whole), true);
  assert.equal(mock.callCount(), 2);
});
