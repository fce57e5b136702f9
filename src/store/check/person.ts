/** Looks at the faces of one person: which of them are unlike the others, and which may be of one photograph. */
import { innerProduct } from '../../search/inner-product.ts';
import type { EmbeddedPerson } from './people.ts';

/** The cosines at which a check decides. */
export interface CheckCosines {
  /** From here on two persons are probably one. */
  readonly double: number;
  /** A face that is less like the mean of its person's other faces is a stray. */
  readonly stray: number;
  /** One that is less like it than this, and more than a stray, is one if it is like another person. */
  readonly suspect: number;
  /** From here on two faces of a person may be of one photograph. */
  readonly copy: number;
}

/** A vector that stands for a person, or for a face that is unlike the rest of it. */
export interface Exemplar {
  /** Of length 1 if it is a face, and a little shorter if it is a mean. */
  readonly vector: Float32Array;
  /** The face itself, or the one that is nearest to the mean. */
  readonly faceId: string;
  readonly isStray: boolean;
}

/** A face of the person that is unlike the others, by its place in the person's list. */
interface Stray {
  readonly at: number;
  /** With the mean of the others. */
  readonly cosine: number;
}

/** What there is to a person. */
export interface LookedAt {
  readonly exemplars: readonly Exemplar[];
  readonly strays: readonly { readonly faceId: string; readonly cosine: number; readonly isSuspect: boolean }[];
  /** Whether it has two faces that are unlike each other, so that either may be the stray. */
  readonly isEven: boolean;
  /** Pairs of faces that may be of one photograph. */
  readonly alike: readonly (readonly [string, string])[];
}

/** Of so many strays of one person the rest is not looked for: such a person is a heap, whose faces have to be gone through anyway. */
const straysMax = 50;
/** Of so many pairs of copies likewise. */
const alikeMax = 100;

/** Looks at a person. */
export function lookAt({ faceIds, rows }: EmbeddedPerson, dimension: number, cosines: CheckCosines): LookedAt {
  const vectors = faceIds.map((_, i) => rows.subarray(i * dimension, (i + 1) * dimension));
  const unlike = straysAmong(vectors, cosines.suspect);
  const isStray = new Set(unlike.flatMap(({ at, cosine }) => (cosine < cosines.stray ? [at] : [])));
  const own = vectors.flatMap((_, i) => (isStray.has(i) ? [] : [i]));
  const mean = meanOf(own.map((i) => vectors[i]!));
  const exemplars = [
    { vector: mean, faceId: faceIds[nearestTo(mean, own, vectors)]!, isStray: false },
    ...unlike.map(({ at }) => ({ vector: vectors[at]!, faceId: faceIds[at]!, isStray: true })),
  ];
  return {
    exemplars,
    strays: unlike.map(({ at, cosine }) => ({ faceId: faceIds[at]!, cosine, isSuspect: !isStray.has(at) })),
    isEven: faceIds.length === 2 && isStray.size === 1,
    alike: pairsAlike(vectors, cosines.copy).map(([a, b]) => [faceIds[a]!, faceIds[b]!] as const),
  };
}

/** One after the other, the face that is least like the mean of the others goes, as long as it is unlike it; of two faces the later one. */
function straysAmong(vectors: readonly Float32Array[], least: number): readonly Stray[] {
  const left = new Set(vectors.keys());
  const strays: Stray[] = [];
  const sum = sumOf(vectors);
  while (left.size > 1 && strays.length < straysMax) {
    let worst: Stray | undefined;
    const length = innerProduct(sum, sum);
    for (const at of left) {
      const vector = vectors[at]!;
      const withSum = innerProduct(vector, sum);
      const itself = innerProduct(vector, vector);
      const others = Math.sqrt(Math.max(0, length - 2 * withSum + itself));
      const cosine = others === 0 ? 0 : (withSum - itself) / others;
      if (worst === undefined || cosine < worst.cosine || (left.size === 2 && cosine <= worst.cosine + evenness)) {
        worst = { at, cosine };
      }
    }
    if (worst === undefined || worst.cosine >= least) break;
    left.delete(worst.at);
    strays.push(worst);
    const gone = vectors[worst.at]!;
    for (let i = 0; i < sum.length; i++) sum[i]! -= gone[i]!;
  }
  return strays;
}

/** Two faces have one cosine, whichever is asked for, but for rounding. */
const evenness = 1e-6;

function pairsAlike(vectors: readonly Float32Array[], least: number): readonly (readonly [number, number])[] {
  const pairs: [number, number][] = [];
  for (let b = 1; b < vectors.length; b++) {
    for (let a = 0; a < b && pairs.length < alikeMax; a++) {
      if (innerProduct(vectors[a]!, vectors[b]!) >= least) pairs.push([a, b]);
    }
  }
  return pairs;
}

function nearestTo(mean: Float32Array, own: readonly number[], vectors: readonly Float32Array[]): number {
  let best = own[0]!;
  for (const i of own) if (innerProduct(vectors[i]!, mean) > innerProduct(vectors[best]!, mean)) best = i;
  return best;
}

/**
 * A mean of several faces is nearer to everybody than each of them is, to strangers, too: the shorter it is for that, the more alike two
 * persons have to be (docs/decisions/0036-doubles.md).
 */
const shortening = 0.2;

function meanOf(vectors: readonly Float32Array[]): Float32Array {
  const mean = sumOf(vectors);
  const length = Math.sqrt(innerProduct(mean, mean));
  // Faces that cancel each other out have no mean: the first stands for them.
  if (length < evenness) return vectors[0]!;
  const scale = (length / vectors.length) ** shortening / length;
  for (let i = 0; i < mean.length; i++) mean[i]! *= scale;
  return mean;
}

function sumOf(vectors: readonly Float32Array[]): Float32Array {
  const sum = new Float32Array(vectors[0]!.length);
  for (const vector of vectors) for (let i = 0; i < sum.length; i++) sum[i]! += vector[i]!;
  return sum;
}
