/**
 * Which share of pictures of registered people does not reach a score: pairs of one person's photographs of Labeled Faces in the Wild, one
 * of which was registered, by the built-in networks. A test compares the figures with docs/eval.md, where they were measured.
 */
export const measuredMisses: readonly (readonly [score: number, share: number])[] = [
  [60, 0.0053],
  [70, 0.0207],
  [75, 0.032],
  [80, 0.0487],
  [90, 0.0893],
];

/** The share at a score, on straight lines between the measured ones; undefined beyond them. */
export function missesAt(score: number): number | undefined {
  const next = measuredMisses.findIndex(([measured]) => measured >= score);
  if (next < 0 || (next === 0 && measuredMisses[0]![0] > score)) return undefined;
  const [[below, low], [above, high]] = [measuredMisses[Math.max(0, next - 1)]!, measuredMisses[next]!];
  return above === below ? high : low + ((high - low) * (score - below)) / (above - below);
}
