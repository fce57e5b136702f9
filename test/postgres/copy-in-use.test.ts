/** Nothing is lost of a register that is copied while it is used, or whose copy is killed. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Stores } from '../../src/store/open.ts';
import { root } from '../harness.ts';
import { createRandom } from '../random.ts';
import { face, idsOf, limits, person, registerWithFace } from '../store/fixtures.ts';
import { assertSame, fill, makePlaces } from './places.ts';

/** Writes without a pause until it is refused, and tells how much was answered. */
async function writeUntilRefused(stores: Stores, random: () => number): Promise<number> {
  let answered = 0;
  const pick = (count: number): number => Math.floor(random() * count);
  for (let i = 0; ; i++) {
    const store = stores.of(pick(2) === 0 ? '1001' : '1002');
    const id = `人${pick(200)}`;
    try {
      switch (pick(6)) {
        case 0:
          await store.write(async (inner) => {
            if (!(await inner.insertPerson(person(id)))) return;
            await inner.joinGroups(id, [`g${pick(9)}`], limits);
            await inner.insertFace(face(`n${i}`, id), limits);
          });
          break;
        case 1:
          await store.deletePerson(id);
          break;
        case 2:
          await store.updatePerson(id, { name: `${i}` });
          break;
        case 3:
          if ((await store.findPerson(id)) !== undefined)
            await store.joinGroups(id, [`g${pick(9)}`], limits).catch(ignoreUnknown);
          break;
        case 4:
          await store.leaveGroups(id, [`g${pick(9)}`]);
          break;
        default: {
          const faces = await store.facesOf(id);
          if (faces !== undefined && idsOf(faces).length > 1) await store.deleteFaces(id, idsOf(faces).slice(0, 1));
          else if (faces !== undefined) await store.insertFace(face(`m${i}`, id), limits).catch(ignoreUnknown);
        }
      }
      answered += 1;
    } catch (error) {
      if (
        error instanceof Refusal &&
        error.refusal === 'storageFailed' &&
        /takes no writes/.test(String((error.cause as Error)?.message))
      )
        return answered;
      if (!(error instanceof Refusal)) throw error;
    }
  }
}

function ignoreUnknown(error: unknown): void {
  if (/takes no writes/.test(String(((error as Error).cause as Error)?.message))) throw error;
}

for (const [name, kinds] of [
  ['what is written to a folder while it is moved is in the database if it was answered', ['folder', 'database']],
  ['what is written to a database while it is moved is in the folder if it was answered', ['database', 'folder']],
] as const) {
  test(name, async () => {
    await using all = await makePlaces(...kinds);
    const [from, to] = all.places;
    await using stores = await from!.open();
    await fill(stores);
    const writing = writeUntilRefused(stores, createRandom(kinds[0].length));
    const { exitCode, errors } = await all.copy(from!, to!);
    assert.equal(exitCode, 0, errors);
    assert.ok((await writing) > 5);
    await using copied = await to!.open();
    await assertSame(stores, copied, 200);
  });
}

test('a copy that is killed at any point goes on, and the copy cannot be used before it is whole', async () => {
  await using all = await makePlaces('folder', 'database');
  const [from, to] = all.places;
  await using stores = await from!.open();
  await fill(stores);
  const random = createRandom(7);
  const words = ['src/main.ts', 'copy', '--data', from!.name, '--from', from!.name, '--to', to!.name];
  let isDone = false;
  for (let round = 0; round < 6 && !isDone; round++) {
    const child = spawn(process.execPath, words, { cwd: root, stdio: 'ignore' });
    const ended = once(child, 'exit');
    const timer = setTimeout(500 + random() * 700, undefined, { ref: false }).then(() => child.kill('SIGKILL'));
    const [code] = await ended;
    await timer;
    isDone = code === 0;
    if (isDone) break;
    // Whoever looks meanwhile finds the first one as it was, and no second one.
    await registerWithFace(stores.of('1001'), `人${150 + round}`, 'g1', `k${round}`).catch((error) =>
      assert.match(String(error.cause), /takes no writes/),
    );
    if (await isBegun(to!.name)) await assert.rejects(to!.open(), /is not whole yet/);
  }
  if (!isDone) {
    const { exitCode, errors } = await all.copy(from!, to!);
    // It may have been killed when all was done.
    assert.ok(exitCode === 0 || /it was moved to/.test(errors), errors);
  }
  await using copied = await to!.open();
  await assertSame(stores, copied, 200);
});

/** Whether a database holds a part of a copy. */
async function isBegun(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(`select 1 from copies where role = 'to'`)).rows.length > 0;
  } catch {
    return false;
  } finally {
    await client.end();
  }
}
