/** Tells how packs tell the persons of a register apart, on the faces that it keeps, before anything is changed. */
import { setImmediate } from 'node:timers/promises';
import type { ScoreScale } from '../../domain/face-analyzer.ts';
import { Refusal } from '../../errors/refusals.ts';
import { Most } from '../../store/check/most.ts';
import type { Stores } from '../../store/open.ts';
import type { NamedPacks } from './named-packs.ts';

/** The bins of a distribution, each so many points wide, from 0 to 100. */
export const [binsCount, binWidth] = [50, 2];
/** Two persons with faces that are so much alike are probably one. */
const doubleMin = 90;
/** The scores of which it is told how many pairs reach them. */
const told = [60, 70, 80, 90, 95];
/** So many doubles, and confused faces, are listed at most. */
const listedMax = 50;
/** Faces that are read at once. */
const batchSize = 256;
/** How long pairs are compared before calls that the server answers meanwhile have their turn, in milliseconds. */
const sliceMs = 5;

/** A pair of faces of two persons. */
export interface Double {
  readonly persons: readonly [string, string];
  readonly faces: readonly [string, string];
  readonly score: number;
}

/** A face that is nearer to another person than to its own. */
export interface Confused {
  readonly face: string;
  readonly person: string;
  readonly takenFor: string;
  /** The score of its person's nearest other face, and of the other person's. */
  readonly own: number;
  readonly other: number;
}

/** How one pack tells persons apart. */
export interface PackScores {
  readonly pack: string;
  /** Pairs of faces of one person, and of two persons, by score. */
  readonly same: readonly number[];
  readonly others: readonly number[];
  /** The share of pairs that reach a score. */
  readonly reaching: readonly { readonly score: number; readonly same: number; readonly others: number }[];
  /** The highest first. */
  readonly doubles: readonly Double[];
  readonly doublesCount: number;
  readonly confused: readonly Confused[];
  readonly confusedCount: number;
}

/** What came of it. */
export interface PackComparison {
  /** Faces that all packs could embed, and their persons. */
  readonly faces: number;
  readonly persons: number;
  readonly packs: readonly PackScores[];
}

/** What is compared. */
export interface CompareOrder {
  readonly appid: string;
  readonly packs: readonly string[];
  /** The first faces of the register, so many at most. */
  readonly facesMax: number;
  /** How many crops are embedded at once. */
  readonly lanes: number;
  readonly signal: AbortSignal;
  readonly onProgress?: ((done: number, total: number) => void) | undefined;
}

interface Embedded {
  readonly faceId: string;
  readonly personId: string;
  /** By pack. */
  readonly embeddings: readonly Float32Array[];
}

/** Compares packs: each embeds every face from its crop, so that none has an advantage. */
export async function comparePacks(
  stores: Pick<Stores, 'packs'>,
  named: Pick<NamedPacks, 'convert' | 'using'>,
  order: CompareOrder,
): Promise<PackComparison> {
  const scales = await Promise.all(order.packs.map((pack) => named.using(pack, [])));
  const faces = await embedAll(stores, named, order);
  const packs: PackScores[] = [];
  for (const [i, pack] of order.packs.entries()) packs.push(await scoresOf(pack, faces, i, scales[i]!, order.signal));
  return { faces: faces.length, persons: new Set(faces.map(({ personId }) => personId)).size, packs };
}

async function embedAll(
  { packs: { conversion } }: Pick<Stores, 'packs'>,
  named: Pick<NamedPacks, 'convert'>,
  { appid, packs, facesMax, lanes, signal, onProgress = () => {} }: CompareOrder,
): Promise<readonly Embedded[]> {
  const embedded: Embedded[] = [];
  let [after, read] = ['', 0];
  while (read < facesMax) {
    // Of no model at all every face is without an embedding.
    const faces = await conversion.facesWithout(appid, '', after, Math.min(batchSize, facesMax - read));
    if (faces.length === 0) break;
    read += faces.length;
    after = faces.at(-1)!.faceId;
    const waiting = faces.values();
    const lane = async (): Promise<void> => {
      for (const { faceId, personId, crop } of waiting) {
        if (crop === undefined) continue;
        const embeddings: Float32Array[] = [];
        for (const pack of packs) {
          const [made] = await named.convert([crop], pack, signal);
          if (made instanceof Float32Array) embeddings.push(made);
          else if (!(made instanceof Refusal)) throw made;
        }
        // One that a pack refuses is compared by none.
        if (embeddings.length < packs.length) continue;
        embedded.push({ faceId, personId, embeddings });
        onProgress(embedded.length, facesMax);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }
  return embedded.toSorted((a, b) => (a.faceId < b.faceId ? -1 : 1));
}

async function scoresOf(
  pack: string,
  faces: readonly Embedded[],
  at: number,
  scale: Pick<ScoreScale, 'compare'>,
  signal: AbortSignal,
): Promise<PackScores> {
  const [same, others] = [new Array<number>(binsCount).fill(0), new Array<number>(binsCount).fill(0)];
  const reached = told.map((score) => ({ score, same: 0, others: 0 }));
  const doubles = new Most<Double>(listedMax, ({ score }) => score);
  let doublesCount = 0;
  const nearest = faces.map(() => ({ own: Number.NEGATIVE_INFINITY, other: Number.NEGATIVE_INFINITY, takenFor: '' }));
  let turn = performance.now();
  for (let i = 0; i < faces.length; i++) {
    if (performance.now() - turn > sliceMs) {
      await setImmediate();
      signal.throwIfAborted();
      turn = performance.now();
    }
    const a = faces[i]!;
    for (let j = 0; j < i; j++) {
      const b = faces[j]!;
      const { score } = scale.compare(a.embeddings[at]!, b.embeddings[at]!);
      const isSame = a.personId === b.personId;
      const bin = Math.min(binsCount - 1, Math.max(0, Math.floor(score / binWidth)));
      (isSame ? same : others)[bin]! += 1;
      for (const each of reached) if (score >= each.score) each[isSame ? 'same' : 'others'] += 1;
      note(nearest[i]!, isSame, score, b.personId);
      note(nearest[j]!, isSame, score, a.personId);
      if (!isSame && score >= doubleMin) {
        doublesCount += 1;
        doubles.add({ persons: [b.personId, a.personId], faces: [b.faceId, a.faceId], score });
      }
    }
  }
  const confused = faces.flatMap(({ faceId, personId }, i): Confused[] => {
    const { own, other, takenFor } = nearest[i]!;
    // Who has one face alone cannot be told from others by it.
    return own > Number.NEGATIVE_INFINITY && other > own
      ? [{ face: faceId, person: personId, takenFor, own, other }]
      : [];
  });
  const [pairs, strangers] = [sum(same), sum(others)];
  return {
    pack,
    same,
    others,
    reaching: reached.map((each) => ({
      ...each,
      same: share(each.same, pairs),
      others: share(each.others, strangers),
    })),
    doubles: doubles.items(),
    doublesCount,
    confused: confused.toSorted((a, b) => b.other - b.own - (a.other - a.own)).slice(0, listedMax),
    confusedCount: confused.length,
  };
}

function note(
  of: { own: number; other: number; takenFor: string },
  isSame: boolean,
  score: number,
  personId: string,
): void {
  if (isSame) of.own = Math.max(of.own, score);
  else if (score > of.other) [of.other, of.takenFor] = [score, personId];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function share(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
