/** Knows what one call has at hand: the caller's registry, the eyes, and how to look at a picture. */
import { Refusal } from '../errors/refusals.ts';
import type { Eyes, SeenFace, Sight } from './eyes.ts';
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
  readonly eyes: Eyes;
  readonly limits: Limits;
  /** A new face id: 19 decimal digits. */
  readonly newFaceId: () => string;
  /** Told of every picture that was looked at. */
  readonly onSight: (sight: Sight) => void;
  /** Aborts when the caller goes away or the call's time is over. */
  readonly signal: AbortSignal;
}

/**
 * Looks at a picture and picks its largest face.
 * @throws Refusal `noFace`, and whatever fetching or looking refuses with.
 */
export async function largestFace(desk: Desk, picture: PictureSource): Promise<SeenFace> {
  const bytes = await picture.open(desk.signal);
  const sight = await desk.eyes.look(bytes, { most: 1, signal: desk.signal });
  desk.onSight(sight);
  const face = sight.faces[0];
  if (face === undefined) throw new Refusal('noFace');
  return face;
}

/** A seen face as a person's new face, with an id of its own. */
export function newFace(desk: Desk, seen: SeenFace, personId: string, tag: string): NewFace {
  const { box, attributes, embedding, crop } = seen;
  return { id: desk.newFaceId(), personId, tag, box, attributes, model: desk.eyes.model, embedding, crop };
}
