/** Makes crowds of tiny faces, and measures what `detect` finds in them, in pictures without faces and in portraits. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Box } from '../../src/domain/face-analyzer.ts';
import { iou } from '../../src/vision/kernels/nms.ts';
import { createRandom } from '../statistics.ts';
import { abreastOf, asDetect } from './analyses.ts';
import type { Evidence, InnerEvidence } from './evidence.ts';
import { countFigure, type Figure, quantileFigure, shareFigure, shareOf } from './figures.ts';
import { spread } from './manifests.ts';

/** Sizes of the faces in pixels, the root of the box's area, and the least share of them that should be found. */
const sizes = [{ size: 12, least: 0.5 }, { size: 14 }, { size: 16, least: 0.8 }, { size: 20, least: 0.9 }] as const;
const canvas = { width: 600, height: 398 } as const;
/** How many crowds are made for each size, every second one before a picture without faces. */
const crowdsPerSize = 6;
/** How many faces a crowd has at most. */
const facesMax = 100;
/** What is cut out of a photograph is a square of so many sizes of its face. */
const cutOut = 2;
/** Each face has a square of so many sizes of it for itself. */
const cell = 2.4;
/** A face counts as found from this intersection over union on. */
const overlapMin = 0.3;
/** How many portraits are analysed with and without a search for tiny faces. */
const portraits = 40;

/** A photograph in which one face is found. */
export interface Portrait {
  readonly path: string;
  readonly box: Box;
}

/** A face of a crowd. */
interface Placed {
  readonly portrait: Portrait;
  /** Where its square is put. */
  readonly left: number;
  readonly top: number;
}

/** Measures the search for tiny faces. @param found the photographs that the crowds are made of. */
export async function crowds(evidence: Evidence, found: readonly Portrait[]): Promise<Figure[]> {
  if (found.length === 0) return [];
  const empty = evidence.rows('detection').flatMap((row) => {
    const result = evidence.analysed.get(row.path!);
    return Number(row.count_max) === 0 && result && !result.missing && !result.trouble ? [row.path!] : [];
  });
  return [...(await recall(evidence, found, empty)), ...(await falseFaces(evidence, empty))];
}

async function recall(evidence: Evidence, found: readonly Portrait[], empty: readonly string[]): Promise<Figure[]> {
  const random = createRandom(11);
  const results = sizes.map((one) => ({ ...one, hits: [] as boolean[], extra: 0 }));
  const tasks = results.flatMap((result) =>
    Array.from({ length: crowdsPerSize }, (_, i) => ({
      result,
      ground: i % 2 === 1 && empty.length > 0 ? empty[Math.floor(random() * empty.length)] : undefined,
      placed: place(found, result.size, random),
    })),
  );
  await abreastOf(evidence.abreast, tasks, async ({ result, ground, placed }) => {
    const { file, expected } = await makeCrowd(evidence.data, result.size, placed, ground);
    const left = [...(await evidence.boxesOf(Uint8Array.from(file)))];
    for (const face of expected) {
      const best = left.toSorted((a, b) => iou(b, face) - iou(a, face))[0];
      const isFound = best !== undefined && iou(best, face) >= overlapMin;
      if (isFound) left.splice(left.indexOf(best), 1);
      result.hits.push(isFound);
    }
    result.extra += left.length;
  });
  return results.flatMap(({ size, hits, extra, ...one }) => {
    const name = `crowds of ${canvas.width} × ${canvas.height}, faces of ${size} pixels`;
    return [
      shareOf(`${name}: recall`, hits, (hit) => hit, 'least' in one ? { least: one.least } : undefined),
      countFigure(`${name}: boxes on none of them`, extra, hits.length),
    ];
  });
}

/** Where the faces of a crowd stand: each in a cell of a grid, moved a little. */
function place(found: readonly Portrait[], size: number, random: () => number): Placed[] {
  const side = cell * size;
  const spare = side - cutOut * size;
  const [columns, rows] = [Math.floor(canvas.width / side), Math.floor(canvas.height / side)];
  return Array.from({ length: columns * rows }, (_, i) => ({ at: i, order: random() }))
    .toSorted((a, b) => a.order - b.order)
    .slice(0, facesMax)
    .map(({ at }) => ({
      portrait: found[Math.floor(random() * found.length)]!,
      left: Math.round((at % columns) * side + random() * spare),
      top: Math.round(Math.floor(at / columns) * side + random() * spare),
    }));
}

