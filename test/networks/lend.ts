/**
 * Lends networks to the applications of tests, since to load them takes longer than most tests. The run's setup has them
 * for all test files (`serve.ts`); a file that is run without the setup loads them once for itself.
 */
import { fileURLToPath } from 'node:url';
import { deserialize } from 'node:v8';
import type { Ports } from '../../src/app/create-app.ts';
import { readSettings, workersOf } from '../../src/app/settings.ts';
import type { Analysis, AnalyzeOptions, FaceAnalyzer, FacePart } from '../../src/domain/face-analyzer.ts';
import { Refusal, type RefusalName } from '../../src/errors/refusals.ts';
import { measureOf } from '../../src/vision/pipeline/score.ts';
import { openFaceAnalyzer } from '../../src/vision/pool/analyzer.ts';

/** The variable that holds the URL of the run's networks. */
export const urlVariable = 'FAMILIAR_TEST_NETWORKS';
/** The header that says, as the JSON of an {@link Asked}, what is asked of the picture in the body. */
export const askedHeader = 'x-asked';
/** Imported networks, kept between runs so that they are imported once. */
export const modelsCache = fileURLToPath(new URL('../../node_modules/.cache/familiar-models', import.meta.url));

/** What is asked of a picture. */
export type Asked = Omit<AnalyzeOptions, 'signal'>;

/** What comes of an analysis. */
export type Outcome =
  | { readonly kind: 'analyzed'; readonly analysis: Analysis }
  | { readonly kind: 'refused'; readonly refusal: RefusalName; readonly detail: string }
  | { readonly kind: 'failed'; readonly message: string };

let lent: Promise<FaceAnalyzer> | undefined;

/** The port of an application that borrows: the built-in networks, as the settings' defaults have them. */
export async function lendNetworks(): ReturnType<Ports['openAnalyzer']> {
  const url = process.env[urlVariable];
  // Nobody closes the process's own: idle threads let it end.
  lent ??= url === undefined ? openNetworks() : borrow(url);
  return { ...(await lent), [Symbol.asyncDispose]: async () => {} };
}

/** Loads the networks. Any number of pictures may wait. */
export function openNetworks(): Promise<FaceAnalyzer & AsyncDisposable> {
  const settings = readSettings({}, undefined, {});
  return openFaceAnalyzer({
    modelsFolder: modelsCache,
    workers: workersOf(settings),
    queueMax: Number.MAX_SAFE_INTEGER,
    deadlineMs: settings.pictureTimeoutMs,
    pixelsMax: settings.picturePixelsMax,
  });
}

/** Networks of the process that listens there. */
async function borrow(url: string): Promise<FaceAnalyzer> {
  const { model, dimension } = (await (await fetch(url)).json()) as Pick<FaceAnalyzer, 'model' | 'dimension'>;
  return {
    ...measureOf(undefined),
    model,
    dimension,
    // The decoder of crops is loaded by those who compare some, not by whoever asks whether it is loaded.
    areCopies: async (crop, others, options) =>
      (await import('../../src/vision/pipeline/same-picture.ts')).areCopies(crop, others, options?.untilFirst),
    async analyze<P extends FacePart>(picture: Uint8Array, { facesMax, tinyFaces, parts, signal }: AnalyzeOptions<P>) {
      const response = await fetch(url, {
        method: 'POST',
        headers: { [askedHeader]: JSON.stringify({ facesMax, tinyFaces, parts }) },
        body: new Uint8Array(picture),
        signal: signal ?? null,
      });
      if (!response.ok) throw new Error(await response.text());
      const outcome: Outcome = deserialize(Buffer.from(await response.arrayBuffer()));
      if (outcome.kind === 'refused') throw new Refusal(outcome.refusal, outcome.detail);
      if (outcome.kind === 'failed') throw new Error(outcome.message);
      // The networks tell just what was asked for.
      return outcome.analysis as Analysis<P>;
    },
  };
}
