import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import test from 'node:test';
import sharp from 'sharp';
import { formOf, makeFolder, photograph, sendTo, signFor } from '../harness.ts';
import { runFamiliar, type ServerProcess, startServer } from '../process.ts';

/** Calls an endpoint of a server that may die meanwhile; undefined if no answer came. */
async function call(server: ServerProcess, endpoint: string, fields: Parameters<typeof formOf>[0]) {
  const body = formOf({ appid: server.key.appid, ...fields });
  const init = { method: 'POST', headers: { authorization: signFor(server.key) }, body };
  return sendTo(`${server.url}/face/${endpoint}`, init).catch(() => undefined);
}

test('killed during a stream of calls, the server loses no call that was answered and keeps no half of one', async () => {
  const folder = await makeFolder();
  // Different faces, so that addface refuses none of them as the same.
  const images = await Promise.all(
    ([1, 3, 4, 6] as const).map(async (number) =>
      sharp(await photograph(number))
        .resize(960)
        .jpeg()
        .toBuffer(),
    ),
  );
  const persons = new Map<string, Set<string>>();
  let answered = 0;
  for (const killAfter of [5, 11]) {
    const server = await startServer(folder);
    let going = true;
    const goal = answered + killAfter;
    const stream = async (lane: number) => {
      for (let i = 0; going; i += 1) {
        const person_id = `p-${killAfter}-${lane}-${i}`;
        const made = await call(server, 'newperson', { person_id, group_ids: ['all', `g-${lane}`], image: images[0]! });
        if (made?.code !== 0) continue;
        answered += 1;
        persons.set(person_id, new Set([made.data.face_id]));
        const added = await call(server, 'addface', { person_id, images: [images[1 + (i % 3)]!] });
        if (added === undefined) continue;
        answered += 1;
        for (const id of added.data.face_ids as string[]) persons.get(person_id)?.add(id);
      }
    };
    const lanes = [0, 1, 2].map(stream);
    while (answered < goal) await new Promise((resolve) => setTimeout(resolve, 5));
    server.child.kill('SIGKILL');
    going = false;
    assert.equal((await server.ended).signal, 'SIGKILL');
    await Promise.all(lanes);
  }

  const server = await startServer(folder);
  const read = async (endpoint: string, fields: Parameters<typeof formOf>[0]) => {
    const answer = await call(server, endpoint, fields);
    assert.equal(answer?.code, 0, `${endpoint} ${JSON.stringify(fields)}: what was answered must be there`);
    return answer.data;
  };
  for (const [person_id, faces] of persons) {
    const info = await read('getinfo', { person_id });
    for (const face of faces) assert.ok(info.face_ids.includes(face), `face ${face} was answered and must be there`);
  }
  for (const person_id of (await read('getpersonids', { group_id: 'all' })).person_ids as string[]) {
    const info = await read('getinfo', { person_id });
    assert.ok(info.face_ids.length > 0, `${person_id} has the face that it was created with`);
    assert.equal(info.group_ids.length, 2, `${person_id} is in both of its groups`);
    for (const face_id of info.face_ids as string[]) await read('getfaceinfo', { face_id });
  }
  server.child.kill('SIGTERM');
  assert.equal((await server.ended).exitCode, 0);

  const { output } = await runFamiliar('usage', '--json', '--data', folder);
  const rows = JSON.parse(output) as { endpoint: string; ok: number }[];
  const counted = rows
    .filter(({ endpoint }) => /^(newperson|addface)$/.test(endpoint))
    .reduce((sum, { ok }) => sum + ok, 0);
  assert.ok(counted >= answered, `${counted} counted, ${answered} answered`);
  await rm(folder, { recursive: true });
});
