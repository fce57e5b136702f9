/** Knows which of the faces seen so far are the best, one of each person. */

/** A face as threads speak of it. */
export interface Found {
  readonly person: number;
  readonly row: number;
  readonly similarity: number;
}

/** The best face of each of the best persons, most similar first, and of equals the lower face id first. */
export class Best {
  /** Sorted. */
  readonly found: Found[] = [];
  readonly #count: number;
  readonly #faceIds: BigInt64Array;

  /**
   * @param count how many persons are kept, from 1.
   * @param faceIds by row.
   */
  constructor(count: number, faceIds: BigInt64Array) {
    this.#count = count;
    this.#faceIds = faceIds;
  }

  /** A face that is less similar than this changes nothing. */
  get floor(): number {
    return this.found.length < this.#count ? Number.NEGATIVE_INFINITY : this.found.at(-1)!.similarity;
  }

  offer(face: Found): void {
    const known = this.found.findIndex(({ person }) => person === face.person);
    const rival = known === -1 && this.found.length === this.#count ? this.#count - 1 : known;
    if (rival !== -1 && !this.#precedes(face, this.found[rival]!)) return;
    if (rival !== -1) this.found.splice(rival, 1);
    this.#insert(face);
  }

  #insert(face: Found): void {
    const at = this.found.findIndex((other) => this.#precedes(face, other));
    this.found.splice(at === -1 ? this.found.length : at, 0, face);
  }

  #precedes(a: Found, b: Found): boolean {
    if (a.similarity !== b.similarity) return a.similarity > b.similarity;
    return this.#faceIds[a.row]! < this.#faceIds[b.row]!;
  }
}
