/** What is guaranteed of operators, their sessions and links, whichever the database is. */
import assert from 'node:assert/strict';
import { guarantees, type Home } from './fixtures.ts';

const minute = 60_000;
const hour = 60 * minute;

/** Declares the tests of one database. */
export function operatorsSuite(database: string, makeHome: () => Promise<Home>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('a link makes an operator once, whoever asks first, and none after an hour', async (stores, home) => {
    await using others = await home.open();
    const { operators } = stores;
    await operators.addLink('a', 'ada', { role: 'owner', appid: null }, 0);
    assert.equal(await others.operators.findLink('a', hour - 1), 'ada');
    assert.equal(await operators.findLink('a', hour), undefined);
    assert.equal(await operators.useLink('a', 'hash', hour), undefined);
    const used = await Promise.all([operators.useLink('a', 'one', 5), others.operators.useLink('a', 'two', 5)]);
    const ada = { name: 'ada', role: 'owner', appid: null, createdAt: 5 };
    assert.deepEqual(
      used.filter((operator) => operator !== undefined),
      [ada],
    );
    assert.equal(await operators.passwordOf('ada'), used[0] === undefined ? 'two' : 'one');
    assert.deepEqual(await others.operators.list(), [ada]);
    assert.equal(await operators.passwordOf('bob'), undefined);
  });

  guarantee('a session is found until it is ended, is over, or was not used for long', async ({ operators }) => {
    await operators.addLink('a', 'ada', { role: 'reader', appid: '7' }, 0);
    await operators.useLink('a', 'hash', 0);
    await operators.addSession('s', 'ada', 0);
    const operator = { name: 'ada', role: 'reader', appid: '7', createdAt: 0 };
    assert.deepEqual(await operators.findSession('s', 2 * hour - 1), { operator, signedInAt: 0 });
    assert.equal(await operators.findSession('s', 4 * hour - 1), undefined, 'not used for two hours');
    assert.equal(await operators.findSession('t', 1), undefined);
    for (let at = 3 * hour; at < 12 * hour; at += hour) assert.ok(await operators.findSession('s', at), `${at}`);
    assert.equal(await operators.findSession('s', 12 * hour), undefined, 'over');
    await operators.addSession('u', 'ada', 13 * hour);
    await operators.endSession('u');
    assert.equal(await operators.findSession('u', 13 * hour), undefined);
  });

  guarantee('a new password, another grant, and a removal end the sessions of that operator alone', async (stores) => {
    const { operators } = stores;
    const grant = { role: 'editor', appid: null } as const;
    const ends: readonly (() => Promise<unknown>)[] = [
      () => operators.setGrant('ada', { role: 'reader', appid: null }),
      () => operators.endSessions('ada'),
      async () => {
        await operators.addLink('again', 'ada', grant, 1);
        await operators.useLink('again', 'other', 1);
      },
      () => operators.remove('ada'),
    ];
    for (const name of ['ada', 'bob']) {
      await operators.addLink(name, name, grant, 1);
      await operators.useLink(name, 'hash', 1);
    }
    await operators.addSession('of bob', 'bob', 1);
    for (const end of ends) {
      await operators.addSession('of ada', 'ada', 1);
      await end();
      assert.equal(await operators.findSession('of ada', 1), undefined, String(end));
      assert.ok(await operators.findSession('of bob', 1), String(end));
      await operators.endSession('of ada');
    }
    assert.equal(await operators.remove('ada'), false);
    assert.equal(await operators.setGrant('ada', grant), false);
  });

  guarantee('the audit tells who was let in, by which grant, and who signed in', async ({ operators, audit }) => {
    await operators.addLink('a', 'ada', { role: 'owner', appid: null }, 0);
    await operators.useLink('a', 'password-hash', 0);
    await operators.addSession('session-digest', 'ada', 0);
    await operators.remove('ada');
    const lines = await audit.reader.newest({ appid: '' }, 100);
    const told = lines
      .map(({ action, detail }) => [action, detail?.operator])
      .filter(([, operator]) => operator === 'ada');
    assert.deepEqual(told, [
      ['console link', 'ada'],
      ['operators password', 'ada'],
      ['sign in', 'ada'],
      ['operators remove', 'ada'],
    ]);
    assert.doesNotMatch(JSON.stringify(lines), /password-hash|session-digest/);
  });

  guarantee(
    'a passkey is kept once, used by a counter that rises, and ends with a new password or the operator',
    async (stores, home) => {
      await using others = await home.open();
      const { operators } = stores;
      const join = async (name: string) => {
        const digest = `link ${name} ${Math.random()}`;
        await operators.addLink(digest, name, { role: 'reader', appid: null }, 1);
        await operators.useLink(digest, 'hash', 1);
      };
      for (const name of ['ada', 'bob']) await join(name);
      const kept = {
        host: 'h',
        publicKey: Buffer.from([0, 255]),
        transports: ['usb'],
        counter: 0,
        createdAt: 1,
        usedAt: null,
      };
      const passkey = { ...kept, id: 'p', operator: 'ada', label: 'my key' };
      const added = await Promise.all([
        operators.addPasskey(passkey),
        others.operators.addPasskey({ ...passkey, operator: 'bob' }),
      ]);
      assert.deepEqual(added.toSorted(), [false, true]);
      await operators.removePasskey('bob', 'p');
      await operators.addPasskey(passkey);
      assert.deepEqual(await others.operators.findPasskey('p'), passkey);
      assert.deepEqual(await operators.passkeysOf('bob'), []);
      assert.equal(await operators.addPasskey({ ...passkey, id: 'q', operator: 'nobody' }), false);
      assert.deepEqual([await operators.usePasskey('p', 0, 5), await operators.usePasskey('p', 0, 6)], [true, true]);
      const uses = await Promise.all([operators.usePasskey('p', 1, 7), others.operators.usePasskey('p', 1, 7)]);
      assert.deepEqual(uses.toSorted(), [false, true]);
      assert.deepEqual([await operators.usePasskey('p', 1, 8), await operators.usePasskey('x', 9, 8)], [false, false]);
      assert.deepEqual(await operators.passkeysOf('ada'), [{ ...passkey, counter: 1, usedAt: 7 }]);
      assert.equal(await operators.removePasskey('bob', 'p'), false);
      await join('ada');
      assert.deepEqual(await operators.passkeysOf('ada'), [], 'a new password');
      await operators.addPasskey(passkey);
      await operators.remove('ada');
      assert.equal(await operators.findPasskey('p'), undefined);
    },
  );
}
