/** A search that looks at every face with plain typed arrays: what the real one must find. */
import type { GalleryQuery, Match } from '../../src/domain/gallery.ts';
import type { SearchGallery } from '../../src/search/gallery.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';

interface OracleFace {
  readonly personId: string;
  readonly embedding: Float32Array;
}

interface Ranked extends Match {
  readonly cosine: number;
}

/** A gallery that is slow and plainly right. */
export class Oracle implements SearchGallery {
  readonly #faces = new Map<string, OracleFace>();
  readonly #groups = new Map<string, Set<string>>();

  async apply(changes: readonly RegistryChange[]): Promise<void> {
    for (const change of changes) this.#make(change);
  }

  async clear(): Promise<void> {
    this.#faces.clear();
    this.#groups.clear();
  }

  async nearest({ probes, groupIds, count }: GalleryQuery): Promise<readonly (readonly Match[])[]> {
    return probes.map((probe) => this.#nearest(probe, groupIds).slice(0, count));
  }

  #nearest(probe: Float32Array, groupIds: readonly string[]): readonly Match[] {
    const best = new Map<string, Ranked>();
    for (const [faceId, { personId, embedding }] of this.#faces) {
      if (!groupIds.some((groupId) => this.#groups.get(groupId)?.has(personId))) continue;
      const candidate = { personId, faceId, cosine: innerProduct(embedding, probe) };
      const rival = best.get(personId);
      if (rival === undefined || compare(candidate, rival) < 0) best.set(personId, candidate);
    }
    return [...best.values()].sort(compare).map(({ personId, faceId }) => ({ personId, faceId }));
  }

  #make(change: RegistryChange): void {
    switch (change.kind) {
      case 'insertFace':
        this.#faces.set(change.faceId, { personId: change.personId, embedding: change.embedding.slice() });
        break;
      case 'removeFace':
        this.#faces.delete(change.faceId);
        break;
      case 'removePerson':
        for (const [faceId, { personId }] of this.#faces) {
          if (personId === change.personId) this.#faces.delete(faceId);
        }
        for (const members of this.#groups.values()) members.delete(change.personId);
        break;
      case 'joinGroup':
        this.#groups.set(change.groupId, (this.#groups.get(change.groupId) ?? new Set()).add(change.personId));
        break;
      case 'leaveGroup':
        this.#groups.get(change.groupId)?.delete(change.personId);
        break;
    }
  }
}

/** Best first. */
function compare(a: Ranked, b: Ranked): number {
  return b.cosine - a.cosine || (BigInt(a.faceId) < BigInt(b.faceId) ? -1 : 1);
}

function innerProduct(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
