/** Makes up a million embeddings quickly: people whose pictures resemble each other, and strangers. */

/** Faces of made-up people. */
export interface Crowd {
  readonly dimension: number;
  readonly faces: number;
  /** Every embedding, one after the other. */
  readonly embeddings: Float32Array;
  readonly facesPerPerson: number;
}

/** How much of a picture is noise: the cosine of two pictures of one person is about 1 / (1 + spread²). */
const spread = 0.8;

/** A source of numbers from -1 to 1, the same on every run (xorshift, two draws a number). */
export function createNoise(seed: number): () => number {
  let state = seed;
  const draw = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state / 2 ** 31;
  };
  return () => (draw() + draw()) / 2;
}

/** Makes `faces` faces, `facesPerPerson` of each person in turn. */
export function makeCrowd(faces: number, dimension: number, facesPerPerson: number): Crowd {
  const noise = createNoise(20260101);
  const embeddings = new Float32Array(faces * dimension);
  const centre = new Float32Array(dimension);
  for (let face = 0; face < faces; face++) {
    if (face % facesPerPerson === 0) for (let i = 0; i < dimension; i++) centre[i] = noise();
    const embedding = embeddings.subarray(face * dimension, (face + 1) * dimension);
    for (let i = 0; i < dimension; i++) embedding[i] = centre[i]! + spread * noise();
    normalize(embedding);
  }
  return { dimension, faces, embeddings, facesPerPerson };
}

/** The embedding of one face: a view. */
export function embeddingOf({ embeddings, dimension }: Crowd, face: number): Float32Array {
  return embeddings.subarray(face * dimension, (face + 1) * dimension);
}

/** Embeddings of further pictures: every other one of a person of the crowd, the rest of strangers. */
export function makeProbes(crowd: Crowd, count: number, seed: number): Float32Array[] {
  const noise = createNoise(seed);
  return Array.from({ length: count }, (_, probe) => {
    const known = embeddingOf(crowd, Math.floor(((noise() + 1) / 2) * crowd.faces));
    const scale = Math.sqrt(crowd.dimension / 6);
    return normalize(known.map((element) => (probe % 2 === 0 ? element * scale : 0) + spread * noise()));
  });
}

function normalize(vector: Float32Array): Float32Array {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  const length = Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
  return vector;
}