/** A crowd on grey, or before a picture. */
async function makeCrowd(data: string, size: number, placed: readonly Placed[], ground: string | undefined) {
  const made = await Promise.all(
    placed.map(async ({ portrait: { path, box }, left, top }) => {
      const scale = size / Math.sqrt(box.width * box.height);
      const photograph = await sharp(await readFile(join(data, path)))
        .rotate()
        .toBuffer({ resolveWithObject: true });
      const cut = cutAbout(box, (cutOut * size) / scale, photograph.info);
      const [width, height] = [Math.round(cut.width * scale), Math.round(cut.height * scale)];
      const input = await sharp(photograph.data).extract(cut).resize(width, height, { fit: 'fill' }).png().toBuffer();
      const [across, down] = [width / cut.width, height / cut.height];
      const face = {
        x: left + (box.x - cut.left) * across,
        y: top + (box.y - cut.top) * down,
        width: box.width * across,
        height: box.height * down,
      };
      return { face, layer: { input, left, top } };
    }),
  );
  const base =
    ground === undefined
      ? sharp({ create: { ...canvas, channels: 3, background: '#808080' } })
      : sharp(await readFile(join(data, ground)))
          .rotate()
          .resize({ ...canvas, fit: 'cover' });
  const file = await base
    .composite(made.map(({ layer }) => layer))
    .jpeg({ quality: 90 })
    .toBuffer();
  return { file, expected: made.map(({ face }) => face) };
}

/** The square of this side about a face, as far as the photograph goes. */
function cutAbout(box: Box, side: number, { width, height }: { readonly width: number; readonly height: number }) {
  const within = (middle: number, length: number): readonly [start: number, end: number] => [
    Math.max(0, Math.round(middle - side / 2)),
    Math.min(length, Math.round(middle + side / 2)),
  ];
  const [left, right] = within(box.x + box.width / 2, width);
  const [top, bottom] = within(box.y + box.height / 2, height);
  return { left, top, width: right - left, height: bottom - top };
}

/** Searches the pictures without faces and the quarters of each, which are other pictures to a search for tiny faces. */
async function falseFaces({ abreast, boxesOf, data: folder }: Evidence, empty: readonly string[]): Promise<Figure[]> {
  let pictures = 0;
  let withFaces = 0;
  await abreastOf(abreast, empty, async (path) => {
    const whole = sharp(await readFile(join(folder, path))).rotate();
    const { data, info } = await whole.png().toBuffer({ resolveWithObject: true });
    const [width, height] = [Math.floor(info.width / 2), Math.floor(info.height / 2)];
    const quarters = [0, 1, 2, 3].map((i) =>
      sharp(data)
        .extract({ left: (i % 2) * width, top: Math.floor(i / 2) * height, width, height })
        .png()
        .toBuffer(),
    );
    for (const file of [await readFile(join(folder, path)), ...(await Promise.all(quarters))]) {
      pictures += 1;
      if ((await boxesOf(Uint8Array.from(file))).length > 0) withFaces += 1;
    }
  });
  const name = 'pictures without faces and their quarters in which detect finds one';
  return [{ ...shareFigure(name, withFaces, pictures), goal: { most: 0.01 } }];
}

/** What the search costs a portrait, with and without it in turn. */
export async function tinyFaceCost({ analyzer, data }: InnerEvidence, found: readonly Portrait[]): Promise<Figure[]> {
  if (found.length === 0) return [];
  const [without, together]: [number[], number[]] = [[], []];
  for (const { path } of spread(found, portraits)) {
    const file = await readFile(join(data, path));
    for (const [tinyFaces, spent] of [
      [false, without],
      [true, together],
    ] as const) {
      const { timings } = await analyzer.analyze(Uint8Array.from(file), { ...asDetect, tinyFaces });
      spent.push(timings.detect!);
    }
  }
  return [
    quantileFigure('portraits, detection without tiny faces: median', 'milliseconds', without, 0.5),
    quantileFigure('portraits, detection with tiny faces: median', 'milliseconds', together, 0.5),
  ];
}
