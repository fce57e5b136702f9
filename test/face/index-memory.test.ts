/** A server without room for any face in memory answers as one with room does, and says where it searched. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import test from 'node:test';
import { makeFolder, photograph, startApp } from '../harness.ts';

test('identify answers the same from memory and from the database, and tells which in x-search', async () => {
  const folder = await makeFolder();
  const image = await photograph(3);
  const ask = async (indexMemory: number, register: boolean) => {
    await using server = await startApp({ indexMemory }, {}, folder);
    if (register) {
      for (const [person_id, number] of [
        ['ada', 3],
        ['bob', 5],
        ['eve', 1],
      ] as const) {
        const face = { person_id, group_ids: ['g'], image: await photograph(number) };
        assert.equal((await server.form('newperson', face)).code, 0);
      }
    }
    const answer = await server.form('identify', { group_id: 'g', image });
    assert.equal(answer.code, 0, answer.text);
    const ready = await server.send('/readyz', {});
    return { candidates: answer.data.candidates, place: answer.headers.get('x-search'), ready: ready.status };
  };
  const apart = await ask(1, true);
  assert.deepEqual([apart.place, apart.ready], ['database', 200]);
  assert.equal(apart.candidates[0].person_id, 'ada');
  assert.deepEqual(await ask(0, false), { ...apart, place: 'memory' });
  assert.deepEqual(await ask(1, false), apart);
  await rm(folder, { recursive: true });
});
