/** What is guaranteed of packs and of upgrades from one to another, whichever the database is. */
import assert from 'node:assert/strict';
import { ModelsMissing } from '../../src/errors/models-missing.ts';
import type { Stores } from '../../src/store/open.ts';
import { UpgradeRefused } from '../../src/store/packs/upgrades.ts';
import type { OpenHome } from './audit/lines.ts';
import { changesSince, face, guarantees, limits, person, registerWithFace } from './fixtures.ts';

const appid = '1001';
/** The model of the faces of fixtures, and that of the pack that is upgraded to. */
const [model, next] = [face('1', 'a').model, 'sha256:next'];
const embedding = Float32Array.from({ length: 8 }, () => Math.sqrt(1 / 8));
const further = [{ model: next, embedding }];

/** Registers two persons by the pack `first`. */
async function begin(stores: Stores): Promise<void> {
  await stores.packs.agree('first', model);
  await registerWithFace(stores.of(appid), 'a', 'g', '1');
  await registerWithFace(stores.of(appid), 'b', 'g', '2');
}

/** As if an upgrade had been asked for long ago. */
async function passTime(home: OpenHome): Promise<void> {
  await home.ask(`update packs set asked_at = asked_at - 60000`);
}

/** Takes an upgrade so far that faces are converted. */
async function beginConverting(stores: Stores, home: OpenHome): Promise<void> {
  const { upgrades } = stores.packs;
  await upgrades.begin('second', false);
  await upgrades.report('server', 'second', { state: 'able', model: next });
  await passTime(home);
  await upgrades.advance('second');
  assert.equal(await upgrades.claim('server', 'second'), true);
}

/** Takes it so far that no face is stored any more without an embedding of the pack. */
async function beginRequiring(stores: Stores, home: OpenHome): Promise<void> {
  await beginConverting(stores, home);
  await stores.packs.upgrades.require('server', 'second');
}

async function convertAll(stores: Stores): Promise<number> {
  const faces = await stores.packs.conversion.facesWithout(appid, next, '', 10);
  return stores.packs.conversion.write(
    appid,
    next,
    faces.map(({ faceId, personId }) => ({ faceId, personId, embedding })),
    false,
  );
}

const phaseOf = async (stores: Stores) =>
  (await stores.packs.list()).find(({ name }) => name === 'second')?.upgrade?.phase;
const isRequired = async (stores: Stores) =>
  (await stores.packs.list()).find(({ name }) => name === 'second')?.isRequired;
const usedOf = async (stores: Stores) => (await stores.packs.find())?.name;

