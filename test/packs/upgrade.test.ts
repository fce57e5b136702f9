/** A register is upgraded to another pack while it is called. */
import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import sharp from 'sharp';
import { modelsFolder } from '../../src/app/analyzer.ts';
import { addPack, packsFolder } from '../../src/app/models.ts';
import type { OperationName } from '../../src/contract/operator/operations.ts';
import type { PackState } from '../../src/store/open.ts';
import { makeFolder, photograph, startApp, type TestApp } from '../harness.ts';
import { signIn } from '../operator.ts';
import { freshFolder, thumbnailManifest, thumbnailNetwork, writePack } from './made-up.ts';

/** The faces of some photographs, each a picture of its own. */
async function portraits(): Promise<readonly Buffer[]> {
  const places = [
    [3, { left: 965, top: 150, width: 440, height: 440 }],
    [1, undefined],
    [2, undefined],
    [4, undefined],
  ] as const;
  return Promise.all(
    places.map(async ([number, place]) => {
      const picture = sharp(await photograph(number));
      return (place ? picture.extract(place) : picture).jpeg().toBuffer();
    }),
  );
}

async function installed(context: TestContext, ...names: readonly string[]): Promise<string> {
  const data = await makeFolder();
  context.after(() => rm(data, { recursive: true }));
  const places = { packs: join(data, packsFolder), models: join(data, modelsFolder) };
  for (const name of names) {
    const source = await writePack(join(await freshFolder(context), name), thumbnailManifest(name), thumbnailNetwork());
    await addPack(places, source, {});
  }
  return data;
}

/** Waits until the packs are as a test says. */
async function until(app: TestApp, isSo: (packs: readonly PackState[]) => boolean): Promise<readonly PackState[]> {
  for (let waited = 0; ; waited += 50) {
    const packs = await app.app.stores.packs.list();
    if (isSo(packs)) return packs;
    if (waited > 60_000) assert.fail(JSON.stringify(packs));
    await setTimeout(50);
  }
}

const isInUse = (name: string) => (packs: readonly PackState[]) =>
  packs.some((pack) => pack.name === name && pack.state === 'in use' && pack.upgrade === undefined);

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
