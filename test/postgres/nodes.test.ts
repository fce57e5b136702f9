/** A short version of `npm run chaos -- nodes`: three servers of one database, disturbed. */
import { test } from 'node:test';
import { openArena } from '../chaos/arena.ts';
import { disturbNodes } from '../chaos/nodes.ts';

test('PostgreSQL: no server answers by what is old, and nothing is lost, when servers are killed and the database crashes', async (t) => {
  const seed = Number(process.env.FAMILIAR_SEED ?? Math.floor(Math.random() * 2 ** 32));
  t.diagnostic(`FAMILIAR_SEED=${seed}`);
  await using arena = await openArena(seed, (ms) => t.diagnostic(`ready ${ms.toFixed(0)} ms after the database`));
  await disturbNodes(arena, { rounds: 3, roundMs: 3_000, crashes: [1, 2], hasNetworks: false });
});
