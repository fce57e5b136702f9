/** What is guaranteed of packs and of upgrades from one to another, whichever the database is. */
import assert from 'node:assert/strict';
import { ModelsMissing } from '../../src/errors/models-missing.ts';
import { UpgradeRefused } from '../../src/store/packs/upgrades.ts';
import type { OpenHome } from './audit/lines.ts';
import { face, guarantees, limits, person, registerWithFace } from './fixtures.ts';
import {
  appid,
  begin,
  beginConverting,
  beginRequiring,
  convertAll,
  embedding,
  further,
  isRequired,
  next,
  passTime,
  phaseOf,
  untilSettled,
  usedOf,
} from './upgrading.ts';

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
    await untilSettled(stores);
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
    assert.equal(await phaseOf(stores), 'asked');
    await upgrades.report('two', 'second', { state: 'able', model: 'sha256:other' });
    const [, second] = await stores.packs.list();
    assert.deepEqual([second?.upgrade?.phase, second?.isRequired], ['failed', false]);
    assert.match(second!.upgrade!.message, /another version/);
  });

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