/** Declares the tests of one database. */
export function packsSuite(database: string, makeHome: () => Promise<OpenHome>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('an upgrade goes from phase to phase, and the packs change places in one step', async (stores, home) => {
    await begin(stores);
    const { upgrades } = stores.packs;
    await upgrades.begin('second', false);
    await upgrades.report('server', 'second', { state: 'able', model: next });
    await upgrades.advance('second');
    assert.equal(await phaseOf(stores), 'asked', 'no server may have read of it yet');
    await passTime(home);
    await upgrades.advance('second');
    assert.equal(await phaseOf(stores), 'converting');
    assert.equal(await upgrades.claim('server', 'second'), true);
    assert.equal(await upgrades.claim('another', 'second'), false, 'one converts at a time');
    assert.equal(await upgrades.isSettled('second'), false, 'faces may still be stored without');
    await upgrades.require('another', 'second');
    assert.equal(await isRequired(stores), false, 'who does not convert does not say so');
    assert.equal(await convertAll(stores), 2);
    assert.equal(await upgrades.progress('server', 'second', 2, 2), true);
    await upgrades.finish('server', 'second', 0);
    assert.equal(await phaseOf(stores), 'converting', 'somebody may have been enrolled since');
    await upgrades.require('server', 'second');
    assert.equal(await upgrades.isSettled('second'), true);
    await upgrades.finish('server', 'second', 0);
    await passTime(home);
    await upgrades.advance('second');
    assert.equal(await usedOf(stores), 'first', 'the server has not read the faces yet');
    await upgrades.report('server', 'second', { state: 'ready', model: next });
    await upgrades.advance('second');
    assert.equal(await usedOf(stores), 'second');
    assert.deepEqual(
      (await stores.packs.list()).map(({ name, state, upgrade }) => [name, state, upgrade]),
      [
        ['first', 'kept', undefined],
        ['second', 'in use', undefined],
      ],
    );
    assert.equal(await upgrades.revert(), 'first');
    await assert.rejects(upgrades.revert('third'), UpgradeRefused);
  });

  guarantee('no face is stored without the embeddings that the register needs', async (stores, home) => {
    await begin(stores);
    await beginRequiring(stores, home);
    const store = stores.of(appid);
    await assert.rejects(
      store.write(async (inner) => {
        await inner.insertPerson(person('c'));
        await inner.insertFace(face('3', 'c'), limits);
      }),
      (error) => error instanceof ModelsMissing && error.models.join() === next,
    );
    assert.equal(await store.findPerson('c'), undefined, 'nothing is left of it');
    await store.write(async (inner) => {
      await inner.insertPerson(person('c'));
      await inner.insertFace({ ...face('3', 'c'), further }, limits);
    });
    assert.deepEqual(
      (await stores.packs.conversion.facesWithout(appid, next, '', 10)).map(({ faceId }) => faceId),
      ['1', '2'],
    );
    assert.deepEqual(await store.findEmbeddings(['3'], next), [{ faceId: '3', embedding }]);
    // Too many faces are still too many.
    assert.equal(await store.insertFace({ ...face('4', 'c'), further }, { ...limits, facesPerPersonMax: 1 }), false);
  });

  guarantee(
    'a conversion goes on where it was, and leaves out who was erased and what failed',
    async (stores, home) => {
      await begin(stores);
      await registerWithFace(stores.of(appid), 'c', 'g', '3');
      await beginRequiring(stores, home);
      const { conversion, upgrades } = stores.packs;
      const faces = await conversion.facesWithout(appid, next, '', 10);
      assert.deepEqual(faces[0]?.crop, face('1', 'a').crop);
      await stores.of(appid).deletePerson('b');
      const bytes = async () => (await stores.tenants.list(appid))[0]?.kept.bytes;
      await stores.tenants.add(appid, {});
      const before = await bytes();
      const [one, two, three] = faces as [(typeof faces)[0], (typeof faces)[0], (typeof faces)[0]];
      const reason = 'no face is found in its crop';
      const made = [
        { ...one, embedding },
        { ...two, embedding },
        { ...three, reason },
      ];
      assert.equal(await conversion.write(appid, next, made, true), 1);
      assert.equal(await conversion.write(appid, next, made, true), 0, 'each once');
      assert.ok((await bytes())! > before!, 'what it takes is counted');
      assert.deepEqual(await conversion.failures(next), { [reason]: 1 });
      assert.deepEqual(await conversion.facesWithout(appid, next, '', 10), []);
      assert.deepEqual(await conversion.count(next), { done: 1, total: 2 });
      const { changes } = (await changesSince(stores.feedOf(appid), 0, next))!;
      const told = changes.flatMap((change) => (change.kind === 'insertFace' ? change.faceId : []));
      assert.deepEqual(new Set(told), new Set(['1']), 'who has read them before hears of it');
      await upgrades.finish('server', 'second', 1);
      assert.equal(await phaseOf(stores), 'failed');
      await upgrades.resume();
      await passTime(home);
      await upgrades.advance('second');
      assert.deepEqual(await conversion.failures(next), {}, 'it is tried once more');
      assert.equal((await conversion.facesWithout(appid, next, '', 10)).length, 1);
      await upgrades.cancel();
      assert.deepEqual(
        (await stores.packs.list()).map(({ name }) => name),
        ['first'],
      );
      assert.equal(await conversion.prune(), 1);
      assert.equal(await bytes(), before, 'and given back');
    },
  );

  guarantee(
    'newcomers need no embedding of a pack until few are missing, nor while an upgrade rests',
    async (stores, home) => {
      await begin(stores);
      await beginConverting(stores, home);
      const { upgrades, conversion } = stores.packs;
      await registerWithFace(stores.of(appid), 'c', 'g', '3');
      const without = async () => (await conversion.facesWithout(appid, next, '', 10)).map(({ faceId }) => faceId);
      assert.deepEqual(await without(), ['1', '2', '3'], 'who is enrolled meanwhile is converted as the others are');
      await upgrades.require('server', 'second');
      const late = (): Promise<void> => registerWithFace(stores.of(appid), 'd', 'g', '4');
      await assert.rejects(late(), ModelsMissing);
      await upgrades.pause();
      assert.equal(await isRequired(stores), false);
      await late();
      await upgrades.resume();
      await passTime(home);
      await upgrades.advance('second');
      assert.equal(await upgrades.claim('server', 'second'), true);
      assert.equal(await upgrades.isSettled('second'), false, 'it is asked for anew');
      assert.deepEqual(await without(), ['1', '2', '3', '4']);
    },
  );

  guarantee('a face of an archive that comes late keeps the packs from changing places', async (stores, home) => {
    await begin(stores);
    await beginRequiring(stores, home);
    const { upgrades } = stores.packs;
    await convertAll(stores);
    await upgrades.finish('server', 'second', 0);
    const { model: own, embedding: made, ...late } = face('9', 'z');
    const whole = { ...late, embeddings: [{ model: own, embedding: made }] };
    await stores.archiveOf(appid).add([{ ...person('z'), groupIds: ['g'], faces: [whole] }], limits);
    assert.equal(await phaseOf(stores), 'converting');
    assert.equal((await stores.packs.list()).find(({ name }) => name === 'second')?.upgrade?.wasComplete, true);
  });

  guarantee('a server whose pack is another version, or none, ends the upgrade before it begins', async (stores) => {
    await begin(stores);
    const { upgrades } = stores.packs;
    await upgrades.begin('second', false);
    await assert.rejects(upgrades.begin('third', false), UpgradeRefused);
    await upgrades.report('one', 'second', { state: 'able', model: next });
    await upgrades.report('two', 'second', { state: 'able', model: 'sha256:other' });
    const [, second] = await stores.packs.list();
    assert.deepEqual([second?.upgrade?.phase, second?.isRequired], ['failed', false]);
    assert.match(second!.upgrade!.message, /another version/);
  });

  guarantee(
    'a face that goes to another person while it is converted is that person’s for who follows',
    async (stores, home) => {
      await begin(stores);
      await beginConverting(stores, home);
      const { conversion } = stores.packs;
      const faces = await conversion.facesWithout(appid, next, '', 10);
      await stores.corrections.make(appid, { kind: 'merge', from: 'a', to: 'b' }, limits);
      const position = await stores.feedOf(appid).position();
      const made = faces.map(({ faceId, personId }) => ({ faceId, personId, embedding }));
      assert.equal(await conversion.write(appid, next, made, true), 2);
      const { changes } = (await changesSince(stores.feedOf(appid), position, next))!;
      assert.deepEqual(
        changes.map((change) => change.kind === 'insertFace' && [change.faceId, change.personId]),
        [
          ['1', 'b'],
          ['2', 'b'],
        ],
      );
    },
  );

  guarantee('an upgrade that was given up leaves no failures: the next one tries all faces', async (stores, home) => {
    await begin(stores);
    await beginConverting(stores, home);
    const { conversion, upgrades } = stores.packs;
    const [one] = await conversion.facesWithout(appid, next, '', 10);
    await conversion.write(appid, next, [{ ...one!, reason: 'the networks failed' }], false);
    assert.equal((await conversion.facesWithout(appid, next, '', 10)).length, 1);
    await upgrades.cancel();
    await beginConverting(stores, home);
    assert.deepEqual(await conversion.failures(next), {});
    assert.equal((await conversion.facesWithout(appid, next, '', 10)).length, 2);
  });

  guarantee(
    'what is made of a pack that servers have in memory is told, and of one that is new it is not',
    async (stores, home) => {
      await begin(stores);
      const { upgrades } = stores.packs;
      const isTold = async () =>
        (await stores.packs.list()).find(({ upgrade }) => upgrade !== undefined)?.upgrade?.wasComplete;
      await upgrades.begin('first', false);
      assert.equal(await isTold(), true, 'the pack in use');
      await upgrades.cancel();
      await beginRequiring(stores, home);
      assert.equal(await isTold(), false, 'one that nobody has');
      await convertAll(stores);
      await upgrades.finish('server', 'second', 0);
      await upgrades.pause();
      await upgrades.resume();
      assert.equal(await isTold(), true, 'one that servers have begun to read');
      await upgrades.report('server', 'second', { state: 'able', model: next });
      for (const _ of ['converting', 'complete', 'in use']) {
        await passTime(home);
        await upgrades.advance('second');
        await upgrades.claim('server', 'second');
        await upgrades.require('server', 'second');
        await upgrades.finish('server', 'second', 0);
        await upgrades.report('server', 'second', { state: 'ready', model: next });
      }
      assert.equal(await usedOf(stores), 'second');
      await upgrades.revert();
      assert.equal(await isTold(), true, 'the one before');
    },
  );

  guarantee('nothing is converted of an appid that is being ended', async (stores, home) => {
    await begin(stores);
    await beginConverting(stores, home);
    const { conversion } = stores.packs;
    const faces = await conversion.facesWithout(appid, next, '', 10);
    await home.ask(`delete from data_keys where appid = '${appid}'`);
    assert.deepEqual(await conversion.facesWithout(appid, next, '', 10), []);
    const made = faces.map(({ faceId, personId }) => ({ faceId, personId, embedding }));
    assert.equal(await conversion.write(appid, next, made, false), 0);
  });

  guarantee(
    'pruning deletes all embeddings but those of packs that are kept, however many there are',
    async (stores, home) => {
      await begin(stores);
      const digit = '(select 0 as d union all select 1 union all select 2 union all select 3 union all select 4) as';
      for (const id of ['1', '2']) {
        await home.ask(`insert into embeddings (appid, face_id, model, embedding)
        select '${appid}', '${id}', 'old ' || a.d || b.d || c.d || e.d, embedding
        from embeddings, ${digit} a, ${digit} b, ${digit} c, ${digit} e where face_id = '${id}'`);
      }
      const told: number[] = [];
      assert.equal(await stores.packs.conversion.prune((count) => told.push(count)), 1250);
      assert.deepEqual(told, [500, 1000, 1250]);
      const left = await home.ask('select face_id, model from embeddings order by face_id');
      assert.deepEqual(
        left.map(({ face_id, model: by }) => [face_id, by]),
        [
          ['1', model],
          ['2', model],
        ],
      );
    },
  );

  guarantee(
    'servers that are gone say nothing, and a late word does not end an upgrade that is paused',
    async (stores, home) => {
      await begin(stores);
      await beginConverting(stores, home);
      const { upgrades } = stores.packs;
      assert.equal((await upgrades.reports('second')).length, 1);
      await home.ask('update pack_reports set seen_at = seen_at - 60000');
      assert.deepEqual(await upgrades.reports('second'), []);
      await upgrades.pause();
      await upgrades.report('late', 'second', { state: 'failed', message: 'it is gone' });
      assert.equal(await phaseOf(stores), 'paused');
    },
  );
}
