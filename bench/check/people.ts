/**
 * Makes up persons whose embeddings are as far apart as those of real ones. Cosines were measured on Labeled Faces in the Wild, with the
 * built-in recogniser on the half of its people that development may use: 12,403 pairs of one person and 15 million of strangers.
 */
import { createRandom } from '../../test/random.ts';

/** The length of the built-in recogniser's embeddings. */
export const dimension = 192;
/**
 * The cosines of strangers have a standard deviation of 0.14, their upper end included (one pair in 100,000 reaches 0.592): so have
 * random directions of so many dimensions.
 */
const dimensionsOfStrangers = 51;

/** Shares of pairs of one person, and the cosine that they do not reach. */
const pairsOfOne = [
  [0, 0.021],
  [0.001, 0.202],
  [0.005, 0.317],
  [0.01, 0.384],
  [0.02, 0.448],
  [0.05, 0.537],
  [0.1, 0.598],
  [0.2, 0.661],
  [0.3, 0.703],
  [0.5, 0.757],
  [0.7, 0.804],
  [0.9, 0.86],
  [0.99, 0.92],
  [1, 0.993],
] as const;
const median = 0.757;

/** Makes up people; one seed makes the same ones on every run. */
export class MadeUpPeople {
  readonly #next: () => number;

  constructor(seed: number) {
    this.#next = createRandom(seed);
  }

  /** What all faces of a person have in common. */
  person(): Float32Array {
    return this.#direction();
  }

  /** A face of a person. */
  face(person: Float32Array): Float32Array {
    const likeness = this.#likeness();
    const own = this.#direction();
    const face = person.map((value, i) => Math.sqrt(likeness) * value + Math.sqrt(1 - likeness) * own[i]!);
    return normalized(face);
  }

  /** How many faces a person has: of Labeled Faces in the Wild 72 in a hundred have one, and the mean is 2. */
  facesOfPerson(): number {
    if (this.#next() < 0.72) return 1;
    let faces = 2;
    while (faces < 14 && this.#next() < 0.6) faces += 1;
    return faces;
  }

  /** A whole number below one. */
  below(end: number): number {
    return Math.floor(this.#next() * end);
  }

  /**
   * The square of a face's cosine with its person. Two of them make the cosine of a pair, their geometric mean: it has half the variance
   * of one, so that one is drawn twice as wide.
   */
  #likeness(): number {
    const share = this.#next();
    const at = pairsOfOne.findIndex(([upTo]) => share < upTo);
    const [[low, from], [high, to]] = [pairsOfOne[at - 1]!, pairsOfOne[at]!];
    const cosine = from + ((to - from) * (share - low)) / (high - low);
    return Math.min(0.98, Math.max(0.02, median + Math.SQRT2 * (cosine - median)));
  }

  #direction(): Float32Array {
    const vector = new Float32Array(dimension);
    for (let i = 0; i < dimensionsOfStrangers; i++) vector[i] = this.#normal();
    return normalized(vector);
  }

  /** A draw of the standard normal distribution (Box and Muller). */
  #normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.#next())) * Math.cos(2 * Math.PI * this.#next());
  }
}

function normalized(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}
