/** What is guaranteed of when persons were seen, and of the end of those who were not, whichever the database is. */
import assert from 'node:assert/strict';
import { actingAs } from '../../src/store/audit/act.ts';
import type { Stores } from '../../src/store/open.ts';
import type { OpenHome } from './audit/lines.ts';
import { act, face, guarantees, limits, registerWithFace } from './fixtures.ts';

const appid = '1001';

/** Has everything be so many days ago. */
async function daysGoBy(home: OpenHome, days: number): Promise<void> {
  await home.ask(`update faces set enrolled_day = enrolled_day - ${days}`);
  await home.ask(`update sightings set day = day - ${days}`);
}

async function dueOf(stores: Stores, days: number): Promise<readonly string[]> {
  return (await stores.retention.due(appid, days, '', 100)).map(({ personId }) => personId);
}

/** Declares the tests of one database. */
export function retentionSuite(database: string, makeHome: () => Promise<OpenHome>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee(
    'a person is due when more days than are set have gone by since it was enrolled or recognised',
    async (stores, home) => {
      const { retention } = stores;
      await registerWithFace(stores.of(appid), 'a', 'g', '1');
      await registerWithFace(stores.of(appid), 'b', 'g', '2');
      await registerWithFace(stores.of('1002'), 'c', 'g', '3');
      await daysGoBy(home, 30);
      assert.deepEqual(await dueOf(stores, 30), [], 'on the thirtieth day nobody is');
      assert.deepEqual(await dueOf(stores, 29), ['a', 'b']);
      retention.note(appid, '2');
      assert.deepEqual(await dueOf(stores, 29), ['a', 'b'], 'it is not written yet');
      await retention.writeSightings();
      assert.deepEqual(await dueOf(stores, 29), ['a']);
      // A person is seen by any face, and newly enrolled ones count.
      await stores.of(appid).insertFace(face('4', 'a'), limits);
      assert.deepEqual(await dueOf(stores, 29), []);
      await daysGoBy(home, 5);
      const [first, second] = await retention.due(appid, 4, '', 100);
      assert.deepEqual([first?.personId, first?.faces, second?.personId, second?.faces], ['a', 2, 'b', 1]);
      assert.equal(first?.lastDay, Math.floor(Date.now() / 86_400_000) - 5);
      assert.deepEqual(
        (await retention.due(appid, 4, 'a', 1)).map(({ personId }) => personId),
        ['b'],
      );
    },
  );

  guarantee(
    'that a face was seen is written once a day, goes with the face, and is not written of one that is gone',
    async (stores, home) => {
      const { retention } = stores;
      await registerWithFace(stores.of(appid), 'a', 'g', '1');
      await registerWithFace(stores.of(appid), 'b', 'g', '2');
      for (const id of ['1', '2', 'gone', '1']) retention.note(appid, id);
      await retention.writeSightings();
      const seen = await home.ask('select face_id from sightings order by face_id');
      assert.deepEqual(
        seen.map(({ face_id }) => face_id),
        ['1', '2'],
      );
      await home.ask('delete from sightings');
      retention.note(appid, '1');
      await retention.writeSightings();
      assert.deepEqual(await home.ask('select * from sightings'), [], 'today it was written');
      retention.note(appid, '2');
      await actingAs(act, () => stores.of(appid).deleteFaces('b', ['2']));
      await retention.writeSightings();
      assert.deepEqual(await home.ask('select * from sightings'), []);
    },
  );

  guarantee('who is erased takes along when it was seen, and so does an appid that is ended', async (stores, home) => {
    await stores.tenants.add(appid, {});
    for (const [person, id] of [
      ['a', '1'],
      ['b', '2'],
    ] as const) {
      await registerWithFace(stores.of(appid), person, 'g', id);
      stores.retention.note(appid, id);
    }
    await stores.retention.writeSightings();
    await actingAs(act, () => stores.of(appid).deletePerson('a'));
    assert.deepEqual(
      (await home.ask('select face_id from sightings')).map(({ face_id }) => face_id),
      ['2'],
    );
    await stores.removeTenant(appid);
    assert.deepEqual(await home.ask('select * from sightings'), []);
  });

  guarantee('who is due is erased, with its line of the audit, unless it was seen meanwhile', async (stores, home) => {
    for (const [person, id] of [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ] as const)
      await registerWithFace(stores.of(appid), person, 'g', id);
    await daysGoBy(home, 10);
    stores.retention.note(appid, '2');
    await stores.retention.writeSightings();
    const erased = await actingAs({ kind: 'server', actor: 'us', action: 'retention erase', requestId: '' }, () =>
      stores.retention.eraseDue(appid, 9, ['a', 'b', 'nobody']),
    );
    assert.equal(erased, 1);
    const left = await Promise.all(['a', 'b', 'c'].map(async (id) => (await stores.of(appid).findPerson(id))?.id));
    assert.deepEqual(left, [undefined, 'b', 'c']);
    const line = (await stores.audit.reader.newest({ appid }, 1))[0];
    assert.deepEqual([line?.kind, line?.action, line?.ids.persons?.length], ['server', 'retention erase', 1]);
  });

  guarantee('a face that a correction gave to another person keeps when it was seen', async (stores, home) => {
    await registerWithFace(stores.of(appid), 'a', 'g', '1');
    stores.retention.note(appid, '1');
    await stores.retention.writeSightings();
    await home.ask('update faces set enrolled_day = enrolled_day - 50');
    await stores.corrections.make(appid, { kind: 'rename', from: 'a', to: 'z' }, limits);
    assert.deepEqual(await dueOf(stores, 40), []);
    await daysGoBy(home, 50);
    assert.deepEqual(await dueOf(stores, 40), ['z']);
  });
}
