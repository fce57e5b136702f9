/** What a score says of a stranger: the arithmetic of docs/identify.md, for servers and pages alike. It imports nothing. */

/** The scores between which the scale was fitted to strangers (docs/contract.md §3.2). */
export const [fittedLeast, fittedMost] = [50, 90] as const;

/** The share of pairs of strangers that reach a score: ten points are a factor of ten. Beyond 50 and 90 the line is only drawn on. */
export function strangerShare(score: number): number {
  return Math.min(1, 10 ** (4 - score / 10));
}

/**
 * The share of strangers that reach a score with any of some faces.
 * @param faces how many are searched, from 0.
 */
export function strangersAccepted(score: number, faces: number): number {
  // 1 − (1 − share)^faces, without the loss of digits that a share near 0 would bring.
  const share = strangerShare(score);
  return share === 1 ? Number(faces > 0) : -Math.expm1(faces * Math.log1p(-share));
}

/**
 * The score that this share of strangers reaches with any of some faces: the threshold for a rate that one can accept.
 * @param faces how many are searched, from 1.
 * @param rate above 0 and below 1.
 */
export function thresholdFor(faces: number, rate: number): number {
  return 40 - 10 * Math.log10(-Math.expm1(Math.log1p(-rate) / faces));
}

/** What a score says. */
export interface ScoreMeaning {
  /** Whether it is below the scores that were fitted to strangers, one of them, or above them. */
  readonly place: 'below' | 'fitted' | 'above';
  /** One stranger in so many reaches it when compared with one face; at most so many if it is below, at least if it is above. */
  readonly oneIn: number;
  /** The share of strangers that reach it with any of the faces searched; at least if it is below, at most if it is above. */
  readonly share: number;
}

/**
 * What a score says where some faces are searched.
 * @param faces how many, from 0; 1 where two are compared.
 * @param most up to where the scale of the networks in use goes: those of a pack may end before {@link fittedMost}.
 */
export function meaningOf(score: number, faces: number, most: number = fittedMost): ScoreMeaning {
  const top = Math.min(most, fittedMost);
  const at = Math.min(Math.max(score, fittedLeast), top);
  const place = score < fittedLeast ? 'below' : score > top ? 'above' : 'fitted';
  return { place, oneIn: 1 / strangerShare(at), share: strangersAccepted(at, faces) };
}
