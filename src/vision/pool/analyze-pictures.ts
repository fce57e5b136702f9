/** Has workers analyse pictures. */
import type {
  Analysis,
  AnalyzeOptions,
  EmbeddingModel,
  FaceAnalyzer,
  FacePart,
  ModelEmbedding,
} from '../../domain/face-analyzer.ts';
import { Refusal } from '../../errors/refusals.ts';
import type { InstalledPack } from '../packs/folder.ts';
import { expectAnswer, refusalOf } from './ask.ts';
import type { Dispatch, Turn } from './dispatch.ts';
import type { EmbeddingsOfCrop } from './task.ts';

/** What is told of a face unless less is asked for. */
const everything: readonly FacePart[] = ['attributes', 'embedding', 'crop', 'shape'];

/**
 * How many crops are embedded in one run of a network while no calls come: more gain little, a call that comes waits for the run, and
 * what the layers hold stays below what goes back to the system after each run (`allocatorVariables` in `analysis-process.ts`).
 */
const embeddedTogether = 2;

/** A pack and the model of its embeddings; a pack that is null has the built-in networks alone. */
export interface PackModel extends EmbeddingModel {
  readonly pack: InstalledPack | null;
}

/**
 * Has the workers analyse pictures.
 * @param main finds faces and embeds them; the built-in networks if absent.
 * @param further embed them beside.
 */
export function analyzeWith(
  dispatch: Dispatch,
  main: Pick<PackModel, 'pack'> = { pack: null },
  further: readonly PackModel[] = [],
): FaceAnalyzer['analyze'] {
  const packs = { main: main.pack, further: further.map(({ pack }) => pack) };
  return async function analyze<P extends FacePart>(
    picture: Uint8Array,
    { facesMax, tinyFaces = false, parts, ...turn }: AnalyzeOptions<P>,
  ): Promise<Analysis<P>> {
    const wish = { facesMax, tinyFaces, parts: parts ?? everything };
    const { answer, waitedMs } = await dispatch({ kind: 'analyze', picture, wish, packs }, turn);
    const { analysis } = expectAnswer(answer, 'seen');
    const faces = wish.parts.includes('further')
      ? analysis.faces.map((face) => ({
          ...face,
          further: modelled(further, face.further as readonly unknown[] as readonly Float32Array[]),
        }))
      : analysis.faces;
    // The worker makes just the parts that were asked for.
    return { ...analysis, faces, timings: { queue: waitedMs, ...analysis.timings } } as Analysis as Analysis<P>;
  };
}

/** Has the workers embed the face of a crop by some packs. */
export async function embedCropWith(
  dispatch: Dispatch,
  crop: Uint8Array,
  models: readonly PackModel[],
  turn: Turn,
): Promise<readonly ModelEmbedding[]> {
  if (models.length === 0) return [];
  const packs = models.map(({ pack }) => pack);
  const [made] = await embedSome(dispatch, [crop], packs, turn);
  if (made instanceof Refusal) throw made;
  return modelled(models, made!);
}

/**
 * Has the workers embed the faces of crops by a pack, when nothing else waits: some at once, as long as no call comes.
 * @returns for each its embedding, or the Error that says why there is none: a Refusal of the crop, or what else went wrong.
 * @throws the signal's reason.
 */
export async function convertCropsWith(
  dispatch: Dispatch,
  crops: readonly Uint8Array[],
  { pack }: PackModel,
  signal: AbortSignal,
): Promise<readonly (Float32Array | Error)[]> {
  const turn = { signal, isBackground: true };
  const made: (Float32Array | Error)[] = [];
  let atOnce = crops.length;
  while (made.length < crops.length) {
    try {
      const some = await embedSome(dispatch, crops.slice(made.length, made.length + atOnce), [pack], turn);
      made.push(...some.map((each) => (each instanceof Refusal ? each : each[0]!)));
    } catch (error) {
      signal.throwIfAborted();
      // Whichever of them ends its process, or fails otherwise, is to be the only one.
      if (atOnce === 1) made.push(error as Error);
      else atOnce = 1;
    }
  }
  return made;
}

/** @returns what came of the first crops, one at least. */
async function embedSome(
  dispatch: Dispatch,
  crops: readonly Uint8Array[],
  packs: readonly (InstalledPack | null)[],
  turn: Turn,
): Promise<readonly (EmbeddingsOfCrop | Refusal)[]> {
  const picture = crops.length === 1 ? crops[0]! : Buffer.concat(crops);
  const lengths = crops.map(({ byteLength }) => byteLength);
  const { answer } = await dispatch(
    (isQuiet) => ({ kind: 'embed', picture, lengths, packs, together: isQuiet ? embeddedTogether : 1 }),
    turn,
  );
  const made = expectAnswer(answer, 'embedded').crops;
  // A worker that was taken over must not keep this process busy for ever.
  if (made.length === 0 || made.length > crops.length) throw new Error(`a worker embedded ${made.length} crops`);
  return made.map((each) => ('kind' in each ? refusalOf(each) : each));
}

function modelled(models: readonly PackModel[], embeddings: readonly Float32Array[]): readonly ModelEmbedding[] {
  return embeddings.map((embedding, i) => ({ model: models[i]!.model, embedding }));
}
