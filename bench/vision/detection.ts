/** Measures detection: faces by size, false faces, refusals, odd files, and time. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Box } from '../../src/domain/face-analyzer.ts';
import { iou } from '../../src/vision/kernels/nms.ts';
import { abreastOf, type PictureResult } from './analyses.ts';
import type { Evidence } from './evidence.ts';
import { countFigure, type Figure, type Findings, quantileFigure, shareFigure, shareOf } from './figures.ts';
import type { Row } from './manifests.ts';

/** Sizes of faces in pixels, the root of the box's area; from, and up to but not including. */
const sizes = [
  { from: 0, to: 24 },
  { from: 24, to: 40, goal: { least: 0.9 } },
  { from: 40, to: 60 },
  { from: 60, to: Number.POSITIVE_INFINITY, goal: { least: 0.99 } },
] as const;

/**
 * A face counts as found from this intersection over union on: boxes of the same face differ in how much of forehead
 * and chin they include.
 */
const overlapMin = 0.3;

/** The boxes of a picture, and why it has none. */
type Found = Pick<PictureResult, 'boxes' | 'trouble'>;

/** A labelled face, and whether it was found. */
interface Expected {
  readonly size: number;
  readonly found: boolean;
}

/** Measures detection as `detect` does it in mode 0: whether all faces are found, and nothing else. */
export async function detection({ rows, analysed, boxesOf, data, abreast }: Evidence): Promise<Findings> {
  const pictures: { readonly row: Row; readonly result: Found; readonly expected: readonly Expected[] }[] = [];
  await abreastOf(abreast, rows('detection'), async (row) => {
    const { missing, trouble } = analysed.get(row.path!)!;
    if (missing) return;
    const boxes = trouble ? [] : await boxesOf(Uint8Array.from(await readFile(join(data, row.path!))));
    pictures.push({ row, result: { boxes, trouble }, expected: expectedOf(row, boxes) });
  });
  pictures.sort((a, b) => rows('detection').indexOf(a.row) - rows('detection').indexOf(b.row));
  const boxed = pictures.flatMap(({ expected }) => expected);
  const counted = pictures.filter(({ row }) => !row.boxes && Number(row.count) > 0);
  const empty = pictures.filter(({ row }) => Number(row.count_max) === 0);
  const extra = ({ row, result }: { readonly row: Row; readonly result: Found }): number =>
    Math.max(0, result.boxes.length - Number(row.count_max));
  const wrong = pictures.filter(
    ({ row, result }) => result.boxes.length < Number(row.count) || extra({ row, result }) > 0,
  );
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  return {
    figures: [
      ...sizes.map(({ from, to, ...rest }) =>
        shareOf(
          `recall, faces of ${rangeOf(from, to)} pixels`,
          boxed.filter(({ size }) => size >= from && size < to),
          ({ found }) => found,
          'goal' in rest ? rest.goal : undefined,
        ),
      ),
      shareFigure(
        'recall, faces that are counted only',
        sum(counted.map(({ row, result }) => Math.min(Number(row.count), result.boxes.length))),
        sum(counted.map(({ row }) => Number(row.count))),
      ),
      {
        ...shareFigure(
          'pictures without faces in which one is found',
          empty.filter(({ result }) => result.boxes.length > 0).length,
          empty.length,
        ),
        goal: { most: 0.01 },
      },
      countFigure(
        'false faces in pictures with faces',
        sum(pictures.filter(({ row }) => Number(row.count_max) > 0).map(extra)),
        pictures.length - empty.length,
      ),
      shareOf('pictures with the right number of faces', pictures, (picture) => !wrong.includes(picture)),
    ],
    remarks: wrong.map(
      ({ row, result }) =>
        `${row.path}: ${result.boxes.length} found, ${row.count} to ${row.count_max} labelled${result.trouble ? ` (${result.trouble})` : ''}.`,
    ),
  };
}

