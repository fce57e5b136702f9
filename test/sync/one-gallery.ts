/** A gallery that follows a feed in memory. */
import type { Index } from '../../src/search/gallery.ts';
import { GallerySync } from '../../src/sync/gallery-sync.ts';
import { HeldGallery } from '../../src/sync/held-gallery.ts';
import { Oracle } from '../search/oracle.ts';
import { dimension, embedding, MemoryFeed, model, registration } from './memory-feed.ts';

/** The longest that a test of these may take, in milliseconds. */
export const timeout = 5_000;
/** What a feed or an index says when it fails. */
export const failure = new Error('the disk does not answer');

/** A feed with one person, the faces that follow it, and the gallery between them, which has seen nothing yet. */
export function open() {
  const feed = new MemoryFeed();
  feed.write(...registration('p', 1));
  const faces = new Oracle();
  return { feed, faces, gallery: new GallerySync(feed, faces, model) };
}

/** The same for a gallery that is loaded and dropped; it is not in memory yet. */
export function openHeld() {
  const feed = new MemoryFeed();
  feed.write(...registration('p', 1));
  const faces = new Oracle();
  const index: Index = {
    dimension,
    of: () => faces,
    size: () => ({ faces: 0, persons: 0, sharedBytes: 0 }),
    activity: () => ({ begun: 0, waitedMs: 0, waiting: 0 }),
    hasRoomFor: () => true,
    amountsOf: () => ({ blocks: 0, persons: 0, secondaries: 0 }),
    check: () => {},
    [Symbol.asyncDispose]: async () => {},
  };
  const lost: Error[] = [];
  const onLost = (_: HeldGallery, error: Error): void => void lost.push(error);
  return { feed, faces, lost, gallery: new HeldGallery({ appid: '1', feed, index, model, onLost }) };
}

/** Who is filed, without a look at what else there is. */
export async function filed(faces: Oracle): Promise<readonly string[]> {
  const [list] = await faces.nearest({ probes: [embedding(0)], groupIds: ['g'], count: 10 });
  return list!.map(({ personId }) => personId).sort();
}
