/** Makes packs whose networks are small and made up, but real to the inference engine. */
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GraphBuilder } from '../../src/vision/models/builder.ts';
import { encodeModel } from '../../src/vision/models/onnx.ts';
import type { Manifest } from '../../src/vision/packs/manifest.ts';

/** SHA-256, hexadecimal. */
export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** A folder of its own for a test, removed after it. */
export async function freshFolder(context: { after(remove: () => Promise<void>): void }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-packs-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/**
 * Describes a face by its thumbnail of 8 × 8 pixels, channels first, as SFace's file has its input and output.
 * @param batch how many pictures it says that it takes; any number if that is a name.
 */
export function thumbnailNetwork(batch: number | string = 1): Uint8Array {
  return encodeModel({
    name: 'thumbnail',
    inputs: [{ name: 'data', dims: [batch, 3, 112, 112] }],
    outputs: [{ name: 'fc1', dims: [batch, 192] }],
    tensors: [],
    nodes: [
      {
        op: 'AveragePool',
        inputs: ['data'],
        outputs: ['pooled'],
        attributes: { kernel_shape: [14, 14], strides: [14, 14] },
      },
      { op: 'Flatten', inputs: ['pooled'], outputs: ['fc1'], attributes: { axis: 1 } },
    ],
  });
}

/** How sure a made-up YuNet is of each place: of those whose pixels are red, or of all. */
export type Sees = 'red' | 'everything';

/**
 * A YuNet that sees faces at one stride, and nothing at the others: `side` strides wide and in the middle of their
 * place, eyes a quarter of a stride left and right of it.
 */
export function yunetNetwork(size: number, seeing: number, sees: Sees, side: number): Uint8Array {
  const builder = new GraphBuilder([size, size, 3]);
  const outputs = [8, 16, 32].flatMap((stride) => {
    const count = (size / stride) ** 2;
    const conv = (width: number, weight: (channel: number) => number, bias: readonly number[]) => {
      const area = stride * stride;
      const data = Float32Array.from({ length: area * 3 * width }, (_, i) => weight(Math.floor(i / width) % 3) / area);
      const filters = { shape: [stride, stride, 3, width], data };
      const shift = { shape: [width], data: Float32Array.from(bias) };
      return builder.rows(builder.conv(builder.input, filters, shift, { stride, padding: 'valid' }), [count, width]);
    };
    const isRed = (channel: number) => (channel === 0 ? 1 / 255 : -1 / 255);
    const surety = () =>
      stride !== seeing ? conv(1, () => 0, [0]) : sees === 'red' ? conv(1, isRed, [0]) : conv(1, () => 0, [0.9]);
    const size5 = Math.log(side);
    const points = [0.25, 0.5, 0.75, 0.5, 0.5, 0.6, 0.3, 0.7, 0.7, 0.7];
    return [
      [`cls_${stride}`, surety()],
      [`obj_${stride}`, surety()],
      [`bbox_${stride}`, conv(4, () => 0, [0.5, 0.5, size5, size5])],
      [`kps_${stride}`, conv(10, () => 0, points)],
    ] as const;
  });
  return builder.encode('yunet', Object.fromEntries(outputs));
}

/** The outputs of a made-up SCRFD, called by numbers as InsightFace's are, and in the order of a manifest. */
export const scrfdOutputs = ['448', '471', '494', '451', '474', '497', '454', '477', '500'];

/**
 * A SCRFD whose second anchor sees red places at one stride, and whose others see nothing. A face reaches a half, one, one
 * and a half, and two strides from the corner of its place to the left, upwards, to the right and downwards; its eyes are a
 * quarter of a stride left and right of the corner.
 */
export function scrfdNetwork(size: number, seeing: number): Uint8Array {
  const builder = new GraphBuilder([size, size, 3]);
  const outputs = [8, 16, 32].flatMap((stride, grid) => {
    const count = 2 * (size / stride) ** 2;
    /** Two anchors; the second has the bias, and what it sees in red, green and blue. */
    const conv = (bias: readonly number[], sees: readonly number[]) => {
      const [area, width] = [stride * stride, bias.length];
      const data = Float32Array.from({ length: area * 3 * 2 * width }, (_, i) =>
        i % (2 * width) < width ? 0 : sees[Math.floor(i / (2 * width)) % 3]! / area,
      );
      const filters = { shape: [stride, stride, 3, 2 * width], data };
      const shift = { shape: [2 * width], data: Float32Array.from([...bias.map(() => 0), ...bias]) };
      return builder.rows(builder.conv(builder.input, filters, shift, { stride, padding: 'valid' }), [count, width]);
    };
    const nothing = [0, 0, 0];
    const isRed = [1 / 255, -1 / 255, -1 / 255];
    return [
      [scrfdOutputs[grid]!, conv([0], stride === seeing ? isRed : nothing)],
      [scrfdOutputs[grid + 3]!, conv([0.5, 1, 1.5, 2], nothing)],
      [scrfdOutputs[grid + 6]!, conv([-0.25, 0, 0.25, 0, 0, 0.5, -0.2, 1, 0.2, 1], nothing)],
    ] as const;
  });
  return builder.encode('scrfd', Object.fromEntries(outputs));
}

/** The manifest of a pack with a recogniser that is its thumbnail. */
export function thumbnailManifest(name: string, url?: string): Manifest {
  const bytes = thumbnailNetwork();
  return {
    name,
    about: 'Made up for a test.',
    files: [
      {
        name: 'thumbnail.onnx',
        sha256: sha256(bytes),
        bytes: bytes.length,
        urls: url === undefined ? [] : [url],
        licence: 'CC0-1.0',
        origin: 'A test.',
      },
    ],
    recogniser: {
      file: 'thumbnail.onnx',
      input: { size: 112, layout: 'NCHW', channels: 'RGB', mean: [127.5, 127.5, 127.5], divisor: [128, 128, 128] },
      alignment: [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
      ],
      dimension: 192,
    },
    score: {
      measured: false,
      from: 'made up',
      knots: [
        { cosine: -1, score: 0 },
        { cosine: 0.9, score: 70 },
        { cosine: 0.999, score: 99 },
        { cosine: 1, score: 100 },
      ],
    },
  };
}

/** The manifest of a pack with a made-up YuNet. */
export function yunetManifest(name: string, network: Uint8Array, size: number): Manifest {
  const input = { size, layout: 'NHWC', channels: 'RGB', mean: [0, 0, 0], divisor: [1, 1, 1] } as const;
  return {
    name,
    about: 'Made up for a test.',
    files: [
      {
        name: 'y.onnx',
        sha256: sha256(network),
        bytes: network.length,
        urls: [],
        licence: 'CC0-1.0',
        origin: 'A test.',
      },
    ],
    detector: { file: 'y.onnx', kind: 'yunet', input: { ...input, mean: [0, 0, 0], divisor: [1, 1, 1] } },
  };
}

/** The manifest of a pack with a made-up SCRFD. */
export function scrfdManifest(name: string, network: Uint8Array, size: number): Manifest {
  const { detector, ...manifest } = yunetManifest(name, network, size);
  return { ...manifest, detector: { ...detector!, kind: 'scrfd', outputs: scrfdOutputs } };
}

/** Writes a manifest and its files into a folder, as somebody would hand a pack on. */
export async function writePack(folder: string, manifest: Manifest, ...files: readonly Uint8Array[]): Promise<string> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'pack.json'), JSON.stringify(manifest));
  for (const [i, file] of manifest.files.entries()) await writeFile(join(folder, file.name), files[i]!);
  return folder;
}
