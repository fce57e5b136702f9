/** What was asked of a gallery while it changed, and whether each answer was right at some moment in between. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import type { GalleryQuery, Match } from '../../src/domain/gallery.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import { Oracle } from './oracle.ts';

/** A search and its answer. */
export interface Search {
  readonly query: GalleryQuery;
  /** How many changes had been made when it was asked for, and how many had been asked for when it was answered. */
  readonly from: number;
  readonly to: number;
  readonly found: readonly (readonly Match[])[];
}

/** The history of one gallery. */
export class History {
  /** In the order in which they were asked for. */
  readonly changes: (readonly RegistryChange[])[] = [];
  readonly searches: Search[] = [];
  made = 0;

  /**
   * Asserts that each search found what is right after one of the changes that it could see, and after those before.
   * @param first what was there before.
   */
  async check(first: readonly RegistryChange[] = []): Promise<void> {
    const oracle = new Oracle();
    await oracle.apply(first);
    const right = new Set<Search>();
    for (let version = 0; version <= this.changes.length; version++) {
      if (version > 0) await oracle.apply(this.changes[version - 1]!);
      for (const search of this.searches) {
        if (right.has(search) || version < search.from || version > search.to) continue;
        if (isDeepStrictEqual(await answer(oracle, search.query), search.found)) right.add(search);
      }
    }
    const wrong = this.searches.find((search) => !right.has(search));
    assert.equal(wrong, undefined, 'a search found what is right after none of the changes that it could see');
  }
}

/** The right answer, for which each probe is looked for once, however often it is named. */
async function answer(oracle: Oracle, query: GalleryQuery): Promise<readonly (readonly Match[])[]> {
  const probes = [...new Set(query.probes)];
  const lists = await oracle.nearest({ ...query, probes });
  return query.probes.map((probe) => lists[probes.indexOf(probe)]!);
}
