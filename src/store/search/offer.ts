/** Compares faces as the index does: the answer is the same to the last bit. */
import { innerProduct } from '../../search/inner-product.ts';
import type { TopK } from '../../search/top-k.ts';
import { type EncryptedFaces, rowsOf } from '../contents.ts';
import { decryptBatch } from '../encryption/batch.ts';

/** Offers each face to the best of each probe. */
export function offerAll(faces: EncryptedFaces, probes: readonly Float32Array[], best: readonly TopK<string>[]): void {
  const { faceIds, personIds } = faces;
  const plain = decryptBatch(faces.batch);
  const rows = rowsOf(faces, plain, probes[0]!.length);
  let persons: readonly string[] | undefined;
  for (const [p, probe] of probes.entries()) {
    const top = best[p]!;
    const { length } = probe;
    let enough = top.floor - margin;
    for (let i = 0; i < faceIds.length; i++) {
      if (roughProduct(rows, i * length, probe) < enough) continue;
      // In most batches there is none.
      persons ??= JSON.parse(personIds) as readonly string[];
      const cosine = innerProduct(rows.subarray(i * length, (i + 1) * length), probe);
      top.offer({ person: persons[i]!, faceId: BigInt(faceIds[i]!), cosine });
      enough = top.floor - margin;
    }
  }
}

/** How far a rough product is off at most, and far more: the sums of some hundred products in double precision. */
const margin = 1e-9;

/** The inner product as four sums, since each addition would wait for the one before. */
function roughProduct(rows: Float32Array, at: number, probe: Float32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = probe.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += rows[at + i]! * probe[i]!;
    b += rows[at + i + 1]! * probe[i + 1]!;
    c += rows[at + i + 2]! * probe[i + 2]!;
    d += rows[at + i + 3]! * probe[i + 3]!;
  }
  for (let i = whole; i < probe.length; i++) a += rows[at + i]! * probe[i]!;
  return a + b + c + d;
}
