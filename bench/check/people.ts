/**
 * Makes up persons whose embeddings are as far apart as those of real ones. How far that is was measured on Labeled Faces in the Wild, with
 * the built-in recogniser on the half of its people that development may use.
 */
import { createRandom } from '../../test/random.ts';

/** The length of the built-in recogniser's embeddings. */
export const dimension = 192;
/**
 * The cosines of strangers have a standard deviation of 0.14, their upper end included (one pair in 100,000 reaches 0.592): so have
 * random directions of so many dimensions.
 */
const dimensionsOfStrangers = 51;

/**
 * Shares of photographs, and the square of their cosine with the mean of the person's others that they do not reach: 1,428 photographs of the 107
 * people who have eight or more. Pairs of faces that are drawn so have the cosines of pairs of photographs: a tenth is below 0.585, and
 * measured were 0.595; half are below 0.73 and 0.756.
 */
const likenesses = [
  [0, 0.083],
  [0.001, 0.105],
  [0.005, 0.26],
  [0.01, 0.325],
  [0.02, 0.381],
  [0.05, 0.505],
  [0.1, 0.567],
  [0.2, 0.639],
  [0.3, 0.682],
  [0.5, 0.741],
  [0.7, 0.791],
  [0.9, 0.845],
  [0.99, 0.902],
  [1, 0.942],
] as const;

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

  /** The square of a face's cosine with what all faces of its person have in common. */
  #likeness(): number {
    const share = this.#next();
    const at = likenesses.findIndex(([upTo]) => share < upTo);
    const [[low, from], [high, to]] = [likenesses[at - 1]!, likenesses[at]!];
    return from + ((to - from) * (share - low)) / (high - low);
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
