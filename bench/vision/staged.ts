/** Makes test pictures with small or turned faces: photographs of one person, shrunk or turned on a large canvas. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Box } from '../../src/domain/face-analyzer.ts';
import { createRandom, wilson } from '../statistics.ts';
import { abreastOf } from './analyses.ts';
import { crowds, type Portrait, tinyFaceCost } from './crowds.ts';
import type { Evidence, InnerEvidence } from './evidence.ts';
import { type Findings, type Goal, shareOf } from './figures.ts';
import { pathsOf, spread } from './manifests.ts';
import { type RecallPoint, recallPlot } from './slice-plots.ts';

/** A grey picture that photographs are put on. */
interface Canvas {
  readonly width: number;
  readonly height: number;
  /** How many photographs are staged on it. */
  readonly photographs: number;
}

/** The size of a face, the root of its box's area in pixels, and its rotation in degrees. */
interface Staging {
  readonly size: number;
  readonly angle: number;
  readonly canvas: Canvas;
  readonly goal?: Goal;
}

const medium: Canvas = { width: 1280, height: 960, photographs: 120 };
const large: Canvas = { width: 4000, height: 3000, photographs: 60 };

const stagings: readonly Staging[] = [
  ...[medium, large].flatMap((canvas) => [
    { size: 24, angle: 0, canvas, goal: { least: 0.9 } },
    { size: 32, angle: 0, canvas, goal: { least: 0.9 } },
    { size: 40, angle: 0, canvas, goal: { least: 0.9 } },
    { size: 60, angle: 0, canvas, goal: { least: 0.99 } },
  ]),
  { size: 90, angle: -45, canvas: medium },
  { size: 90, angle: 45, canvas: medium },
];

/**
 * Measures whether a face is found where it was put. The face of each photograph is known from the analysis of the
 * original.
 */
export async function stagedHere(evidence: InnerEvidence): Promise<Findings> {
  const { figures, ...rest } = await staged(evidence);
  return { ...rest, figures: [...figures, ...(await tinyFaceCost(evidence, portraitsIn(evidence)))] };
}

/** The same without what the search for tiny faces costs, which no call tells. */
export async function staged(evidence: Evidence): Promise<Findings> {
  const { boxesOf, data, abreast } = evidence;
  const found = portraitsIn(evidence);
  const results = stagings.map((staging) => ({ ...staging, hits: [] as boolean[] }));
  const random = createRandom(7);
  const tasks = results.flatMap((result) =>
    spread(found, result.canvas.photographs).map((one) => ({ ...one, result, across: random(), down: random() })),
  );
  await abreastOf(abreast, tasks, async ({ path, box, result, across, down }) => {
    const scale = result.size / Math.sqrt(box.width * box.height);
    const { picture, left, top, width, height } = await stage(join(data, path), scale, result, across, down);
    const boxes = await boxesOf(picture);
    result.hits.push(boxes.some((one) => isThere(one, { x: left, y: top, width, height }, result.size)));
  });
  const figures = results.map(({ size, angle, canvas, goal, hits }) =>
    shareOf(
      `recall on ${canvas.width} × ${canvas.height}, ${size} pixels${angle === 0 ? '' : `, turned by ${angle}°`}`,
      hits,
      (hit) => hit,
      goal,
    ),
  );
  return {
    figures: [...figures, ...(await crowds(evidence, found))],
    plots: [recallPlot(pointsOf(results))],
    remarks: [
      'Staged pictures: photographs in which one face is found, shrunk or rotated, on a grey canvas. Crowds: the faces of such photographs side by side, on grey or before a picture without faces, as `detect` in mode 0 sees them.',
    ],
  };
}

/** The labelled photographs in which one face is found. */
function portraitsIn({ rows, analysed }: Evidence): Portrait[] {
  return pathsOf(rows('pairs')).flatMap((path) => {
    const result = analysed.get(path);
    return result?.face && result.boxes.length === 1 ? [{ path, box: result.face.box }] : [];
  });
}

/** What is drawn: recall of upright faces by their size. */
function pointsOf(results: readonly (Staging & { readonly hits: readonly boolean[] })[]): RecallPoint[] {
  return results
    .filter(({ angle, hits }) => angle === 0 && hits.length > 0)
    .map(({ size, canvas, hits }) => {
      const found = hits.filter((hit) => hit).length;
      const interval = wilson(found, hits.length);
      return { size, canvas: `${canvas.width} × ${canvas.height}`, share: found / hits.length, interval };
    });
}

/** Puts a photograph somewhere on the canvas. */
async function stage(file: string, scale: number, { angle, canvas }: Staging, across: number, down: number) {
  const photograph = sharp(await readFile(file)).rotate();
  const size = await photograph.toBuffer({ resolveWithObject: true });
  const shrunk = await sharp(size.data)
    .resize(Math.max(8, Math.round(size.info.width * scale)))
    .png()
    .toBuffer();
  const turned = await sharp(shrunk)
    .rotate(angle, { background: '#808080' })
    .png()
    .toBuffer({ resolveWithObject: true });
  const { width, height } = turned.info;
  const left = Math.round(across * Math.max(0, canvas.width - width));
  const top = Math.round(down * Math.max(0, canvas.height - height));
  const picture = await sharp({
    create: { width: canvas.width, height: canvas.height, channels: 3, background: '#808080' },
  })
    .composite([{ input: turned.data, left, top }])
    .jpeg({ quality: 92 })
    .toBuffer();
  return { picture: Uint8Array.from(picture), left, top, width, height };
}

/** Whether a box lies on the photograph and is about as large as the face that was put there. */
function isThere(box: Box, on: Box, size: number): boolean {
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const inside = x > on.x && x < on.x + on.width && y > on.y && y < on.y + on.height;
  const ratio = Math.sqrt(box.width * box.height) / size;
  return inside && ratio > 0.5 && ratio < 2;
}
