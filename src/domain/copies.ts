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
      const { face, otherId } = open;
      this.#decided.set(pair(face, otherId), await this.#compare(face, otherId));
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

  /** The first pair whose crops must be compared; undefined if there is none. */
  #firstOpen(known: readonly FaceEmbedding[]): { face: ComparedFace; otherId: string } | undefined {
    const kept = [...known];
    for (const face of this.#faces.values()) {
      let isCopy: boolean | undefined = false;
      for (const other of kept) {
        isCopy = this.#verdict(face, other);
        if (isCopy === undefined) return { face, otherId: other.faceId };
        if (isCopy) break;
      }
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

  /** A face that was erased meanwhile has no crop, and no copies. */
  async #compare(face: ComparedFace, otherId: string): Promise<boolean> {
    const { analyzer, store, signal } = this.#context;
    const crop = this.#faces.get(otherId)?.crop ?? (await store.findCrops([otherId]))[0]?.crop;
    if (crop === undefined) return false;
    const [isCopy = false] = await analyzer.areCopies(face.crop, [crop], signal);
    return isCopy;
  }
}

function pair(face: ComparedFace, faceId: string): string {
  return `${face.id} ${faceId}`;
}
