/** How the face API tells the likeness of two faces: by one number from 0 to 100 (docs/contract.md §3.2). */

/** What almost the same picture is told as, at least. */
const samePictureConfidence = 99;
/** What two other pictures are told as, at most, with two decimals. */
const otherPictureConfidence = 98.99;
/** From this confidence on, as it is told, verify says that it is the person. */
export const matchConfidence = 75;

/**
 * The one number that the face API has for two facts: the evidence that two faces are one person's, and whether they are
 * almost the same picture.
 * @returns 0 to 100, not rounded; identify's candidates are in the order of it.
 */
export function confidenceOf({
  score,
  samePicture,
}: {
  readonly score: number;
  readonly samePicture: boolean;
}): number {
  const told = samePicture ? Math.max(score, samePictureConfidence) : Math.min(score, otherPictureConfidence);
  return Math.min(100, Math.max(0, told));
}
