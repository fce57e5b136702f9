/** Whether the database answers is found once for all who ask it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { UnreachableError } from '../../src/store/dialects/postgres/failure.ts';
import { Reach } from '../../src/store/dialects/postgres/reach.ts';
import { borrowDatabase } from './lend.ts';

test('nobody waits for a database that is lost, and no connection of before is used when it is found', async () => {
  await using opened = new AsyncDisposableStack();
  const { url } = opened.use(await borrowDatabase());
  const pool = opened.adopt(new pg.Pool({ connectionString: url, max: 1 }), (pool) => pool.end());
  const reach = opened.use(new Reach(url));
  reach.watch(pool);
  const before = await reach.connect(pool);
  const lost = new UnreachableError(new Error('no answer'));
  const isLost = (error: unknown) => error === lost;
  const waiting = assert.rejects(reach.connect(pool), isLost, 'who waits for a connection waits no longer');
  reach.lose(lost);
  await waiting;
  await assert.rejects(reach.connect(pool), isLost, 'who comes later does not begin to wait');
  before.release();
  const found = await untilFound(reach, pool);
  // Given back first, since the pool ends with the last one.
  found.release();
  assert.notEqual(found, before);
  const again = await reach.connect(pool);
  again.release();
  assert.equal(again, found, 'what was made since is used again');
});

/** The first connection that there is again. */
async function untilFound(reach: Reach, pool: pg.Pool): Promise<pg.PoolClient> {
  for (let tries = 0; tries < 1_000; tries++) {
    try {
      return await reach.connect(pool);
    } catch {
      await setTimeout(20);
    }
  }
  throw new Error('the database is not found again');
}
