/** Searches and changes of an index whose threads are simulated: they scan a share at a time, may die, and are replaced. */
import type { GalleryQuery } from '../../src/domain/gallery.ts';
import type { Index, SearchGallery } from '../../src/search/gallery.ts';
import { openIndex } from '../../src/search/open.ts';
import { Scanner, type ScanOrder } from '../../src/search/scan.ts';
import { reporting, type ThreadOptions, type ThreadReports } from '../../src/search/threads.ts';
import type { Found } from '../../src/search/top-k.ts';
import type { RegistryChange } from '../../src/sync/change-feed.ts';
import type { Random } from '../random.ts';
import { face, join, leave, removeFace, removePerson } from '../search/changes.ts';
import { History } from '../search/history.ts';
import { direction } from './registry.ts';
import type { Schedule } from './schedule.ts';
import { SimulatedThread } from './threads.ts';

type Lists = readonly (readonly Found[])[];
type ScanThread = SimulatedThread<ScanOrder, Lists>;

const groupIds = ['g', 'h', 'i'];
/** So many faces and persons that a scan has several shares. */
const facesMax = 40;
const personsMax = 20;

/** Each search of a gallery finds what is right at some moment while it is under way, and each ends. */
export async function search(schedule: Schedule): Promise<void> {
  const { random } = schedule;
  const threads: ScanThread[] = [];
  const index = await open(schedule, threads);
  const galleries = ['1', '2'].map((appid) => ({ gallery: index.of(appid), history: new History() }));
  for (const { gallery, history } of galleries) {
    const first = firstChanges(random);
    history.changes.push(first);
    await gallery.apply(first);
    history.made += 1;
  }
  // A scan of which threads have died twice is given up; until then, and while nobody closes the index, no search fails.
  let [isClosed, deaths] = [false, 0];
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= schedule.lane('the closing', async () => index[Symbol.asyncDispose]());
    return closing;
  };
  if (random.oneIn(6)) {
    schedule.maybe('the index', 'is closed', () => {
      isClosed = true;
      void close();
    });
  }
  for (let i = random.of([0, 0, 1, 1, 1, 3]); i > 0; i--) {
    schedule.maybe('a thread', 'dies', () => {
      const alive = threads.filter(({ hasDied }) => !hasDied);
      if (alive.length === 0) return;
      deaths += 1;
      random.of(alive).die(somehow(random));
    });
  }

  const lane = async (who: string): Promise<void> => {
    for (let calls = random.below(6); calls >= 0; calls--) {
      await schedule.point(who, 'goes on');
      const { gallery, history } = random.of(galleries);
      if (random.oneIn(2)) await change(gallery, history, someChanges(random));
      else await look(schedule, gallery, history, () => isClosed || deaths > 1);
    }
  };
  const lanes = Array.from({ length: 1 + random.below(6) }, (_, i) => `caller ${i}`);
  await Promise.all(lanes.map((who) => schedule.lane(who, () => lane(who))));
  await untilWhole(index, () => isClosed);
  isClosed = true;
  await close();
  for (const { history } of galleries) await history.check();
}

/** Opens an index in which work is divided finely. */
async function open(schedule: Schedule, threads: ScanThread[]): Promise<Index> {
  const { random } = schedule;
  const startThread = ({ shared, thread }: ThreadOptions, reports: ThreadReports) => {
    const scanner = new Scanner(shared, thread);
    const simulated: ScanThread = new SimulatedThread<ScanOrder, Lists>(schedule, {
      name: `thread ${thread}`,
      describe: ({ id }) => `begins on scan ${id}`,
      start: (port) => {
        port.on('message', function* (order) {
          port.postMessage(yield* scanner.steps(order));
        });
        return undefined;
      },
    });
    threads.push(simulated);
    return reporting(simulated, reports);
  };
  const grain = {
    shareSize: 1 + random.below(3),
    leastShares: 1 + random.below(3),
    sharesPerThread: 1 + random.below(2),
  };
  const most = { blocks: 500, persons: 500, secondaries: 500 };
  return openIndex(
    { dimension: 2, threads: 1 + random.below(3) },
    { startThread, grain, most, now: () => schedule.clock.now },
  );
}

/** Waits until every thread that has died is replaced, or the index is closed. */
async function untilWhole(index: Index, isClosed: () => boolean): Promise<void> {
  for (let waits = 0; !isClosed(); waits++) {
    try {
      return index.check();
    } catch (error) {
      if (waits > 100) throw error;
      await new Promise<void>((resolve) => setTimeout(resolve, 10));
    }
  }
}

async function change(gallery: SearchGallery, history: History, changes: readonly RegistryChange[]): Promise<void> {
  history.changes.push(changes);
  await gallery.apply(changes);
  history.made += 1;
}

async function look(
  schedule: Schedule,
  gallery: SearchGallery,
  history: History,
  mayFail: () => boolean,
): Promise<void> {
  const { random } = schedule;
  const tired = new AbortController();
  if (random.oneIn(4)) schedule.maybe('the patience of a caller', 'ends', () => tired.abort(new Error('tired')));
  const query: GalleryQuery = {
    probes: Array.from({ length: 1 + random.below(3) }, () => direction(random)),
    groupIds: random.of([['g'], ['h'], ['g', 'h'], groupIds]),
    count: random.of([1, 3, 100]),
    signal: tired.signal,
  };
  const from = history.made;
  try {
    const found = await gallery.nearest(query);
    history.searches.push({ query, from, to: history.changes.length, found });
  } catch (error) {
    if (error !== tired.signal.reason && !mayFail()) throw error;
  }
}

function somehow(random: Random): Error | undefined {
  return random.oneIn(2) ? new Error('out of memory') : undefined;
}

/** Many persons in two groups, some with faces. */
function firstChanges(random: Random): readonly RegistryChange[] {
  const changes: RegistryChange[] = [];
  for (let person = 0; person < personsMax; person++) {
    changes.push(...join(`${person}`, ...(random.oneIn(2) ? ['g'] : ['g', 'h'])));
    for (let faces = random.below(3); faces > 0; faces--) changes.push(someFace(random, `${person}`));
  }
  return changes;
}

/** Changes of few persons, so that they often meet what is searched. */
function someChanges(random: Random): readonly RegistryChange[] {
  return Array.from({ length: random.of([1, 1, 2, 5]) }, (): readonly RegistryChange[] => {
    const personId = `${random.below(personsMax)}`;
    const groupId = random.of(groupIds);
    switch (random.below(6)) {
      case 0:
        return join(personId, groupId);
      case 1:
        return leave(personId, groupId);
      case 2:
        return [removePerson(personId)];
      case 3:
        return [removeFace(random.below(facesMax))];
      default:
        return [...join(personId, groupId), someFace(random, personId)];
    }
  }).flat();
}

function someFace(random: Random, personId: string): RegistryChange {
  return face(random.below(facesMax), personId, direction(random));
}
