/** Measures how fast a register is converted when nothing else is to do, and how long newperson takes meanwhile. */
import { setTimeout as wait } from 'node:timers/promises';
import { openData } from '../../src/app/create-app.ts';
import { pruneModels } from '../../src/app/operator/upgrades.ts';
import { readSettings } from '../../src/app/settings.ts';
import type { Stores } from '../../src/store/open.ts';
import { type Base, type Photographs, serve } from './register.ts';
import { quantile, recogniserAlone } from './speed.ts';
import { Stream } from './stream.ts';

/** Newpersons a second of the load. */
const perSecond = 8;
/** Turns without and with a conversion beside, and how long each lasts, in seconds. */
const [turns, turnSeconds] = [8, 15];
/** How long a conversion without calls is looked at, in seconds, and how much of its begin is not, until networks are loaded. */
const [idleSeconds, warmUpSeconds] = [12, 1];
/** Crops that recognisers are run on alone. */
const cropsCount = 60;

/** Faces that a conversion embeds at once while no calls come. */
const together = 2;

/** What can be measured by itself: the speed of a conversion to a pack, and calls beside one. */
export const speedParts = ['dlib', 'faceres', 'calls'] as const;

/**
 * @param parts of {@link speedParts}.
 * @returns lines for the page.
 */
export async function measureSpeed(
  { folder, masterKeyFile, account }: Base,
  photographs: Photographs,
  workers: number,
  parts: ReadonlySet<string>,
): Promise<[string, string][]> {
  await using stores = await openData(readSettings({ data: folder, masterKeyFile }, undefined, {}));
  const faces = await stores.packs.conversion.facesWithout(account.appid, '', '', cropsCount);
  const crops = faces.flatMap(({ crop }) => crop ?? []);
  const server = await serve(folder, masterKeyFile);
  try {
    const lines: [string, string][] = [];
    for (const pack of speedParts.filter((part) => part !== 'calls' && parts.has(part))) {
      const alone = (faces: number): Promise<number> => recogniserAlone(folder, pack, crops, workers, faces);
      const before = [await alone(1), await alone(together)] as const;
      const rate = await converting(stores, pack, () => rateOf(stores, pack));
      const [single, several] = [(before[0] + (await alone(1))) / 2, (before[1] + (await alone(together))) / 2];
      lines.push(
        [`${pack}: the recogniser alone on ${workers} cores, faces a second, as of calls`, single.toFixed(1)],
        [`${pack}: the same with ${together} faces at once, as a conversion has it`, several.toFixed(1)],
        [
          `${pack}: converted when nothing else is to do, faces a second`,
          `${rate.toFixed(1)}: ${(rate / single).toFixed(2)} and ${(rate / several).toFixed(2)} of it`,
        ],
      );
    }
    if (!parts.has('calls')) return lines;
    const stream = new Stream(account, () => [server.url], photographs);
    for (let i = 0; i < 20; i++) await stream.enrol();
    const [alone, beside]: [number[], number[]] = [[], []];
    for (let i = 0; i < turns; i++) {
      // Both sides send the same photographs: in some a face is searched for longer than in all others.
      const first = i * perSecond * turnSeconds;
      alone.push(...(await newpersons(stream, first)));
      beside.push(...(await converting(stores, 'dlib', () => newpersons(stream, first))));
    }
    const [p99, p99Beside] = [quantile(alone, 0.99), quantile(beside, 0.99)];
    const about = `p50, p90 and p99 in ms of ${alone.length}`;
    lines.push(
      [`newperson at ${perSecond} a second, ${about}`, told(alone)],
      [
        `the same while faces are converted to dlib, by turns of ${turnSeconds} s`,
        `${told(beside)}: ${(p99Beside / p99).toFixed(2)} of it`,
      ],
    );
    return lines;
  } finally {
    process.kill(server.pid, 'SIGTERM');
    await server.ended;
  }
}

function told(times: readonly number[]): string {
  return [0.5, 0.9, 0.99].map((share) => quantile(times, share).toFixed(0)).join(', ');
}

/**
 * Does work while the server converts faces to a pack; afterwards nothing is left of the conversion.
 * @throws Error if faces are not converted until the work is done.
 */
async function converting<T>(stores: Stores, pack: string, work: () => Promise<T>): Promise<T> {
  const { upgrades } = stores.packs;
  await upgrades.begin(pack, true);
  while ((await upgradeOf(stores, pack))?.seconds === 0) await wait(100);
  const result = await work();
  const { phase, done, total } = (await upgradeOf(stores, pack)) ?? {};
  if (phase !== 'converting') throw new Error(`faces were not converted all the time (${phase}, ${done} of ${total})`);
  await upgrades.cancel();
  // The server may be in the middle of a batch.
  await wait(2_000);
  await pruneModels(stores);
  return result;
}

async function upgradeOf({ packs }: Stores, pack: string) {
  const state = (await packs.list()).find(({ name }) => name === pack)?.upgrade;
  if (state?.phase === 'failed') throw new Error(state.message);
  return state;
}

/** How many faces are converted a second. */
async function rateOf(stores: Stores, pack: string): Promise<number> {
  const end = performance.now() + 1000 * idleSeconds;
  let first: { readonly seconds: number; readonly done: number } | undefined;
  let rate = Number.NaN;
  while (performance.now() < end) {
    const { done, total, seconds } = (await upgradeOf(stores, pack))!;
    if (seconds >= warmUpSeconds) first ??= { seconds, done };
    if (first !== undefined && seconds > first.seconds) rate = (done - first.done) / (seconds - first.seconds);
    if (done > 0.7 * total) break;
    await wait(100);
  }
  return rate;
}

/**
 * Newpersons at a steady rate, whether or not those before are answered.
 * @param first of the photographs that are sent.
 * @returns how long each took, in milliseconds.
 */
async function newpersons(stream: Stream, first: number): Promise<readonly number[]> {
  const from = stream.enrolled.length;
  const calls: Promise<void>[] = [];
  for (let i = 0; i < perSecond * turnSeconds; i++) {
    calls.push(stream.enrol(first + i));
    await wait(1000 / perSecond);
  }
  await Promise.all(calls);
  return stream.enrolled.slice(from).map(({ ms }) => ms);
}
