/** A register is upgraded to another pack while it is called. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { OperationName } from '../../src/contract/operator/operations.ts';
import { startApp, type TestApp } from '../harness.ts';
import { signIn } from '../operator.ts';
import { installed, isInUse, portraits, until } from './upgrading.ts';

const group_ids = ['friends'];

async function identified(app: TestApp, picture: Buffer) {
  const { code, data, text } = await app.form('identify', { group_ids, image: picture });
  assert.equal(code, 0, text);
  return data.candidates as readonly { person_id: string; face_id: string; confidence: number }[];
}

test('a register is upgraded while it is called, and back, and nobody is lost or refused', async (context) => {
  const data = await installed(context, 'thumbnail');
  await using app = await startApp({ workers: 2 }, {}, data);
  const owner = await signIn(app, { role: 'owner', appid: null });
  const ask = async (name: OperationName, input: object = {}) => {
    const { status, data: said } = await owner.call(name, input);
    assert.equal(status, 200, JSON.stringify(said));
    return said;
  };
  const [ada, bob, carl, dora] = (await portraits()) as [Buffer, Buffer, Buffer, Buffer];
  const register = async (person_id: string, image: Buffer): Promise<string> => {
    const made = await app.form('newperson', { person_id, group_ids, image });
    assert.equal(made.code, 0, made.text);
    return made.data.face_id;
  };
  const faces = [await register('ada', ada), await register('bob', bob)];
  const before = await identified(app, ada);
  assert.deepEqual([before[0]?.person_id, before[0]?.face_id], ['ada', faces[0]]);

  const plan = await ask('models.plan', { pack: 'thumbnail' });
  assert.deepEqual([plan.faces, plan.withoutCrop], [2, 0]);
  await ask('models.upgrade', { pack: 'thumbnail' });
  assert.deepEqual((await owner.call('models.upgrade', { pack: 'thumbnail' })).status, 409);
  assert.equal((await ask('models.progress')).upgrade.pack, 'thumbnail');
  const answers: (readonly { person_id: string; confidence: number }[])[] = [];
  let isOver = false;
  const calling = (async () => {
    while (!isOver) answers.push(await identified(app, ada));
  })();
  faces.push(await register('carl', carl));
  const packs = await until(app, isInUse('thumbnail'));
  assert.deepEqual(
    packs.map(({ name, state, isRequired }) => [name, state, isRequired]),
    [
      ['builtin', 'kept', true],
      ['thumbnail', 'in use', true],
    ],
  );
  const after = await identified(app, ada);
  isOver = true;
  await calling;
  assert.deepEqual(
    after.map(({ person_id }) => person_id).sort(),
    ['ada', 'bob', 'carl'],
    'those from before are found by the new pack, too',
  );
  assert.equal(after[0]?.person_id, 'ada');
  assert.ok(after[0].confidence > 99, `the photograph and its crop are alike: ${after[0].confidence}`);
  const bobs = (list: readonly { person_id: string }[]) =>
    JSON.stringify(list.filter(({ person_id }) => person_id === 'bob'));
  // Each answer is that of one pack, whoever is registered meanwhile.
  const ofOnePack = [bobs(before), bobs(after)];
  assert.notEqual(ofOnePack[0], ofOnePack[1]);
  for (const answer of answers) assert.ok(ofOnePack.includes(bobs(answer)), bobs(answer));
  faces.push(await register('dora', dora));

  const { packs: listed } = await ask('models.list');
  const states = listed.map(({ name, state }: Record<string, string>) => `${name} ${state}`);
  assert.deepEqual(states.slice(0, 2), ['builtin kept', 'thumbnail in use']);
  assert.deepEqual(await ask('models.revert'), { pack: 'builtin' });
  await until(app, isInUse('builtin'));
  const again = await identified(app, ada);
  assert.deepEqual(again.slice(0, 1), before.slice(0, 1));
  assert.ok((await identified(app, dora))[0]?.face_id === faces[3], 'who was enrolled meanwhile is known');
  assert.equal(bobs(again), bobs(before), 'scores are what they were');
  const { data: members } = await app.json('getpersonids', { group_id: 'friends' });
  assert.deepEqual(members.person_ids, ['ada', 'bob', 'carl', 'dora']);
  const compared = await ask('models.compare', { appid: app.key.appid, packs: ['builtin', 'thumbnail'] });
  assert.deepEqual([compared.faces, compared.persons], [4, 4]);
  assert.match(compared.svg, /^<svg /);
  assert.deepEqual(await ask('models.prune'), { packs: ['thumbnail'], embeddings: 4 });
  assert.equal((await ask('models.progress')).upgrade, null);
  const { lines } = await ask('audit.installation', { linesMax: 10 });
  const told = lines
    .map(({ action }: Record<string, string>) => action)
    .filter((action: string) => action.startsWith('models'));
  assert.deepEqual(told, ['models upgrade', 'models switched', 'models revert', 'models switched', 'models prune']);
});
