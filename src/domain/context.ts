/** What one call works with, and the steps that several operations share: fetching and analysing a picture. */
import { Refusal } from '../errors/refusals.ts';
import type { Analysis, AnalyzedFace, AnalyzeOptions, FaceAnalyzer, FacePart, Likeness } from './face-analyzer.ts';
import type { Gallery } from './gallery.ts';
import type { Limits, Store } from './stores.ts';

/** A picture that is yet to be had: bytes that came with the call, or a url that must be fetched. */
export interface PictureSource {
  /**
   * Fetches the bytes; they are the caller's to give away.
   * @throws Refusal `pictureMissing`, `downloadFailed` or `downloadBroken`.
   */
  open(signal: AbortSignal): Promise<Uint8Array>;
}

/** What becomes of a new face that resembles another person. */
export interface ResemblingRule {
  /** Whether it is refused, and not only told. */
  readonly isRefused: boolean;
  /** From which score on it resembles one. */
  readonly leastScore: number;
}

/** Everything that one call works with. */
export interface RequestContext {
  readonly store: Store;
  /** The faces of the same appid, as they can be searched. */
  readonly gallery: Gallery;
  readonly analyzer: FaceAnalyzer;
  readonly limits: Limits;
  /** A new face id: 19 decimal digits. */
  readonly newFaceId: () => string;
  /** Faces of a lower quality are not enrolled; 0 enrols all. */
  readonly qualityMin: number;
  /** Undefined if nobody wants to know whom a new face resembles. */
  readonly resembling?: ResemblingRule | undefined;
  /** Told, in the order of the pictures, how like another person each new face is that resembles one. */
  onResembling(likenesses: readonly (Likeness | undefined)[]): void;
  /** Told of a registered face that was recognised, well enough that the person counts as seen. */
  onSeen(faceId: string): void;
  /** Told of every picture that was analysed. */
  onAnalysis(analysis: Analysis<never>): void;
  /** Aborts when the caller goes away or the call's time is over. */
  readonly signal: AbortSignal;
}

/**
 * Fetches a picture and analyses it, for as long as the call lasts.
 * @throws Refusal `noFace`, and whatever fetching or analysing refuses with.
 */
export async function fetchAndAnalyze<P extends FacePart>(
  context: RequestContext,
  picture: PictureSource,
  options: Pick<AnalyzeOptions<P>, 'facesMax' | 'parts' | 'tinyFaces'>,
): Promise<Analysis<P>> {
  const bytes = await picture.open(context.signal);
  const analysis = await context.analyzer.analyze(bytes, { ...options, signal: context.signal });
  context.onAnalysis(analysis);
  if (analysis.faces.length === 0) throw new Refusal('noFace');
  return analysis;
}

/**
 * Fetches a picture and analyses its largest face, the one that is meant by docs/contract.md §3.1.
 * @throws Refusal as {@link fetchAndAnalyze} does.
 */
export async function analyzeLargestFace<P extends FacePart>(
  context: RequestContext,
  picture: PictureSource,
  parts: readonly P[],
): Promise<AnalyzedFace<P>> {
  const { faces } = await fetchAndAnalyze(context, picture, { facesMax: 1, parts });
  return faces[0] as AnalyzedFace<P>;
}
