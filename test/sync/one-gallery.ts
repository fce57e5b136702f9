/** A feed in memory that a gallery follows. */
import { GallerySync } from '../../src/sync/gallery-sync.ts';
import { Oracle } from '../search/oracle.ts';
import { embedding, MemoryFeed, model, registration } from './memory-feed.ts';

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

/** Who is filed, without a look at what else there is. */
export async function filed(faces: Oracle): Promise<readonly string[]> {
  const [list] = await faces.nearest({ probes: [embedding(0)], groupIds: ['g'], count: 10 });
  return list!.map(({ personId }) => personId).sort();
}
