/**
 * Runs one statement again and again by `pg` alone: `bare-pg.ts URL CONNECTIONS MS`, with the statement and its parameters as
 * JSON on its input. Prints how many it ran a second.
 */
import { text } from 'node:stream/consumers';
import pg from 'pg';

const [url, connections, ms] = process.argv.slice(2);
const { sql, parameters } = JSON.parse(await text(process.stdin)) as { sql: string; parameters: string[] };
const pool = new pg.Pool({ connectionString: url, max: Number(connections) });
const run = () => pool.query({ text: sql, values: parameters });
await Promise.all(Array.from({ length: Number(connections) }, run));
const began = performance.now();
let done = 0;
const loop = async (): Promise<void> => {
  while (performance.now() - began < Number(ms)) {
    await run();
    done += 1;
  }
};
await Promise.all(Array.from({ length: Number(connections) }, loop));
console.log((1_000 * done) / (performance.now() - began));
await pool.end();
