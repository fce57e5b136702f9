/** Fills the search index of a checkout and times what it is asked: `node search-process.ts <checkout> <faces>`. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ChangeFeed, RegistryChange } from '../../src/sync/change-feed.ts';
import { embeddingOf, makeCrowd, makeProbes } from '../search/crowd.ts';

/** What can be asked. */
export type TaskName = keyof typeof tasks;
/** One thing to do and to time. */
export interface Task {
  readonly name: TaskName;
  /** Makes probes differ from round to round, and be the same on both sides. */
  readonly seed: number;
}

const [checkout, faces] = [process.argv[2]!, Number(process.argv[3])];
const facesPerPerson = 5;
/** Persons of the smaller groups: a tenth of all, in ten groups. */
const groupCount = 10;
const filed = 200;
/** Searches of one measure, one after the other: a single one takes about a millisecond. */
const searches = 5;
const moduleOf = (path: string): Promise<unknown> => import(pathToFileURL(join(checkout, path)).href);
const { openIndex } = (await moduleOf('src/search/open.ts')) as typeof import('../../src/search/open.ts');
/** The class that brings a gallery up to date; checkouts from before `src/sync` have it elsewhere. */
const [syncPath, syncName] = existsSync(join(checkout, 'src/sync'))
  ? ['src/sync/gallery-sync.ts', 'GallerySync']
  : ['src/app/followed-gallery.ts', 'FollowedGallery'];
type GallerySyncClass = typeof import('../../src/sync/gallery-sync.ts').GallerySync;
const GallerySync = ((await moduleOf(syncPath)) as Readonly<Record<string, GallerySyncClass>>)[syncName]!;
const { embeddingLength: dimension } = (await moduleOf(
  'src/vision/pipeline/embed.ts',
)) as typeof import('../../src/vision/pipeline/embed.ts');
const crowd = makeCrowd(faces, dimension, facesPerPerson);
const persons = Math.floor(faces / facesPerPerson);
const index = await openIndex({ dimension });
const gallery = index.of('1');
// Changes come as a server's do, through the feed: what the index itself takes differs between checkouts.
let [position, changes]: [number, readonly RegistryChange[]] = [0, []];
const feed: ChangeFeed = {
  position: async () => position,
  // Older checkouts wait for all changes, later ones go through batches of them.
  since: () =>
    Object.assign(Promise.resolve({ position, changes }), {
      async *[Symbol.asyncIterator]() {
        yield { position, changes, isLast: true };
      },
    }),
  contents: async function* () {},
  prune: async () => {},
};
const sync = new GallerySync(feed, gallery, 'made up');
const apply = (made: readonly RegistryChange[]): Promise<void> => {
  [position, changes] = [position + made.length, made];
  return sync.catchUp();
};

const search = (probes: number, ...groupIds: string[]) => {
  return (seed: number) => gallery.nearest({ probes: makeProbes(crowd, probes, seed), groupIds, count: 5 });
};
const repeated = (once: (seed: number) => Promise<unknown>) => async (seed: number) => {
  for (let i = 0; i < searches; i++) await once(searches * seed + i);
};
const tasks = {
  one: repeated(search(1, 'all')),
  four: repeated(search(4, 'all')),
  sixteen: repeated(search(16, 'all')),
  eight: repeated((seed) => Promise.all(Array.from({ length: 8 }, (_, i) => search(1, 'all')(8 * seed + i)))),
  group: repeated(search(1, 'part-0')),
  tenth: repeated(search(1, 'tenth')),
  groups: repeated(search(1, ...Array.from({ length: 5 }, (_, i) => `part-${i}`))),
  file: async () => {
    for (let i = 0; i < filed; i++) await apply(filing(`new-${i}`, i, ['all', 'part-0']));
  },
  erase: async () => {
    for (let i = 0; i < filed; i++) await apply([{ kind: 'removePerson', personId: `new-${i}` }]);
  },
} satisfies Readonly<Record<string, (seed: number) => Promise<unknown>>>;

for (let person = 0; person < persons; person++) {
  const groupIds = ['all', `part-${Math.floor((person * groupCount) / persons)}`];
  if (person % 10 === 0) groupIds.push('tenth');
  await apply(filing(`person-${person}`, person, groupIds));
}
process.on('message', async ({ name, seed }: Task) => {
  const start = performance.now();
  await tasks[name](seed);
  process.send?.(performance.now() - start);
});
process.once('disconnect', async () => {
  await index[Symbol.asyncDispose]();
});
process.send?.(0);

/** A person's changes: its groups, then its faces, which are the crowd's. */
function filing(personId: string, person: number, groupIds: readonly string[]): RegistryChange[] {
  const first = person * facesPerPerson;
  const faceId = (face: number) => `${(personId.startsWith('new') ? 2n : 1n) * 10n ** 18n + BigInt(face)}`;
  return [
    ...groupIds.map((groupId): RegistryChange => ({ kind: 'joinGroup', personId, groupId })),
    ...Array.from({ length: facesPerPerson }, (_, i): RegistryChange => {
      const embedding = embeddingOf(crowd, first + i);
      return { kind: 'insertFace', faceId: faceId(first + i), personId, embedding };
    }),
  ];
}
