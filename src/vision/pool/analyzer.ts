/** The domain's port to face analysis: sends pictures to processes of their own and returns what they find. */
import type { Analysis, AnalyzedFace, EmbeddingModel, FaceAnalyzer, FacePart } from '../../domain/face-analyzer.ts';
import type { NetworkName } from '../models/catalog.ts';
import { type ImportedNetworks, importNetworks } from '../models/import.ts';
import { optimiseNetworks } from '../models/optimised.ts';
import type { InstalledPack } from '../packs/folder.ts';
import type { EvaluatedPart, EvaluatedParts } from '../pipeline/analyze.ts';
import { digestOfParameters } from '../pipeline/embed.ts';
import { modelOf, preprocessingVersion } from '../pipeline/model.ts';
import type { NetworkFiles } from '../pipeline/networks.ts';
import { measureOf } from '../pipeline/score.ts';
import { checkNetworks, openPreparation, startAnalysisProcess } from './analysis-process.ts';
import { analyzeWith, convertCropsWith, embedCropWith, type PackModel } from './analyze-pictures.ts';
import { createBackground } from './background.ts';
import { compareWith } from './compare-crops.ts';
import { type DispatchLimits, dispatchTo } from './dispatch.ts';
import { ProcessPool } from './processes.ts';
import type { ProcessSettings } from './task.ts';

/** How to open a face analyzer. */
export interface FaceAnalyzerOptions extends DispatchLimits {
  /** Where the imported networks are kept; made if it is not there. */
  readonly modelsFolder: string;
  /** The pack in use, its files checked; the built-in networks alone if absent. */
  readonly pack?: InstalledPack | undefined;
  /** Width × height of a picture at most. */
  readonly pixelsMax: number;
  /** Told after each network. */
  readonly onProgress?: ((done: number, total: number, name: NetworkName) => void) | undefined;
  /** Told of a fault that costs only memory: the optimised copies of the networks cannot be made. */
  readonly onFault?: ((error: unknown) => void) | undefined;
  /** Told when a process ended that had no picture, and when none can be started in the place of one. */
  readonly onLost?: ((error: unknown) => void) | undefined;
}

/** A face as evaluations see it: what the domain is told, and what only they ask for. */
export type EvaluatedFace<P extends EvaluatedPart> = Pick<AnalyzedFace, 'box'> & Pick<EvaluatedParts, P>;

/** The result for one picture, as evaluations see it. */
export interface Evaluation<P extends EvaluatedPart> extends Omit<Analysis, 'faces'> {
  readonly faces: readonly EvaluatedFace<P>[];
}

/** Face analysis by packs that are chosen while it runs, all by the same processes. */
export interface PackAnalyzers {
  /**
   * The model of a pack's embeddings.
   * @param pack the built-in networks if absent.
   */
  modelOf(pack: InstalledPack | undefined): EmbeddingModel;
  /** Loads a pack's networks in a process of its own and runs each once. @throws Error that says why it cannot be. */
  tryPack(pack: InstalledPack | undefined): Promise<void>;
  /**
   * Face analysis by one pack, with the embeddings of others beside.
   * @param main the built-in networks if undefined.
   */
  using(main: InstalledPack | undefined, further: readonly (InstalledPack | undefined)[]): FaceAnalyzer;
  /**
   * Embeds the faces of crops by a pack, when nothing else waits.
   * @returns for each its embedding, or the Error that says why there is none; a Refusal if it is the crop's fault.
   * @throws the signal's reason.
   */
  convert(
    crops: readonly Uint8Array[],
    pack: InstalledPack | undefined,
    signal: AbortSignal,
  ): Promise<readonly (Float32Array | Error)[]>;
  /** Waits until no call with a picture is under way, a moment at most: for what would delay one. */
  calm(): Promise<void>;
}

