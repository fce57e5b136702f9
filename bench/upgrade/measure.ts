/** Measures how fast a register is converted when nothing else is to do, and how long newperson takes meanwhile. */

import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { openData } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { type Base, familiar, type Photographs, route, serve, watchPacks } from './register.ts';
import { quantile, recogniserAlone } from './speed.ts';
import { Stream } from './stream.ts';

/** Newpersons a second of the load, and how long it lasts, in seconds. */
const [perSecond, seconds] = [6, 25];
/** Crops that recognisers are run on alone. */
const cropsCount = 60;

/** @returns lines for the page. */
export async function measureSpeed(
  { folder, masterKeyFile, account }: Base,
  photographs: Photographs,
  workers: number,
) {
  const lines: [string, string][] = [];
  const flags = ['--data', folder, '--master-key-file', masterKeyFile];
  const place = { file: join(folder, 'familiar.db') };
  const crops = await someCrops(flags, account.appid);
  const server = await serve(folder, masterKeyFile);
  try {
    await using packs = await watchPacks(place);
    const stream = new Stream(account, () => [server.url], photographs);
    for (let i = 0; i < 20; i++) await stream.enrol();
    const before = await newpersons(stream);
    for (const [i, pack] of route.slice(0, 2).entries()) {
      const alone = await recogniserAlone(folder, pack, crops, workers);
      const upgrading = familiar('models', 'upgrade', pack, '--without-failed', ...flags);
      const isLoaded = i === 0;
      let during: readonly number[] | undefined;
      let rate = Number.NaN;
      let isOver = false;
      void upgrading.finally(() => {
        isOver = true;
      });
      while (!isOver) {
        const state = (await packs.read()).find((one) => one.name === pack)?.upgrade;
        if (state?.phase === 'converting' && state.seconds > 0) {
          if (isLoaded) during ??= await newpersons(stream);
          else rate = (state.done - state.doneAtStart) / state.seconds;
        }
        await wait(100);
      }
      await upgrading;
      if (during === undefined) {
        lines.push([`${pack}: the recogniser alone on ${workers} cores, faces a second`, alone.toFixed(1)]);
        lines.push([
          `${pack}: converted when nothing else is to do, faces a second`,
          `${rate.toFixed(1)}, ${(rate / alone).toFixed(2)} of it`,
        ]);
      } else {
        const [p99, p99During] = [quantile(before, 0.99), quantile(during, 0.99)];
        lines.push([
          `newperson at ${perSecond} a second, p50 and p99 in ms`,
          `${quantile(before, 0.5).toFixed(0)}, ${p99.toFixed(0)}`,
        ]);
        lines.push([
          `the same while faces are converted to ${pack}`,
          `${quantile(during, 0.5).toFixed(0)}, ${p99During.toFixed(0)}: ${(p99During / p99).toFixed(2)} of it`,
        ]);
      }
    }
    return lines;
  } finally {
    process.kill(server.pid, 'SIGTERM');
    await server.ended;
  }
}

/** Newpersons at a steady rate, whether or not those before are answered. @returns how long each took, in milliseconds. */
async function newpersons(stream: Stream): Promise<readonly number[]> {
  const from = stream.enrolled.length;
  const calls: Promise<void>[] = [];
  for (let i = 0; i < perSecond * seconds; i++) {
    calls.push(stream.enrol());
    await wait(1000 / perSecond);
  }
  await Promise.all(calls);
  return stream.enrolled.slice(from).map(({ ms }) => ms);
}

async function someCrops(flags: readonly string[], appid: string): Promise<readonly Uint8Array[]> {
  const [, data, , masterKeyFile] = flags;
  await using stores = await openData(readSettings({ data, masterKeyFile }, undefined, {}));
  const faces = await stores.packs.conversion.facesWithout(appid, '', '', cropsCount);
  return faces.flatMap(({ crop }) => crop ?? []);
}
