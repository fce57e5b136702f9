/** Knows the learned map from what both networks say to fewer numbers that keep the likeness. */
import parameters from './parameters/projection.json' with { type: 'json' };

/** Numbers that come out. */
export const projectedLength = 256;

/** The learned map's rows, one after the other, each as long as the input. */
export const learnedRows: Float32Array = Float32Array.from(
  new Float16Array(Uint8Array.from(Buffer.from(parameters.rows, 'base64')).buffer),
);

/** The inner product of the vector with each of {@link projectedLength} rows. */
export function project(vector: Float32Array, rows: Float32Array): Float32Array {
  const projected = new Float32Array(projectedLength);
  for (let n = 0, at = 0; n < projectedLength; n++) {
    let sum = 0;
    for (let i = 0; i < vector.length; i++, at++) sum += rows[at]! * vector[i]!;
    projected[n] = sum;
  }
  return projected;
}