/** Face analysis as the domain knows it, and what only evaluations and readiness read. */
export interface EvaluableAnalyzer extends FaceAnalyzer {
  readonly byPack: PackAnalyzers;
  /** @throws the reason why no picture can be analysed at the moment. */
  check(): void;
  /** How many processes run or are being started, and how many have ended that were not told to. */
  processes(): { readonly present: number; readonly lost: number };
  /** As {@link FaceAnalyzer.analyze}, also for the parts that only evaluations read. */
  evaluate<P extends EvaluatedPart>(
    picture: Uint8Array,
    options: { readonly facesMax: number; readonly parts: readonly P[] },
  ): Promise<Evaluation<P>>;
}

/**
 * Imports the networks if need be, starts the processes and waits until each is ready. Disposing lets pictures under way
 * finish.
 * @throws Error if a network cannot be imported or loaded.
 */
export async function openFaceAnalyzer(options: FaceAnalyzerOptions): Promise<EvaluableAnalyzer & AsyncDisposable> {
  const { workers, deadlineMs, pixelsMax, pack, onProgress, onFault, onLost = () => {} } = options;
  const { networks, files } = await prepareNetworks(options.modelsFolder, { onProgress, onFault });
  const settings: ProcessSettings = {
    files,
    packs: pack === undefined ? [] : [pack],
    // The decoder is told to stop first, so that a picture that is slow to decode is refused as such.
    limits: { pixelsMax, secondsMax: Math.max(1, Math.floor(deadlineMs / 2000)) },
  };
  const pool = await ProcessPool.open({ count: workers, start: () => startAnalysisProcess(settings), onLost });
  const background = createBackground(workers);
  const dispatch = dispatchTo(pool, options, background);
  const modelled = (pack: InstalledPack | undefined): PackModel => ({
    pack: pack ?? null,
    model: modelOf({
      preprocessing: preprocessingVersion,
      networks,
      parameters: digestOfParameters(),
      pack: pack?.manifest,
    }),
    dimension: measureOf(pack?.manifest).dimension,
  });
  const using: PackAnalyzers['using'] = (main, others) => {
    const [own, further] = [modelled(main), others.map(modelled)];
    return {
      ...measureOf(main?.manifest),
      model: own.model,
      analyze: analyzeWith(dispatch, own, further),
      areCopies: compareWith(dispatch),
      embedCrop: async (crop, models, turn = {}) => {
        const chosen = models.map((model) => [own, ...further].find((each) => each.model === model));
        const known = chosen.filter((each) => each !== undefined);
        if (known.length < models.length) throw new Error('a model is not one of those that embed faces');
        return embedCropWith(dispatch, crop, known, { ...turn, isContinued: true });
      },
    };
  };
  const own = using(pack, []);
  const { analyze } = own;
  return {
    ...own,
    byPack: {
      modelOf: modelled,
      tryPack: async (tried) => {
        if (tried !== undefined) await checkNetworks(tried);
      },
      using,
      convert: (crops, by, signal) => convertCropsWith(dispatch, crops, modelled(by), signal),
      calm: background.calm,
    },
    check: () => pool.check(),
    processes: () => pool.state(),
    evaluate: async <P extends EvaluatedPart>(
      picture: Uint8Array,
      { facesMax, parts }: { readonly facesMax: number; readonly parts: readonly P[] },
    ) => {
      // The processes make whatever part they are asked for.
      const analysis: unknown = await analyze(picture, {
        facesMax,
        parts: parts as readonly EvaluatedPart[] as FacePart[],
      });
      return analysis as Evaluation<P>;
    },
    [Symbol.asyncDispose]: () => pool[Symbol.asyncDispose](),
  };
}

/** Imports the networks and optimises them, if that is not done yet. */
async function prepareNetworks(
  folder: string,
  { onProgress, onFault }: Pick<FaceAnalyzerOptions, 'onProgress' | 'onFault'>,
): Promise<Pick<ImportedNetworks, 'networks'> & { readonly files: NetworkFiles }> {
  await using preparation = openPreparation(folder);
  const { networks } = await importNetworks(folder, { onProgress, convert: preparation.convert });
  return { networks, files: await optimiseNetworks(networks, preparation.optimise, onFault) };
}
