/** What one call works with, and the steps that several operations share: fetching and analysing a picture. */
import { Refusal } from '../errors/refusals.ts';
import type { Eyes, FacePart, Quality, SeenFace, Sight } from './eyes.ts';
import type { Gallery } from './gallery.ts';
import type { Limits, NewFace, Store } from './stores.ts';

/** A picture that is yet to be had: bytes that came with the call, or a url that must be fetched. */
export interface PictureSource {
  /**
   * Fetches the bytes; they are the caller's to give away.
   * @throws Refusal `pictureMissing`, `downloadFailed` or `downloadBroken`.
   */
  open(signal: AbortSignal): Promise<Uint8Array>;
}

/** Everything that one call works with. */
export interface Desk {
  readonly store: Store;
  /** The faces of the same appid, as they can be searched. */
  readonly gallery: Gallery;
  readonly eyes: Eyes;
  readonly limits: Limits;
  /** A new face id: 19 decimal digits. */
  readonly newFaceId: () => string;
  /** Faces of a lower quality are not enrolled; 0 enrols all. */
  readonly qualityMin: number;
  /** Told of every picture that was looked at. */
  readonly onSight: (sight: Sight<never>) => void;
  /** Told how good the face of a picture is that is to be enrolled. */
  readonly onQuality: (picture: PictureSource, quality: Quality) => void;
  /** Aborts when the caller goes away or the call's time is over. */
  readonly signal: AbortSignal;
}

/**
 * Looks at a picture.
 * @param most how many faces, largest first, are looked at closely.
 * @throws Refusal `noFace`, and whatever fetching or looking refuses with.
 */
export async function look<P extends FacePart>(
  desk: Desk,
  picture: PictureSource,
  most: number,
  parts: readonly P[],
): Promise<Sight<P>> {
  const bytes = await picture.open(desk.signal);
  const sight = await desk.eyes.look(bytes, { most, parts, signal: desk.signal });
  desk.onSight(sight);
  if (sight.faces.length === 0) throw new Refusal('noFace');
  return sight;
}

/**
 * Looks at a picture and picks its largest face.
 * @throws Refusal as {@link look} does.
 */
export async function largestFace<P extends FacePart>(
  desk: Desk,
  picture: PictureSource,
  parts: readonly P[],
): Promise<SeenFace<P>> {
  const { faces } = await look(desk, picture, 1, parts);
  return faces[0] as SeenFace<P>;
}

/**
 * Looks at a picture and makes of its largest face a person's new face, with an id of its own; it is yet to be kept.
 * @throws Refusal as {@link look} does, and `featureFailed` for a face that is not good enough.
 */
export async function enrol(desk: Desk, picture: PictureSource, personId: string, tag: string): Promise<NewFace> {
  const parts = ['attributes', 'embedding', 'crop', 'quality'] as const;
  const { box, attributes, embedding, crop, quality } = await largestFace(desk, picture, parts);
  desk.onQuality(picture, quality);
  if (quality.score < desk.qualityMin) {
    const fault = quality.fault === undefined ? '' : `: ${quality.fault}`;
    throw new Refusal('featureFailed', `quality ${quality.score}, at least ${desk.qualityMin}${fault}`);
  }
  return { id: desk.newFaceId(), personId, tag, box, attributes, model: desk.eyes.model, embedding, crop };
}
