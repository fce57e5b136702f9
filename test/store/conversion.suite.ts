/** What is guaranteed of the embeddings that an upgrade makes, and of those that are pruned, whichever the database is. */
import assert from 'node:assert/strict';
import type { OpenHome } from './audit/lines.ts';
import { changesSince, face, guarantees, limits, registerWithFace } from './fixtures.ts';
import {
  appid,
  begin,
  beginConverting,
  beginRequiring,
  convertAll,
  embedding,
  model,
  next,
  passTime,
  phaseOf,
  usedOf,
} from './upgrading.ts';

/** Declares the tests of one database. */
export function conversionSuite(database: string, makeHome: () => Promise<OpenHome>): void {
  const guarantee = guarantees(database, makeHome);

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
}
