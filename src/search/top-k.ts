/** The best faces seen so far, one per person. */

/** A face that was found. Threads that search the index speak of persons by their numbers. */
export interface Found<Person = number> {
  readonly person: Person;
  readonly faceId: bigint;
  readonly cosine: number;
}

/** The best face of each of the best persons, most similar first, and of equals the lower face id first. */
export class TopK<Person = number> {
  /** Sorted. */
  readonly found: Found<Person>[] = [];
  readonly #count: number;

  /** @param count how many persons are kept, from 1. */
  constructor(count: number) {
    this.#count = count;
  }

  /** A face that is less similar than this changes nothing. */
  get floor(): number {
    return this.found.length < this.#count ? Number.NEGATIVE_INFINITY : this.found.at(-1)!.cosine;
  }

  offer(face: Found<Person>): void {
    const known = this.found.findIndex(({ person }) => person === face.person);
    const rival = known === -1 && this.found.length === this.#count ? this.#count - 1 : known;
    if (rival !== -1 && !precedes(face, this.found[rival]!)) return;
    if (rival !== -1) this.found.splice(rival, 1);
    const at = this.found.findIndex((other) => precedes(face, other));
    this.found.splice(at === -1 ? this.found.length : at, 0, face);
  }
}

function precedes(a: Found<unknown>, b: Found<unknown>): boolean {
  return a.cosine !== b.cosine ? a.cosine > b.cosine : a.faceId < b.faceId;
}
