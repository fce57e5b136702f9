/** Decides which of some new faces are copies, of each other and of faces that are stored. */
import type { RequestContext } from './context.ts';
import type { FaceEmbedding, NewFace } from './stores.ts';

/** A face that is to be stored, as far as it is compared. */
type ComparedFace = Pick<NewFace, 'id' | 'embedding' | 'crop'>;

/** What is known of pairs of faces: which are of one photograph. */
export class CopyDecisions {
  readonly #context: Pick<RequestContext, 'analyzer' | 'store' | 'signal'>;
  readonly #faces: readonly ComparedFace[];
  /** By the ids of a new face and of another face, whether both are of one photograph. */
  readonly #decided = new Map<string, boolean>();

  /** @param faces the new ones, in the order in which they are to be stored. */
  constructor(context: Pick<RequestContext, 'analyzer' | 'store' | 'signal'>, faces: readonly ComparedFace[]) {
    this.#context = context;
    this.#faces = faces;
  }

  /** Compares the crops of all pairs that may be copies and are not yet decided. */
  async decide(known: readonly FaceEmbedding[]): Promise<void> {
    const { analyzer, store, signal } = this.#context;
    const stored = known.filter((other) => this.#faces.some((face) => this.#isOpen(face, other))).map(idOf);
    const crops = new Map(
      (stored.length === 0 ? [] : await store.findCrops(stored)).map((one) => [one.faceId, one.crop]),
    );
    for (const [i, face] of this.#faces.entries()) {
      const before = this.#faces.slice(0, i).map(({ id, embedding, crop }) => ({ faceId: id, embedding, crop }));
      const others = [...known.map((one) => ({ ...one, crop: crops.get(one.faceId) })), ...before];
      const open = others.filter((other) => this.#isOpen(face, other));
      // Whoever was erased meanwhile has no crop, and no copies.
      const compared = open.flatMap(({ faceId, crop }) => (crop === undefined ? [] : { faceId, crop }));
      for (const { faceId } of open) this.#decided.set(pair(face, faceId), false);
      if (compared.length === 0) continue;
      const copies = await analyzer.areCopies(
        face.crop,
        compared.map(({ crop }) => crop),
        signal,
      );
      for (const [k, { faceId }] of compared.entries()) this.#decided.set(pair(face, faceId), copies[k]!);
    }
  }

  /** Whether it is known of every new face and each of these which are copies. */
  isDecided(known: readonly FaceEmbedding[]): boolean {
    return !this.#faces.some((face) => known.some((other) => this.#isOpen(face, other)));
  }

  /** Whether a new face is of the photograph of another face, of which that is decided. */
  isCopy(face: ComparedFace, other: FaceEmbedding): boolean {
    return this.#decided.get(pair(face, other.faceId)) ?? false;
  }

  #isOpen(face: ComparedFace, { faceId, embedding }: FaceEmbedding): boolean {
    if (this.#decided.has(pair(face, faceId))) return false;
    return this.#context.analyzer.compare(face.embedding, embedding).mayBeCopy;
  }
}

function idOf({ faceId }: FaceEmbedding): string {
  return faceId;
}

function pair(face: ComparedFace, faceId: string): string {
  return `${face.id} ${faceId}`;
}
