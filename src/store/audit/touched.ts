/** What a transaction touches, for its line of the audit. */
import type { KeyObject } from 'node:crypto';
import { type ForeseenIds, keptId } from './foreseen-ids.ts';
import { digestOf, type IdKind } from './hash.ts';

/** The ids of one kind that a transaction touches. */
class Ids {
  readonly kept = new Set<string>();
  /** Of which no plain text may stay. */
  readonly erased = new Set<string>();

  keep(ids: readonly string[]): void {
    for (const id of ids) {
      this.erased.delete(id);
      this.kept.add(id);
    }
  }

  lose(ids: readonly string[]): void {
    for (const id of ids) {
      this.kept.delete(id);
      this.erased.add(id);
    }
  }
}

/** Digests, and the ids that they stand for. */
export interface Digests {
  /** The column `ids` of the line. */
  readonly ids: string;
  /** The digests of persons. */
  readonly persons: readonly string[];
  /** The digests of ids that stay registered, each followed by its id, encrypted. */
  readonly kept: readonly string[];
  /** The digests of persons and faces that are not registered any more. */
  readonly gone: readonly string[];
  /** Those of them that were erased, and not only given another id. */
  readonly erased: readonly string[];
  /** The faces that were erased, by their ids. */
  readonly erasedFaces: readonly string[];
  /** The digests of groups that may have ended with their last member, by their ids. */
  readonly left: ReadonlyMap<string, string>;
}

/** Gathers the ids that a transaction touches. */
export class Touched {
  readonly #foreseen: ForeseenIds | undefined;
  readonly #persons = new Ids();
  readonly #faces = new Ids();
  readonly #groups = new Ids();
  /** Persons whose ids are gone, though nothing of them was erased. */
  readonly #retired = new Set<string>();

  /** @param foreseen of which nothing needs to be computed again. */
  constructor(foreseen?: ForeseenIds) {
    this.#foreseen = foreseen;
  }

  /** Whether nothing was changed. */
  get isEmpty(): boolean {
    return [this.#persons, this.#faces, this.#groups].every(({ kept, erased }) => kept.size + erased.size === 0);
  }

  /** Whether all that was done is to erase. */
  get isErasure(): boolean {
    return [this.#persons, this.#faces, this.#groups].every(({ kept }) => kept.size === 0);
  }

  /** A person was made or changed, by a face or by groups that it joined. */
  change(personId: string, faceIds: readonly string[] = [], groupIds: readonly string[] = []): void {
    this.#persons.keep([personId]);
    this.#faces.keep(faceIds);
    this.#groups.keep(groupIds);
  }

  /** A person that stays has lost faces, or left groups. */
  reduce(personId: string, faceIds: readonly string[], groupIds: readonly string[] = []): void {
    this.#persons.keep([personId]);
    this.#faces.lose(faceIds);
    this.#groups.lose(groupIds);
  }

  /** A person's id is not in use any more; all that it had is another person's. */
  retire(personId: string): void {
    this.#persons.lose([personId]);
    this.#retired.add(personId);
  }

  /** A person was erased, with its faces. */
  erase(personId: string, faceIds: readonly string[], groupIds: readonly string[]): void {
    this.#persons.lose([personId]);
    this.#faces.lose(faceIds);
    this.#groups.lose(groupIds);
  }

  /** How many persons and faces were touched, where there is no key for digests of their ids any more. */
  counts(): Readonly<Record<string, number>> {
    const count = ({ kept, erased }: Ids): number => kept.size + erased.size;
    return { persons: count(this.#persons), faces: count(this.#faces) };
  }

  /** The digests of all ids that were touched. */
  digests(dataKey: KeyObject): Digests {
    const [kept, gone, erased]: [string[], string[], string[]] = [[], [], []];
    const left = new Map<string, string>();
    const ids: Partial<Record<IdKind, string[]>> = {};
    const parts = { persons: this.#persons, faces: this.#faces, groups: this.#groups };
    for (const [kind, part] of Object.entries(parts) as [IdKind, Ids][]) {
      if (part.kept.size + part.erased.size === 0) continue;
      const digests: string[] = [];
      for (const id of part.kept) {
        const { digest, row } = this.#foreseen?.find(dataKey, kind, id) ?? keptId(dataKey, kind, id);
        digests.push(digest);
        kept.push(row);
      }
      for (const id of part.erased) {
        const digest = digestOf(dataKey, kind, id);
        digests.push(digest);
        if (kind === 'groups') left.set(id, digest);
        else gone.push(digest);
        if (kind === 'faces' || (kind === 'persons' && !this.#retired.has(id))) erased.push(digest);
      }
      ids[kind] = digests;
    }
    const erasedFaces = [...this.#faces.erased];
    return { ids: JSON.stringify(ids), persons: ids.persons ?? [], kept, gone, erased, erasedFaces, left };
  }
}
