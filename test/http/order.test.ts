import assert from 'node:assert/strict';
import test from 'node:test';
import { validitySecondsMax } from '../../src/auth/signature.ts';
import { memoryKeys } from '../auth/memory-keys.ts';
import { now, pictureBytesMax, serve, signed } from './served.ts';

/** A request that deserves two refusals: its signature and its body, and what comes first. */
interface Case {
  readonly sign: string;
  readonly body?: string;
  /** The signature of the same request, sent before. */
  readonly before?: string;
  /** When that was, if it was not just now. */
  readonly beforeAt?: number;
  /** How many calls a second one appid may make. */
  readonly callsPerSecondMax?: number;
}

const past = { madeAt: now - 100, expires: now - 1 };
const once = { expires: 0, file: 'f' };
/** Was still good two seconds ago. */
const tooOld = signed({ ...once, madeAt: now - validitySecondsMax - 1 });
const body = (fields: Readonly<Record<string, unknown>>): string => JSON.stringify({ appid: '1', ...fields });
const foreign = body({ appid: '2' });
const tooLarge = '['.repeat(10_001);

/**
 * The neighbours of the contract's order: the code that must win, the one that comes after it, and a request that
 * deserves both. A missing signature cannot be malformed as well, nor can a body that cannot be read name an appid that
 * anybody reads: these pairs are held by what comes nearest.
 */
const neighbours: readonly (readonly [first: number, second: number, one: Case])[] = [
  [4, 10, { sign: ' ', body: foreign }],
  [4, 23, { sign: ' ', body: tooLarge }],
  [5, 10, { sign: signed({ appid: '9', madeAt: now + 901 }) }],
  [10, 11, { sign: signed({ appid: '9', secretId: 'S9' }) }],
  [11, 12, { sign: signed({ appid: '2', secretId: 'S3' }) }],
  [12, 14, { sign: signed({ secretId: 'S2' }, 'wrong') }],
  [14, 9, { sign: signed(past, 'wrong') }],
  [9, 13, { sign: tooOld, before: tooOld, beforeAt: now - 2 }],
  [13, 16, { sign: signed({ ...once, bucket: 'no' }), before: signed({ ...once, bucket: 'no' }) }],
  [16, 15, { sign: signed({ bucket: 'no' }), before: signed(), callsPerSecondMax: 1 }],
  [15, 23, { sign: signed(), body: tooLarge, before: signed(), callsPerSecondMax: 1 }],
  [23, 3, { sign: signed(), body: tooLarge }],
  [3, 6, { sign: signed(), body: foreign.slice(0, -1) }],
  [23, 6, { sign: signed(), body: body({ appid: '2', image: 'x'.repeat(pictureBytesMax * 2) }) }],
  [6, -1301, { sign: signed(), body: foreign }],
  [6, 21, { sign: signed(), body: body({ appid: '2', image: '?', person_id: 7 }) }],
];

async function codeOf({ sign, body = '{}', before, beforeAt = now, callsPerSecondMax = 0 }: Case): Promise<number> {
  let seconds = beforeAt;
  await using served = serve({
    limits: { callsPerSecondMax },
    authentication: { keys: memoryKeys(['declared']), now: () => seconds * 1000, keysTimeoutMs: 60_000 },
  });
  const send = (authorization: string) => served.send('/face/newperson', { headers: { authorization }, body });
  if (before !== undefined) await send(before);
  seconds = now;
  return (await send(sign)).code;
}

test('of two refusals that a request deserves it gets the one that the contract puts first', async () => {
  for (const [first, second, one] of neighbours) assert.equal(await codeOf(one), first, `${first} before ${second}`);
});
