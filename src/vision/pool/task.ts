/** What crosses between the server and the processes that run networks. */
import type { Analysis } from '../../domain/face-analyzer.ts';
import type { RefusalName } from '../../errors/refusals.ts';
import type { OptimiseTask } from '../models/optimised.ts';
import type { ConvertibleName } from '../models/pack-catalog.ts';
import type { InstalledPack } from '../packs/folder.ts';
import type { AnalysisRequest } from '../pipeline/analyze.ts';
import type { DecodeLimits } from '../pipeline/decode.ts';
import type { NetworkFiles } from '../pipeline/networks.ts';

/** What a process that analyses pictures is told when it starts. */
export interface ProcessSettings {
  readonly files: NetworkFiles;
  /** Packs that are loaded at once; others are when a picture needs them. */
  readonly packs: readonly InstalledPack[];
  readonly limits: DecodeLimits;
}

/** The packs with which a picture is analysed; null stands for the built-in networks. */
export interface PackChoice {
  /** Its detector finds the faces, and its recogniser embeds them. */
  readonly main: InstalledPack | null;
  /** Their embeddings are made beside, where they are asked for. */
  readonly further: readonly (InstalledPack | null)[];
}

/** What a process is asked. */
export type Request =
  /** Convert a network of an npm package and write it. */
  | { readonly kind: 'convert'; readonly name: ConvertibleName; readonly path: string }
  /** Write optimised forms of networks. */
  | { readonly kind: 'optimise'; readonly tasks: readonly OptimiseTask[] }
  /** Load a pack's networks and run each once. */
  | { readonly kind: 'check'; readonly pack: InstalledPack }
  /** Load the networks with which pictures are analysed from then on. */
  | { readonly kind: 'open'; readonly settings: ProcessSettings }
  /** Analyse the picture whose bytes go with the request. */
  | { readonly kind: 'analyze'; readonly wish: AnalysisRequest; readonly packs: PackChoice }
  /** Embed the faces of the crops whose bytes go with the request, one after another, so many of each, by each of these packs. */
  | {
      readonly kind: 'embed';
      readonly lengths: readonly number[];
      /** How many are embedded in one run of a network, which is not interrupted. */
      readonly together: number;
      readonly packs: readonly (InstalledPack | null)[];
    }
  /** Tell which of these crops are of the same photograph as the crop whose bytes go with the request, or just the first. */
  | { readonly kind: 'compare'; readonly others: readonly Uint8Array[]; readonly untilFirst: boolean };

/** A request that goes with the bytes of a picture. */
export type Task = Extract<Request, { kind: 'analyze' | 'embed' | 'compare' }> & { readonly picture: Uint8Array };

/** A refusal as it crosses. */
export interface Refused {
  readonly kind: 'refused';
  readonly refusal: RefusalName;
  readonly detail: string;
  readonly cause?: unknown;
}

/** The embeddings of a crop, by pack. */
export type EmbeddingsOfCrop = readonly Float32Array[];

/**
 * What crosses back. A refusal would lose its class on the way, so it crosses as its parts; a bug crosses too, so that a
 * request is rejected only if the process is gone.
 */
export type Answer =
  | { readonly kind: 'done' }
  | { readonly kind: 'seen'; readonly analysis: Analysis }
  /** Of the first crops, those of one run at least; of all unless it was interrupted or took long. */
  | { readonly kind: 'embedded'; readonly crops: readonly (EmbeddingsOfCrop | Refused)[] }
  | { readonly kind: 'compared'; readonly copies: readonly boolean[] }
  | Refused
  | { readonly kind: 'failed'; readonly cause: unknown };
