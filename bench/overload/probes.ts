/** What others notice while a server is under load: calls at a steady pace, and memory. */
import { readFile } from 'node:fs/promises';
import { Pool } from 'undici';
import type { Subject } from '../process.ts';
import { createForm, headersOf, type SigningKey } from './calls.ts';

/** Calls at a steady pace: newperson if there is a picture, else getinfo. */
export interface Pace {
  readonly url: string;
  readonly key: SigningKey;
  readonly picture?: string;
  readonly everyMs: number;
  readonly seconds: number;
  readonly name: string;
}

/** What became of them. */
export interface Probed {
  /** Milliseconds of those that were answered. */
  readonly times: readonly number[];
  /** How many were refused with 15. */
  readonly refused: number;
  /** How many failed otherwise. */
  readonly failed: number;
}

/** Sends calls at a steady pace, whether those before are answered or not. */
export async function probe({ url, key, picture, everyMs, seconds, name }: Pace): Promise<Probed> {
  const pool = new Pool(url, { connections: 64, pipelining: 1 });
  const bytes = picture === undefined ? undefined : await readFile(picture);
  const times: number[] = [];
  let [refused, failed] = [0, 0];
  const one = async (call: number): Promise<void> => {
    const sent = performance.now();
    try {
      const answer = await pool.request({
        method: 'POST',
        ...shotOf(key, bytes, `${name}-${String(call).padStart(6, '0')}`),
      });
      const { code } = (await answer.body.json()) as { code: number };
      // Nobody is registered under the id that is asked for.
      if (code === 0 || code === -1303) times.push(performance.now() - sent);
      else if (code === 15) refused += 1;
      else failed += 1;
    } catch {
      failed += 1;
    }
  };
  const start = performance.now();
  const calls: Promise<void>[] = [];
  for (let call = 0; call * everyMs < seconds * 1000; call += 1) {
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, start + call * everyMs - performance.now())));
    calls.push(one(call));
  }
  await Promise.all(calls);
  await pool.close();
  return { times, refused, failed };
}

function shotOf(key: SigningKey, picture: Buffer | undefined, personId: string) {
  if (picture === undefined) {
    const body = JSON.stringify({ appid: key.appid, person_id: personId });
    return { path: '/face/getinfo', headers: headersOf(key, 'application/json'), body };
  }
  const form = createForm(key, picture);
  return { path: '/face/newperson', headers: headersOf(key, form.type), body: form(personId) };
}

/** Samples the memory of a server until it is stopped; the largest sample, in MB, is the outcome. */
export function measureMemory(server: Subject): { readonly stop: () => number } {
  let largest = 0;
  const timer = setInterval(async () => {
    largest = Math.max(largest, (await server.memory()) ?? 0);
  }, 250);
  return {
    stop() {
      clearInterval(timer);
      return largest;
    },
  };
}
