/** One scan from its first slice to its answer; changes may come between the slices. */
import { Best, type Found } from './best.ts';
import type { Candidate } from './gallery.ts';
import type { Group } from './people.ts';
import type { Product } from './product.ts';
import type { Register } from './register.ts';
import { type Order, type Progress, progressOf, shareCount, spanOf } from './scan.ts';
import type { Turns } from './turns.ts';

/** A scan lets changes in until they have touched this many faces, each of which the main thread looks at in the end. */
const touchedMax = 512;

/** What is scanned. */
export interface Source {
  readonly register: Register;
  readonly turns: Turns;
}

/** A search that waits, or is under way. */
export interface Ask {
  readonly probes: readonly Float32Array[];
  readonly signal: AbortSignal | undefined;
  readonly outcome: PromiseWithResolvers<readonly (readonly Candidate[])[]>;
}

/** What to scan for. */
export interface Errand {
  readonly source: Source;
  readonly groupIds: readonly string[];
  readonly count: number;
}

/**
 * Searches of the same groups, which one scan answers. It goes on in slices, between which changes are made.
 *
 * Faces that no change touches lie where they lay, and so are scored once, in one slice or another. A touched face is
 * one that came, went, moved, or whose person's groups changed: it may have been scored twice, or not, or may be gone.
 * So what was found of touched faces is dropped in the end, and those that are still there are scored then. Only when
 * one that was found is less than it was, there may be others that it had kept away: then the scan is made again, and
 * lets no change in.
 */
export class ScanJob {
  readonly errand: Errand;
  readonly asks: Ask[] = [];
  /** How many more threads may begin the slice. */
  begin = 0;
  /** How many threads have begun the slice and not ended. */
  running = 0;
  #order: Order | undefined;
  #done = new Map<Group, Progress>();
  #found: (readonly (readonly Found[])[])[] = [];
  #touched = new Set<bigint>();
  /** Whether it lets no change in. */
  #alone = false;

  constructor(errand: Errand) {
    this.errand = errand;
  }

  /** Whether nothing of it has been scanned. */
  get isNew(): boolean {
    return this.#order === undefined && this.#found.length === 0;
  }

  /** What the threads are told of the slice under way; undefined between slices. */
  get order(): Order | undefined {
    return this.#order;
  }

  /**
   * Begins a slice.
   * @param id of the order: the same for all slices of a scan.
   * @returns into how many shares its work is divided.
   */
  open(id: number): number {
    const { source, groupIds, count } = this.errand;
    const spans = source.register.find(groupIds).map((group) => spanOf(group, this.#done.get(group)));
    this.#order = {
      id,
      probes: this.asks.flatMap(({ probes }) => probes),
      count,
      spans,
      cursor: new SharedArrayBuffer(4),
      halt: this.#alone ? undefined : source.turns.halt,
    };
    return shareCount(spans);
  }

  /** Takes what a thread found. */
  take(found: readonly (readonly Found[])[]): void {
    this.#found.push(found);
  }

  /** Ends the slice. @returns whether it was the last. */
  close(): boolean {
    const { spans, cursor } = this.#order!;
    const taken = Atomics.load(new Int32Array(cursor), 0);
    const groups = this.#groups();
    progressOf(spans, taken).forEach((progress, i) => {
      this.#done.set(groups[i]!, progress);
    });
    this.#order = undefined;
    return taken >= shareCount(spans);
  }

  /** Tells of a face that a change touches. */
  touch(faceId: bigint): void {
    this.#touched.add(faceId);
    if (this.#touched.size >= touchedMax) this.#alone = true;
  }

  /** The answers, a list for each probe of each ask; undefined if it has to be made again. */
  answer(product: Product): readonly (readonly Candidate[])[] | undefined {
    const probes = this.asks.flatMap((ask) => ask.probes);
    const lists = probes.map((probe, p) => this.#best(probe, p, product));
    if (!lists.includes(undefined)) return lists as readonly (readonly Candidate[])[];
    this.#done.clear();
    this.#touched.clear();
    this.#found = [];
    this.#alone = true;
    return undefined;
  }

  #best(probe: Float32Array, p: number, product: Product): readonly Candidate[] | undefined {
    const { register } = this.errand.source;
    const best = new Best(this.errand.count);
    const touched = new Map<bigint, Found>();
    const groups = new Set(this.#groups());
    for (const faceId of this.#touched) {
      const person = register.personIn(groups, faceId);
      if (person === 0) continue;
      const face = { person, faceId, similarity: register.similarity(faceId, probe, product) };
      touched.set(faceId, face);
      best.offer(face);
    }
    for (const face of this.#found.flatMap((lists) => lists[p]!)) {
      const now = this.#touched.has(face.faceId) ? touched.get(face.faceId) : face;
      if (now?.person !== face.person || now.similarity < face.similarity) return undefined;
      best.offer(now);
    }
    return best.found.map(({ person, faceId, similarity }) => ({
      personId: register.nameOf(person),
      faceId,
      similarity,
    }));
  }

  #groups(): readonly Group[] {
    return this.errand.source.register.find(this.errand.groupIds);
  }
}
