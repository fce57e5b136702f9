/** Checks and retention over the operator's API of a whole application. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { MadeUpPeople } from '../../bench/check/people.ts';
import { startApp, type TestApp } from '../harness.ts';
import { lendNetworks } from '../networks/lend.ts';
import { type OperatorClient, signIn } from '../operator.ts';
import { face, limits, person } from '../store/fixtures.ts';

let app: TestApp;
let editor: OperatorClient;
let appid: string;

before(async () => {
  app = await startApp();
  appid = app.key.appid;
  editor = await signIn(app, { role: 'editor', appid });
});
after(() => app[Symbol.asyncDispose]());

/** Registers made-up people with the embeddings of the networks in use: each with how many faces of whom it has. */
async function register(persons: Readonly<Record<string, readonly number[]>>): Promise<void> {
  const people = new MadeUpPeople(5);
  const centres = Array.from({ length: 20 }, () => people.person());
  const { model } = await lendNetworks();
  let faces = 0;
  await app.app.stores.of(appid).write(async (store) => {
    for (const [id, of] of Object.entries(persons)) {
      await store.insertPerson(person(id));
      await store.joinGroups(id, ['g'], limits);
      for (const centre of of) {
        const embedding = people.face(centres[centre]!);
        await store.insertFace(
          { ...face(String(++faces), id), model, embedding, quality: id === 'dim' ? 20 : 90 },
          limits,
        );
      }
    }
  });
}

async function checked(): Promise<void> {
  assert.equal((await editor.call('check.run', { appid })).status, 200);
  for (;;) {
    const { data } = await editor.call('check.progress', { appid });
    if (data.state !== 'running') return assert.equal(data.state, 'done');
    await setTimeout(20);
  }
}

async function listed(kind?: string) {
  const { data } = await editor.call('check.list', { appid, ...(kind !== undefined && { kind }) });
  return data.proposals as { readonly id: string; readonly finding: Record<string, never> }[];
}

async function actions(): Promise<readonly string[]> {
  const { data } = await editor.call('audit.list', { appid, linesMax: 1_000 });
  return data.lines.map(({ kind, actor, action }: Record<string, string>) => `${kind} ${actor} ${action}`);
}

test('an operator runs a check, accepts and dismisses what it proposes, and the next check says nothing of that again', async () => {
  await register({
    ada: [1, 1, 1],
    ada2: [1, 1],
    bob: [2, 2, 2, 3],
    cid: [3, 3, 3],
    dim: [4],
    eve: [5, 5, 5],
    eve2: [5, 5],
  });
  assert.equal((await editor.call('check.progress', { appid })).data.state, 'none');
  await checked();
  const { data: progress } = await editor.call('check.progress', { appid });
  assert.deepEqual(progress.open, { double: 2, stray: 1, lowQuality: 1 });
  assert.deepEqual([progress.outcome.persons, progress.outcome.faces, progress.outcome.single], [7, 18, 1]);
  const doubles = await listed('double');
  const adas = doubles.find(({ finding }) => String(finding.persons).includes('ada'))!;
  const eves = doubles.find(({ finding }) => String(finding.persons).includes('eve'))!;
  const { data: merged } = await editor.call('check.accept', { appid, id: adas.id });
  assert.equal((await app.app.stores.of(appid).findPerson('ada2'))?.id, undefined, 'who has more faces stays');
  const { data: forbidden } = await editor.call('check.dismiss', { appid, id: eves.id });
  const [stray] = await listed('stray');
  assert.equal((await editor.call('check.accept', { appid, id: stray!.id })).status, 200);
  assert.equal((await app.app.stores.of(appid).findFace('9'))?.personId, 'cid');
  const [poor] = await listed('lowQuality');
  assert.equal(
    (await editor.call('check.accept', { appid, id: poor!.id })).status,
    400,
    'it is to be said that it is erased',
  );
  assert.equal((await editor.call('check.dismiss', { appid, id: poor!.id })).status, 200);
  assert.deepEqual(await listed(), []);
  await checked();
  assert.deepEqual(await listed(), []);
  const editorIs = `operator editor.${appid}`;
  const told = await actions();
  for (const action of ['persons merge', 'persons forbid', 'persons move', 'check']) {
    assert.ok(told.includes(`${editorIs} ${action}`), `${action} in ${told.join('; ')}`);
  }
  await editor.call('persons.undo', { appid, id: forbidden.correction });
  await editor.call('persons.undo', { appid, id: merged.correction });
  assert.ok((await actions()).includes(`${editorIs} persons undo`));
  await checked();
  assert.deepEqual((await editor.call('check.progress', { appid })).data.open, { double: 2 });
  const { data: singles } = await editor.call('check.singles', { appid });
  assert.deepEqual(singles.persons, ['dim']);
});

test('what is not there, and who may not, is refused', async () => {
  const reader = await signIn(app, { role: 'reader', appid });
  // Whoever may not is not told what is wrong with what is asked.
  for (const name of ['check.run', 'check.accept', 'check.dismiss'] as const) {
    assert.equal((await reader.call(name, { appid, id: 'x' })).status, 403);
  }
  assert.equal((await reader.call('check.run', { appid })).status, 403);
  assert.equal((await reader.call('check.list', { appid })).status, 200);
  for (const name of ['check.accept', 'check.dismiss'] as const) {
    assert.equal((await editor.call(name, { appid, id: 'nothing' })).status, 404);
  }
  const owner = await signIn(app, { role: 'owner', appid: null });
  for (const name of ['check.run', 'check.progress', 'check.list', 'check.singles', 'retention.list'] as const) {
    assert.equal((await owner.call(name, { appid: '404' })).status, 404, name);
  }
});

test('who is due is listed as the appid sets it', async () => {
  const owner = await signIn(app, { role: 'owner', appid: null });
  const { data: none } = await editor.call('retention.list', { appid });
  assert.deepEqual(none, { isErasing: false, persons: [] });
  assert.equal((await owner.call('tenants.set', { of: appid, limits: { retention: 'burn' } })).status, 400);
  await owner.call('tenants.set', { of: appid, limits: { retentionDays: '30', retention: 'erase' } });
  const { data } = await editor.call('retention.list', { appid });
  assert.deepEqual(data, { isErasing: true, days: 30, persons: [] }, 'all are new');
  await owner.call('tenants.set', { of: appid, limits: { retentionDays: 'default', retention: 'default' } });
});
