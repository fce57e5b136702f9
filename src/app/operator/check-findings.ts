/** Makes findings of what a search of all persons against all found, and decides from which likeness on there is one. */
import type { CopyDetector, ScoreScale } from '../../domain/face-analyzer.ts';
import { cosineAt } from '../../domain/likeness.ts';
import type { Store } from '../../domain/stores.ts';
import type { PoorFace } from '../../store/check/faces.ts';
import type { FaceOf, Finding } from '../../store/check/finding.ts';
import type { CheckCosines } from '../../store/check/person.ts';
import type { Scanned, Side } from '../../store/check/scan.ts';

/** A face of a lower quality is hardly fit for recognition (docs/decisions/0006-quality.md). */
export const poorQuality = 40;

/**
 * Of so many pairs of strangers that a person makes with all others one may be taken for a double. Measured on Labeled Faces in the Wild
 * (bench/results/check.md), a register has far fewer false alarms: half of its strangers that are much alike are one person indeed.
 */
const falseAlarmsOfPerson = 0.0145;

/** One pair of strangers in a thousand reaches 70, and in ten thousand 80: so says every scale (docs/contract.md §3.2). */
const [rateAt80, rateAt90] = [1e-4, 1e-5];
/**
 * A face that is less like the mean of its person's others is unlike it: three strangers in a hundred are not, and one photograph in a
 * thousand of the person itself (bench/results/check.md).
 */
const strayScore = 55;
/** One stranger in a thousand is as like, and one photograph in a hundred of the person is less: only if it is like somebody else it is a stray. */
const suspectScore = 70;
/** Copies that are hardly edited reach this; others are told when they are enrolled. */
const copyScore = 97;

/**
 * The cosines at which a check of so many persons decides. The larger a register, the more pairs of strangers are much alike by
 * chance: the cosines of strangers are normally distributed at their upper end, so that the scale is continued beyond 90.
 */
export function cosinesFor(scale: Pick<ScoreScale, 'scoreOf'>, persons: number): CheckCosines {
  const [at80, at90] = [cosineAt(scale, 80), cosineAt(scale, 90)];
  const slope = (at90 - at80) / (deviationsAt(rateAt90) - deviationsAt(rateAt80));
  const rate = Math.min(rateAt80, falseAlarmsOfPerson / Math.max(1, persons));
  return {
    double: Math.min(0.999, at90 + slope * (deviationsAt(rate) - deviationsAt(rateAt90))),
    stray: cosineAt(scale, strayScore),
    suspect: cosineAt(scale, suspectScore),
    copy: cosineAt(scale, copyScore),
  };
}

/** How many standard deviations above the mean a share of a normal distribution is (Abramowitz and Stegun 26.2.23, within 0.0005). */
function deviationsAt(share: number): number {
  const t = Math.sqrt(-2 * Math.log(share));
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/** What decides about crops and scores. */
export interface FindingParts {
  readonly analyzer: Pick<ScoreScale & CopyDetector, 'scoreOf' | 'areCopies'>;
  readonly store: Pick<Store, 'findCrops'>;
  readonly signal: AbortSignal;
}

/** Makes the findings: doubles, strays, copies, and faces of low quality. */
export async function findingsOf(
  scanned: Scanned,
  poor: readonly PoorFace[],
  cosines: CheckCosines,
  parts: FindingParts,
): Promise<readonly Finding[]> {
  const doubles: Finding[] = [];
  for (const { sides, cosine } of doublesIn(scanned)) {
    const [a, b] = sides;
    const samePicture = cosine >= cosines.copy && (await areCopies(parts, a.face, b.face));
    const score = scoreOf(parts, cosine);
    doubles.push({ kind: 'double', persons: [a.person, b.person], faces: [a.face, b.face], score, samePicture });
  }
  const copies: Finding[] = [];
  for (const { person, faces } of scanned.alike) {
    if (await areCopies(parts, ...faces)) copies.push({ kind: 'copy', person, faces });
  }
  const isPoor = new Set(poor.map(({ face }) => face));
  // A face that shows too little to be like anybody is told as that.
  const strays = straysIn(scanned, parts).filter(({ face, resembles }) => resembles !== undefined || !isPoor.has(face));
  return [...doubles, ...strays, ...copies, ...poor.map((face): Finding => ({ kind: 'lowQuality', ...face }))];
}

/** Whether a person's own vector is of the person: of two faces that are unlike each other it may be the stray. */
function isSure(side: Side): boolean {
  return !side.isStray && !side.isEven;
}

/** The same for either order; ids have no line feeds. */
function pairOf(a: string, b: string): string {
  return [a, b].sort().join('\n');
}

function doublesIn({ matches }: Pick<Scanned, 'matches'>): Scanned['matches'] {
  return matches.filter(({ sides }) => sides.every(isSure));
}

type StrayFinding = Extract<Finding, { kind: 'stray' }>;

function straysIn({ matches, strays }: Scanned, parts: FindingParts): readonly StrayFinding[] {
  // The surest match of each face comes first.
  const resembles = new Map<string, FaceOf & { readonly score: number }>();
  for (const { sides, cosine } of matches) {
    for (const [one, other] of [sides, sides.toReversed()] as [Side, Side][]) {
      if (isSure(one) || other.isStray || resembles.has(one.face)) continue;
      resembles.set(one.face, { person: other.person, face: other.face, score: scoreOf(parts, cosine) });
    }
  }
  // Where two persons are one, a face that is like the other one is no stray.
  const areOne = new Set(doublesIn({ matches }).map(({ sides: [a, b] }) => pairOf(a.person, b.person)));
  return strays.flatMap(({ person, face, rest, cosine, isEven, isSuspect }) => {
    const like = resembles.get(face);
    if (like !== undefined && areOne.has(pairOf(person, like.person))) return [];
    if (isSuspect && like === undefined) return [];
    const finding = (face: string): StrayFinding => {
      const other = resembles.get(face);
      return {
        kind: 'stray',
        person,
        face,
        score: scoreOf(parts, cosine),
        ...(other !== undefined && { resembles: other }),
      };
    };
    // Of two faces that are unlike each other, the one that is like somebody else is the stray.
    if (!isEven || !resembles.has(rest)) return [finding(face)];
    return resembles.has(face) ? [finding(face), finding(rest)] : [finding(rest)];
  });
}

async function areCopies({ analyzer, store, signal }: FindingParts, first: string, second: string): Promise<boolean> {
  const crops = await store.findCrops([first, second]);
  const [a, b] = crops;
  // One of them may have been erased meanwhile.
  if (a === undefined || b === undefined) return false;
  const [isCopy = false] = await analyzer.areCopies(a.crop, [b.crop], { signal, isBackground: true });
  return isCopy;
}

/** With two decimals, as the face API tells scores; from 0 on. */
function scoreOf({ analyzer }: FindingParts, cosine: number): number {
  return Math.round(100 * Math.max(0, analyzer.scoreOf(cosine))) / 100;
}
