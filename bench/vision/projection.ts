/** Knows how to find the few directions that keep most of the likeness between vectors. */

/** Rounds of the iteration: the directions beyond move the likeness by less than half precision does. */
const rounds = 12;

/**
 * An orthonormal basis of the subspace in which the vectors have the most length, by orthogonal iteration on the matrix
 * of their second moments. They are not centred: inner products are what is to be kept.
 * @param count directions wanted.
 * @returns the directions, one after the other.
 */
export function mainDirections(vectors: readonly Float32Array[], count: number): Float64Array {
  const size = vectors[0]!.length;
  const moments = momentsOf(vectors, size);
  // The vectors themselves are a start that needs no chance.
  let directions: Float64Array = new Float64Array(count * size);
  const step = Math.floor(vectors.length / count);
  for (let n = 0; n < count; n++) directions.set(vectors[n * step]!, n * size);
  for (let round = 0; round < rounds; round++) {
    orthonormalise(directions, count, size);
    directions = multiply(directions, moments, count, size);
  }
  orthonormalise(directions, count, size);
  return directions;
}

function momentsOf(vectors: readonly Float32Array[], size: number): Float64Array {
  const moments = new Float64Array(size * size);
  for (const vector of vectors) {
    for (let i = 0; i < size; i++) {
      const value = vector[i]!;
      for (let j = 0, at = i * size; j < size; j++, at++) moments[at]! += value * vector[j]!;
    }
  }
  return moments;
}

/** Every direction times the symmetric matrix. */
function multiply(directions: Float64Array, matrix: Float64Array, count: number, size: number): Float64Array {
  const product = new Float64Array(count * size);
  for (let n = 0; n < count; n++) {
    for (let i = 0; i < size; i++) {
      const value = directions[n * size + i]!;
      for (let j = 0, to = n * size, at = i * size; j < size; j++, to++, at++) product[to]! += value * matrix[at]!;
    }
  }
  return product;
}

/** Gram and Schmidt's method, each direction cleared of those before it as they are cleared by then. */
function orthonormalise(directions: Float64Array, count: number, size: number): void {
  for (let n = 0; n < count; n++) {
    const own = directions.subarray(n * size, (n + 1) * size);
    for (let m = 0; m < n; m++) {
      const other = directions.subarray(m * size, (m + 1) * size);
      let shared = 0;
      for (let i = 0; i < size; i++) shared += own[i]! * other[i]!;
      for (let i = 0; i < size; i++) own[i]! -= shared * other[i]!;
    }
    const length = Math.hypot(...own);
    for (let i = 0; i < size; i++) own[i]! /= length;
  }
}
