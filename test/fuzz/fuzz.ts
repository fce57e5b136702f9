/** Sends many damaged requests to a server and counts its answers. */
import { refusals } from '../../src/contract/refusals.ts';
import { drawRequest, type Target } from './requests.ts';
import { answersTo } from './sending.ts';

/** Requests under way at a time. */
const lanes = 32;

/** Every answer that is documented, but one: a bug would be confessed with 213. */
const documented = new Set(['200 0', ...Object.values(refusals).map(({ status, code }) => `${status} ${code}`)]);
documented.delete(`${refusals.internal.status} ${refusals.internal.code}`);

/** How often each answer came, as `status code`. */
export type Tally = ReadonlyMap<string, number>;

/**
 * Sends so many requests; each has a seed of its own, which follows the one before.
 * @param told after each request, how many are done.
 * @throws Error that says how to repeat the request which was answered wrongly.
 */
export async function fuzz(
  target: Target,
  count: number,
  seed: number,
  told: (done: number) => void = () => {},
): Promise<Tally> {
  const tally = new Map<string, number>();
  let [next, done] = [0, 0];
  const lane = async (): Promise<void> => {
    while (next < count) {
      const one = (seed + next++) >>> 0;
      const noise = drawRequest(one, target);
      try {
        for (const answer of await answersTo(noise, target.url)) {
          if (!documented.has(answer)) throw new Error(`an answer that is not documented: ${answer}`);
          tally.set(answer, (tally.get(answer) ?? 0) + 1);
        }
      } catch (cause) {
        const again = `npm run fuzz -- --requests 1 --seed ${one}`;
        const sent = noise.bytes.toString('latin1').slice(0, 3_000);
        throw new Error(`${(cause as Error).message}; ${again}\n${sent}`, { cause });
      }
      told(++done);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return tally;
}

/** The answers, the most frequent first. */
export function describe(tally: Tally): string {
  const sorted = [...tally].sort(([, a], [, b]) => b - a);
  return sorted.map(([answer, times]) => `${answer}: ${times}`).join(', ');
}
