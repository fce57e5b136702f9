/** Embeddings that tests make up: of strangers, and of persons whose pictures resemble each other. */

/** Scales a vector to length 1, in place. */
export function normalize(vector: Float32Array): Float32Array {
  let sum = 0;
  for (const element of vector) sum += element * element;
  const length = Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
  return vector;
}

/** A direction like any other: sums of uniform numbers are nearly normal. */
export function stranger(random: () => number, dimension: number): Float32Array {
  return normalize(Float32Array.from({ length: dimension }, () => random() + random() + random() - 1.5));
}

/** Another picture of a person: two of one person are alike by about 1 / (1 + spread²). */
export function picture(random: () => number, person: Float32Array, spread: number): Float32Array {
  const noise = stranger(random, person.length);
  return normalize(person.map((element, i) => element + spread * noise[i]!));
}
