/** Decides which of some new faces are copies, of each other and of faces that are stored. */
import type { RequestContext } from './context.ts';
import type { FaceEmbedding, NewFace } from './stores.ts';

/** A face that is to be stored, as far as it is compared. */
type ComparedFace = Pick<NewFace, 'id' | 'embedding' | 'crop'>;

/** What is known of pairs of faces: which are of one photograph. */
export class CopyDecisions {
  readonly #context: Pick<RequestContext, 'analyzer' | 'store' | 'signal'>;
  /** By their ids, in the order in which they are to be stored. */
  readonly #faces: ReadonlyMap<string, ComparedFace>;
  /** By the ids of a new face and of another face, whether both are of one photograph. */
  readonly #decided = new Map<string, boolean>();

  /** @param faces the new ones, in the order in which they are to be stored. */
  constructor(context: Pick<RequestContext, 'analyzer' | 'store' | 'signal'>, faces: readonly ComparedFace[]) {
    this.#context = context;
    this.#faces = new Map(faces.map((face) => [face.id, face]));
  }

  /**
   * Compares crops until it is known which of the new faces are copies. A face that is one is compared no further, and
   * none is compared with it, so that one photograph sent many times costs little.
   * @param known the person's faces.
   */
  async decide(known: readonly FaceEmbedding[]): Promise<void> {
    for (let open = this.#firstOpen(known); open !== undefined; open = this.#firstOpen(known)) {
      await this.#compare(open.face, open.otherIds);
    }
  }

  /** Whether it is known which of the new faces are copies, if these are the person's faces. */
  isDecided(known: readonly FaceEmbedding[]): boolean {
    return this.#firstOpen(known) === undefined;
  }

  /** Whether a new face is of the photograph of another face, of which that is decided. */
  isCopy(face: ComparedFace, other: FaceEmbedding): boolean {
    return this.#decided.get(pair(face, other.faceId)) ?? false;
  }

  /** The first face whose crop must be compared, and with whose; undefined if there is none. */
  #firstOpen(known: readonly FaceEmbedding[]): { face: ComparedFace; otherIds: readonly string[] } | undefined {
    const kept = [...known];
    for (const face of this.#faces.values()) {
      const otherIds: string[] = [];
      let isCopy = false;
      for (const other of kept) {
        const verdict = this.#verdict(face, other);
        if (verdict === undefined) otherIds.push(other.faceId);
        isCopy = verdict === true;
        if (isCopy) break;
      }
      if (otherIds.length > 0) return { face, otherIds };
      if (!isCopy) kept.push({ faceId: face.id, embedding: face.embedding });
    }
    return undefined;
  }

  /** Undefined if only the crops can tell. */
  #verdict(face: ComparedFace, { faceId, embedding }: FaceEmbedding): boolean | undefined {
    const key = pair(face, faceId);
    const decided = this.#decided.get(key);
    if (decided !== undefined || this.#context.analyzer.compare(face.embedding, embedding).mayBeCopy) return decided;
    this.#decided.set(key, false);
    return false;
  }

  /** Decides whether a face is a copy of one of some others. What comes after the first one stays open. */
  async #compare(face: ComparedFace, otherIds: readonly string[]): Promise<void> {
    const { analyzer, signal } = this.#context;
    const crops = await this.#cropsOf(otherIds);
    const asked: { readonly id: string; readonly crop: Uint8Array }[] = [];
    for (const id of otherIds) {
      const crop = crops.get(id);
      // A face that was erased meanwhile has no crop, and no copies.
      if (crop === undefined) this.#decided.set(pair(face, id), false);
      else asked.push({ id, crop });
    }
    if (asked.length === 0) return;
    const others = asked.map(({ crop }) => crop);
    const copies = await analyzer.areCopies(face.crop, others, { signal, untilFirst: true });
    for (const [i, isCopy] of copies.entries()) this.#decided.set(pair(face, asked[i]!.id), isCopy);
  }

  async #cropsOf(faceIds: readonly string[]): Promise<ReadonlyMap<string, Uint8Array>> {
    const stored = faceIds.filter((id) => !this.#faces.has(id));
    const found = stored.length === 0 ? [] : await this.#context.store.findCrops(stored);
    const crops = new Map(found.map(({ faceId, crop }) => [faceId, crop]));
    for (const { id, crop } of this.#faces.values()) crops.set(id, crop);
    return crops;
  }
}

function pair(face: ComparedFace, faceId: string): string {
  return `${face.id} ${faceId}`;
}
