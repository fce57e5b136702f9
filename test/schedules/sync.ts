/** Indexes of several processes that follow the same registries. */
import assert from 'node:assert/strict';
import type { GalleryQuery } from '../../src/domain/gallery.ts';
import { History } from '../search/history.ts';
import { appids, roundMs, SyncProcess } from './process.ts';
import { direction, SharedRegistry } from './registry.ts';
import type { Schedule } from './schedule.ts';

/** No process begins its rounds at the same time as another, as they hardly ever do. */
const processesMax = 3;

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A search finds what was written before it, by whichever process, whatever has failed and whatever is forgotten. */
export async function sync(schedule: Schedule): Promise<void> {
  const { random, clock } = schedule;
  clock.isPatient = random.oneIn(2);
  // Then every process sees everything before another has it forgotten.
  const isCalm = clock.isPatient && !schedule.hasFaults;
  const registries = new Map(appids.map((appid) => [appid, new SharedRegistry()]));
  const histories = new Map(appids.map((appid) => [appid, new History()]));
  const used = random.of([appids, ['1']]);
  const names = ['first', 'second', 'third'].slice(random.below(processesMax));
  const facesMax = random.oneIn(3) ? random.of([0, 2, 4, 8]) : Number.POSITIVE_INFINITY;
  const processes = names.map((name) => new SyncProcess(schedule, `the ${name} process`, registries, isCalm, facesMax));

  for (const registry of registries.values()) {
    const forget = () => registry.forget();
    if (!isCalm && random.oneIn(2)) schedule.maybe('a process of another clock', 'has all changes forgotten', forget);
  }

  const start = async (process: SyncProcess, place: number): Promise<void> => {
    const at = clock.now + random.of([0, random.below(roundMs)]);
    await sleep(at - (at % processesMax) + processesMax + place - clock.now);
    await process.start();
  };
  const starts = processes.map((process, place) => schedule.lane(process.name, () => start(process, place)));
  const live = async (process: SyncProcess, place: number): Promise<void> => {
    for (await starts[place]; random.oneIn(4); await start(process, place)) {
      await sleep(random.below(2 * roundMs));
      await process.stop();
    }
  };
  const write = async (): Promise<void> => {
    const appid = random.of(used);
    const registry = registries.get(appid)!;
    registry.write(registry.someChanges(random));
    await random.of(processes).notice(appid);
  };
  const search = async (appid: string, process: SyncProcess, query: GalleryQuery): Promise<boolean> => {
    const { transactions } = registries.get(appid)!;
    const from = transactions.length;
    const found = await process.search(appid, query);
    if (found !== undefined) histories.get(appid)!.searches.push({ query, from, to: transactions.length, found });
    return found !== undefined;
  };
  const call = async (who: string): Promise<void> => {
    if (random.oneIn(2)) await Promise.all(starts);
    for (let calls = random.below(8); calls >= 0; calls--) {
      if (random.oneIn(10)) await sleep(random.below(2 * roundMs));
      await schedule.point(who, 'goes on');
      const groupIds = random.of([['g'], ['h'], ['g', 'h']]);
      const query = { probes: [direction(random)], groupIds, count: random.of([1, 100]) };
      await (random.oneIn(2) ? write() : search(random.of(used), random.of(processes), query));
    }
  };
  const callers = Array.from({ length: 1 + random.below(6) }, (_, i) => `caller ${i}`);
  await Promise.all([
    ...processes.map((process, place) => schedule.lane(`the life of ${process.name}`, () => live(process, place))),
    ...callers.map((who) => schedule.lane(who, () => call(who))),
  ]);

  schedule.heal();
  if (facesMax < Number.POSITIVE_INFINITY) for (const registry of registries.values()) makeRoom(registry, facesMax / 2);
  // One round files what has found room since, the next one what that has made room for.
  await sleep(4 * roundMs);
  for (const process of processes) {
    process.check();
    for (const appid of appids) {
      const everybody = { probes: [direction(random)], groupIds: ['g', 'h'], count: 100 };
      assert.ok(await search(appid, process, everybody), 'a search is refused although nothing fails any more');
    }
    await process.stop();
  }
  for (const [appid, history] of histories) {
    history.changes.push(...registries.get(appid)!.transactions);
    await history.check();
  }
}

/** Erases persons until a registry has so many faces at most. */
function makeRoom(registry: SharedRegistry, facesMax: number): void {
  for (const personId of ['p', 'q', 'r']) {
    if (registry.faces > facesMax) registry.write([{ kind: 'removePerson', personId }]);
  }
}