function rangeOf(from: number, to: number): string {
  if (from === 0) return `less than ${to}`;
  return to === Number.POSITIVE_INFINITY ? `${from} and more` : `${from} to ${to}`;
}

/** The labelled faces of a picture; each detected box matches at most one of them. */
function expectedOf({ boxes }: Row, found: readonly Box[]): Expected[] {
  const left = [...found];
  return (boxes ? (JSON.parse(boxes) as [number, number, number, number][]) : []).map(([x, y, width, height]) => {
    const best = left
      .map((box) => ({ box, overlap: iou(box, { x, y, width, height }) }))
      .toSorted((a, b) => b.overlap - a.overlap)[0];
    const found = best !== undefined && best.overlap >= overlapMin;
    if (found) left.splice(left.indexOf(best.box), 1);
    return { size: Math.sqrt(width * height), found };
  });
}

/** Measures in how many pictures labelled with a person no face is found, and how many are refused. */
export function refusals({ rows, analysed }: Evidence): Findings {
  const paths = new Set(
    ['pairs', 'gender', 'ages', 'smile', 'glasses', 'pose']
      .flatMap(rows)
      .flatMap(({ path, pathA, pathB }) => [path, pathA, pathB]),
  );
  const looked = [...paths].flatMap((path) => {
    const result = path === undefined ? undefined : analysed.get(path);
    return result && !result.missing ? [{ path, result }] : [];
  });
  const without = looked.filter(({ result }) => result.trouble === undefined && result.boxes.length === 0);
  return {
    figures: [
      shareOf('pictures of people in which no face is found', looked, (one) => without.includes(one)),
      shareOf('pictures of people that are refused', looked, ({ result }) => result.trouble !== undefined),
    ],
    remarks:
      without.length > 0
        ? [
            `No face: ${without
              .slice(0, 20)
              .map(({ path }) => path)
              .join(', ')}.`,
          ]
        : [],
  };
}

/** Measures whether every odd file gets a proper answer, and an expected one. */
export function oddFiles({ rows, analysed }: Evidence): Findings {
  const results = rows('odd').flatMap(({ path, expected }) => {
    const result = analysed.get(path!);
    return result && !result.missing ? [{ path: path!, got: answerOf(result), expected: expected! }] : [];
  });
  const isRight = ({ got, expected }: (typeof results)[number]): boolean => {
    // `ok:0|1` stands for `ok:0|ok:1`.
    const accepted = expected.replace(/\|(?=\d)/g, '|ok:').split('|');
    return (
      accepted.includes(got) ||
      (accepted.includes('ok:any') && got.startsWith('ok')) ||
      (accepted.includes('nocrash') && !got.startsWith('BUG'))
    );
  };
  return {
    figures: [
      shareOf('odd files with a proper answer', results, ({ got }) => !got.startsWith('BUG'), { least: 1 }),
      shareOf('odd files with an expected answer', results, isRight),
    ],
    remarks: results
      .filter((one) => !isRight(one))
      .map(({ path, got, expected }) => `${path}: ${got}, expected ${expected}.`),
  };
}

function answerOf({ boxes, trouble }: PictureResult): string {
  if (trouble === undefined) return `ok:${boxes.length}`;
  return trouble.startsWith('BUG') ? trouble : 'reject';
}

/** Measures how long each stage takes, with every worker busy. */
export function timings({ analysed }: Evidence): Findings {
  const stages = new Map<string, number[]>();
  for (const { timings: spent } of analysed.values()) {
    for (const [stage, ms] of Object.entries(spent)) {
      const all = stages.get(stage);
      if (all) all.push(ms);
      else stages.set(stage, [ms]);
    }
  }
  return {
    figures: [...stages].flatMap(([stage, all]): Figure[] => [
      quantileFigure(`${stage}: median`, 'milliseconds', all, 0.5),
      quantileFigure(`${stage}: 95th percentile`, 'milliseconds', all, 0.95),
    ]),
    remarks: [],
  };
}
