/** Sends requests to a server on this machine and measures the answers. */
import { Pool } from 'undici';
import { median, quantile } from './statistics.ts';

/** The results of a load. */
export interface Load {
  readonly perSecond: number;
  /** Milliseconds from sending a request to having its answer: median and 99th percentile. */
  readonly p50: number;
  readonly p99: number;
  readonly calls: number;
}

/** A request to send. */
export interface Shot {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** When to stop: after so many calls, or so many milliseconds. */
export type Until = { readonly calls: number } | { readonly ms: number };

/**
 * Sends requests over a fixed number of connections, one at a time on each.
 * @param shot the i-th request.
 * @throws Error if an answer does not contain `"code":0`.
 */
export async function load(url: string, lanes: number, until: Until, shot: (i: number) => Shot): Promise<Load> {
  const { hostname } = new URL(url);
  if (hostname !== '127.0.0.1') throw new Error('loads go to this machine only');
  const pool = new Pool(url, { connections: lanes, pipelining: 1 });
  const times: number[] = [];
  const start = performance.now();
  const goes = (i: number) => ('calls' in until ? i < until.calls : performance.now() - start < until.ms);
  let next = 0;
  const lane = async () => {
    for (let i = next; goes(i); i = next) {
      next += 1;
      const { path, headers, body } = shot(i);
      const sent = performance.now();
      const answer = await pool.request({ path, method: 'POST', headers, body });
      const text = await answer.body.text();
      times.push(performance.now() - sent);
      if (!text.includes('"code":0')) throw new Error(`${path}: ${text.slice(0, 200)}`);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  const seconds = (performance.now() - start) / 1000;
  await pool.close();
  return { perSecond: times.length / seconds, p50: median(times), p99: quantile(times, 0.99), calls: times.length };
}
