/** Analyses labelled photographs, one after the other or some at a time. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Attributes, Box } from '../../src/domain/face-analyzer.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { RawAttributes } from '../../src/vision/attributes/attributes.ts';
import type { ObservedFace } from '../../src/vision/pipeline/analyze.ts';
import type { EvaluableAnalyzer } from '../../src/vision/pool/analyzer.ts';

/** A face as clients see it. */
export interface DescribedFace {
  readonly box: Box;
  readonly attributes: Attributes;
  /** Neither rounded nor clamped; over the wire as it is told. */
  readonly rawAttributes: RawAttributes;
}

/** A face with what is computed from it, which only face analysis in this process tells. */
export interface Face extends DescribedFace {
  readonly embedding: Float32Array;
  readonly crop: Uint8Array;
  /** The outputs of the built-in networks; absent with a pack that brings its own recogniser. */
  readonly observed?: ObservedFace;
}

/** The result for one picture. */
export interface PictureResult<F extends DescribedFace = DescribedFace> {
  /** The face that the API takes for the person where a picture is labelled as of one person. */
  readonly face: F | undefined;
  readonly boxes: readonly Box[];
  /** The sides of the upright picture in pixels; 0 where it was refused. */
  readonly width: number;
  readonly height: number;
  /** The refusal's message, or the unexpected error. */
  readonly trouble: string | undefined;
  /** Whether there is no such file: then nothing else is known. */
  readonly missing: boolean;
  readonly timings: Readonly<Record<string, number>>;
}

/** The result for a picture of which nothing is known. */
export const nothing = {
  face: undefined,
  boxes: [],
  width: 0,
  height: 0,
  trouble: undefined,
  missing: false,
  timings: {},
} as const;

/** Analyses a picture; it says in its result what went wrong. */
export type AnalyzePicture<F extends DescribedFace> = (picture: Uint8Array<ArrayBuffer>) => Promise<PictureResult<F>>;

/** Analyses every picture, `abreast` at a time. */
export async function analyzeAll<F extends DescribedFace>(
  analyze: AnalyzePicture<F>,
  data: string,
  paths: Iterable<string>,
  abreast: number,
  onProgress: (done: number) => void = () => {},
): Promise<ReadonlyMap<string, PictureResult<F>>> {
  const analysed = new Map<string, PictureResult<F>>();
  await abreastOf(abreast, new Set(paths), async (path) => {
    const picture = await readFile(join(data, path)).catch(() => undefined);
    analysed.set(path, picture ? await analyze(Uint8Array.from(picture)) : { ...nothing, missing: true });
    onProgress(analysed.size);
  });
  return analysed;
}

/** Does the work for every item, `abreast` at a time. */
export async function abreastOf<T>(
  abreast: number,
  items: Iterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const next = [...items].values();
  const walk = async (): Promise<void> => {
    for (const item of next) await work(item);
  };
  await Promise.all(Array.from({ length: abreast }, walk));
}

/** What `detect` in mode 0 asks for. */
export const asDetect = { facesMax: 5, parts: ['attributes'], tinyFaces: true } as const;

/** Analyses a picture as calls that mean one face do: the analyzer decides which face that is. */
export async function analyzeHere(analyzer: EvaluableAnalyzer, picture: Uint8Array): Promise<PictureResult<Face>> {
  try {
    const { faces, others, ...rest } = await analyzer.evaluate(picture, {
      facesMax: 1,
      parts: ['attributes', 'embedding', 'crop', 'rawAttributes', 'observed'],
    });
    return { ...nothing, ...rest, face: faces[0], boxes: [...faces.map(({ box }) => box), ...others] };
  } catch (error) {
    return { ...nothing, trouble: error instanceof Refusal ? error.message : `BUG ${error}` };
  }
}
