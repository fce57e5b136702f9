/** Has workers analyse pictures. */
import type {
  Analysis,
  AnalyzeOptions,
  EmbeddingModel,
  FaceAnalyzer,
  FacePart,
  ModelEmbedding,
} from '../../domain/face-analyzer.ts';
import type { InstalledPack } from '../packs/folder.ts';
import { expectAnswer } from './ask.ts';
import type { Dispatch, Turn } from './dispatch.ts';

/** What is told of a face unless less is asked for. */
const everything: readonly FacePart[] = ['attributes', 'embedding', 'crop', 'shape'];

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
  const { answer } = await dispatch({ kind: 'embed', picture: crop, packs }, turn);
  return modelled(models, expectAnswer(answer, 'embedded').embeddings);
}

function modelled(models: readonly PackModel[], embeddings: readonly Float32Array[]): readonly ModelEmbedding[] {
  return embeddings.map((embedding, i) => ({ model: models[i]!.model, embedding }));
}
