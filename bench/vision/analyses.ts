/** Analyses labelled photographs the way the server does, the processes included. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Box } from '../../src/domain/face-analyzer.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { EvaluableAnalyzer, EvaluatedFace } from '../../src/vision/pool/analyzer.ts';

/** One face with the parts that are evaluated. */
export type Face = EvaluatedFace<'attributes' | 'embedding' | 'crop'>;

/** The result for one picture. */
export interface PictureResult {
  /** The face that the API takes for the person where a picture is labelled as of one person. */
  readonly face: Face | undefined;
  readonly boxes: readonly Box[];
  /** The refusal's message, or the unexpected error. */
  readonly trouble: string | undefined;
  /** Whether there is no such file: then nothing else is known. */
  readonly missing: boolean;
  readonly timings: Readonly<Record<string, number>>;
}

/** The result for a picture of which nothing is known. */
const nothing: PictureResult = { face: undefined, boxes: [], trouble: undefined, missing: false, timings: {} };

/** Analyses every picture, `abreast` at a time. */
export async function analyzeAll(
  analyzer: EvaluableAnalyzer,
  data: string,
  paths: Iterable<string>,
  abreast: number,
  onProgress: (done: number) => void = () => {},
): Promise<ReadonlyMap<string, PictureResult>> {
  const analysed = new Map<string, PictureResult>();
  await abreastOf(abreast, new Set(paths), async (path) => {
    analysed.set(path, await analyzeFile(analyzer, join(data, path)));
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

async function analyzeFile(analyzer: EvaluableAnalyzer, file: string): Promise<PictureResult> {
  const picture = await readFile(file).catch(() => undefined);
  if (!picture) return { ...nothing, missing: true };
  try {
    // As calls that mean one face ask for it: the analyzer decides which face that is.
    const { faces, others, timings } = await analyzer.evaluate(Uint8Array.from(picture), {
      facesMax: 1,
      parts: ['attributes', 'embedding', 'crop'],
    });
    return { ...nothing, face: faces[0], boxes: [...faces.map(({ box }) => box), ...others], timings };
  } catch (error) {
    return { ...nothing, trouble: error instanceof Refusal ? error.message : `BUG ${error}` };
  }
}
