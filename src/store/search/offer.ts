/** Compares faces as the index does: the answer is the same to the last bit. */
import { innerProduct } from '../../search/inner-product.ts';
import type { TopK } from '../../search/top-k.ts';
import { type EncryptedEmbeddings, rowsOf } from '../contents.ts';
import { decryptBatch } from '../encryption/batch.ts';

/** Who of some faces counts: their persons, by the faces' ids. */
export type PersonsOf = (faceIds: readonly string[]) => Promise<ReadonlyMap<string, string>>;

/** Offers each face to the best of each probe, if its person counts. It is asked for those alone that may be among the best. */
export async function offerAll(
  { faceIds, batch }: EncryptedEmbeddings,
  probes: readonly Float32Array[],
  best: readonly TopK<string>[],
  personsOf: PersonsOf,
): Promise<void> {
  const { length } = probes[0]!;
  const rows = rowsOf(batch, decryptBatch(batch), length);
  const near = probes.map((probe, p) => nearTo(probe, rows, best[p]!.floor - margin));
  const candidates = new Set(near.flat());
  // In most batches there is none.
  if (candidates.size === 0) return;
  const persons = await personsOf(Array.from(candidates, (i) => faceIds[i]!));
  for (const [p, probe] of probes.entries()) {
    for (const i of near[p]!) {
      const faceId = faceIds[i]!;
      const person = persons.get(faceId);
      if (person === undefined) continue;
      const cosine = innerProduct(rows.subarray(i * length, (i + 1) * length), probe);
      best[p]!.offer({ person, faceId: BigInt(faceId), cosine });
    }
  }
}

/** The numbers of the rows whose rough product with a probe is high enough. */
function nearTo(probe: Float32Array, rows: Float32Array, enough: number): readonly number[] {
  const near: number[] = [];
  const count = rows.length / probe.length;
  for (let i = 0; i < count; i++) if (roughProduct(rows, i * probe.length, probe) >= enough) near.push(i);
  return near;
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
