/** Inner product and length of vectors. */

/** The inner product of two vectors of the same length; of unit vectors, the cosine between them. */
export function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}

/**
 * Scales the vector to `length` in place.
 * @returns false, and nothing changed, if it has no direction: zero, or not finite.
 */
export function normalize(vector: Float32Array, length: number): boolean {
  const norm = Math.sqrt(dot(vector, vector));
  if (!(norm > 0 && norm < Number.POSITIVE_INFINITY)) return false;
  for (let i = 0; i < vector.length; i++) vector[i] = (vector[i]! * length) / norm;
  return true;
}
