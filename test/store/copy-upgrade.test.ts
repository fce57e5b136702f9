/** A register is copied while an upgrade embeds its faces, which no change feed tells of. */
import assert from 'node:assert/strict';
import test from 'node:test';
import type { KyselyPlugin, QueryId } from 'kysely';
import { copyRegister } from '../../src/store/copy/copy.ts';
import { openSource, openTarget } from '../../src/store/copy/open.ts';
import type { Database } from '../../src/store/database.ts';
import { openMasterKey } from '../../src/store/encryption/master-key.ts';
import { masterKey } from '../master-key.ts';
import { face, registerWithFace } from './fixtures.ts';
import { sqliteHome } from './sqlite-home.ts';

/** The database, whose reader does something once after it was asked where a feed stands: one appid is compared by then. */
function interrupted(database: Database, work: () => Promise<void>): Database {
  const asked = new WeakSet<QueryId>();
  let isDone = false;
  const plugin: KyselyPlugin = {
    transformQuery: ({ node, queryId }) => {
      const text = JSON.stringify(node);
      if (text.includes('"registries"') && text.includes('"changes"') && !text.includes('"forgotten"'))
        asked.add(queryId);
      return node;
    },
    transformResult: async ({ result, queryId }) => {
      if (asked.has(queryId) && !isDone) {
        isDone = true;
        await work();
      }
      return result;
    },
  };
  const reader = database.reader.withPlugin(plugin);
  return new Proxy(database, { get: (whole, name) => (name === 'reader' ? reader : Reflect.get(whole, name, whole)) });
}

test('faces that are converted after their appid was compared are in the copy', async () => {
  await using home = await sqliteHome();
  await using other = await sqliteHome();
  await using stores = await home.open();
  const { model, embedding } = face('1', 'a');
  await stores.packs.agree('first', model);
  await registerWithFace(stores.of('1001'), 'a', 'g', '1');
  await registerWithFace(stores.of('1002'), 'b', 'g', '2');
  await home.ask(`insert into packs (name, model, state, phase) values ('second', 'next', 'preparing', 'converting')`);
  let converted = 0;
  const convert = async (): Promise<void> => {
    converted = await stores.packs.conversion.write('1001', 'next', [{ faceId: '1', personId: 'a', embedding }], false);
  };
  await using source = await openSource({ file: home.file });
  await using target = await openTarget({ file: other.file });
  const sideOf = async (database: Database, name: string) => ({
    ...{ database, name },
    masterKey: await openMasterKey(database.writer, masterKey),
  });
  await copyRegister({
    from: await sideOf(interrupted(source, convert), 'from'),
    to: await sideOf(target, 'to'),
    staysInUse: true,
    onProgress: () => {},
  });
  assert.equal(converted, 1);
  const copied = await other.ask(`select face_id, model from embeddings order by face_id, model`);
  assert.deepEqual(
    copied.map(({ face_id, model: by }) => [face_id, by]),
    [
      ['1', 'next'],
      ['1', model],
      ['2', model],
    ],
  );
});
