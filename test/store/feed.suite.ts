/** What a follower of a registry may rely on, whichever the database is. */
import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { ChangeFeed, RegistryChange } from '../../src/sync/change-feed.ts';
import { changesSince, face, guarantees, type Home, idsOf, limits, person, registerWithFace } from './fixtures.ts';
import { anyCommand, outcome } from './model.ts';

/** What follows from changes: who has which faces, and who is in which group. */
class IndexSync {
  readonly faces = new Map<string, { readonly personId: string; readonly embedding: readonly number[] }>();
  readonly members = new Set<string>();
  position = 0;

  async load(feed: ChangeFeed, model: string): Promise<void> {
    this.position = await feed.position();
    for await (const batch of feed.contents(model, 2)) this.make(batch);
  }

  async follow(feed: ChangeFeed, model: string): Promise<void> {
    const news = await changesSince(feed, this.position, model);
    assert.ok(news !== undefined);
    this.make(news.changes);
    this.position = news.position;
  }

  make(changes: readonly RegistryChange[]): void {
    for (const change of changes) this.#make(change);
  }

  /** Everything, in an order of its own. */
  get state() {
    const byId = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]) => (a < b ? -1 : 1);
    return { faces: [...this.faces].sort(byId), members: [...this.members].sort() };
  }

  #make(change: RegistryChange): void {
    if (change.kind === 'insertFace') {
      this.faces.set(change.faceId, { personId: change.personId, embedding: [...change.embedding] });
    } else if (change.kind === 'removeFace') this.faces.delete(change.faceId);
    else if (change.kind === 'joinGroup') this.members.add(JSON.stringify([change.personId, change.groupId]));
    else if (change.kind === 'leaveGroup') this.members.delete(JSON.stringify([change.personId, change.groupId]));
    else {
      for (const [id, { personId }] of this.faces) if (personId === change.personId) this.faces.delete(id);
      for (const member of this.members) if (JSON.parse(member)[0] === change.personId) this.members.delete(member);
    }
  }
}

/**
 * Declares the tests.
 * @param numRuns how many sequences of commands are tried.
 */
export function feedSuite(database: string, makeHome: () => Promise<Home>, numRuns = 60): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('who follows the feed from any point on knows what the registry holds', async (stores) => {
    let runs = 0;
    const property = fc.asyncProperty(
      fc.array(anyCommand, { maxLength: 25 }),
      fc.nat(25),
      async (commands, anywhere) => {
        const appid = `${runs++}`;
        const [store, feed] = [stores.of(appid), stores.feedOf(appid)];
        const [fromStart, joining] = [new IndexSync(), new IndexSync()];
        const begin = Math.min(anywhere, commands.length - 1);
        for (const [i, command] of commands.entries()) {
          if (i === begin) await joining.load(feed, 'm1');
          await outcome(store, command);
          if (i % 3 === 0) await fromStart.follow(feed, 'm1');
          const seen = i < begin ? [fromStart.position] : [fromStart.position, joining.position];
          if (i % 4 === 0) await feed.prune(Math.min(...seen));
        }
        await fromStart.follow(feed, 'm1');
        await joining.follow(feed, 'm1');
        const fresh = new IndexSync();
        await fresh.load(feed, 'm1');
        assert.deepEqual(fromStart.state, fresh.state);
        assert.deepEqual(joining.state, fresh.state);
        for (const groupId of idsOf(await store.groups()) ?? []) {
          for (const personId of idsOf(await store.membersOf(groupId)) ?? []) {
            assert.ok(fresh.members.delete(JSON.stringify([personId, groupId])));
            for (const { faceId, embedding } of await store.embeddingsOf(personId, 'm1')) {
              assert.deepEqual(fresh.faces.get(faceId), { personId, embedding: [...embedding] });
            }
          }
        }
        assert.equal(fresh.members.size, 0);
      },
    );
    await fc.assert(property, { numRuns });
  });

  guarantee('a load that changes come between is made right by the changes since its beginning', async (stores) => {
    const [store, feed] = [stores.of('1001'), stores.feedOf('1001')];
    for (let i = 0; i < 6; i++) await registerWithFace(store, `p${i}`, 'g', `${i}`);
    const sync = new IndexSync();
    sync.position = await feed.position();
    for await (const batch of feed.contents('sha256:0', 2)) {
      sync.make(batch);
      if (sync.faces.size === 2) {
        await store.deletePerson('p0');
        await store.deletePerson('p5');
        await registerWithFace(store, 'p0', 'h', '00');
        await store.leaveGroups('p1', ['g']);
      }
    }
    await sync.follow(feed, 'sha256:0');
    const fresh = new IndexSync();
    await fresh.load(feed, 'sha256:0');
    assert.deepEqual(sync.state, fresh.state);
    assert.deepEqual([...sync.faces.keys()].sort(), ['00', '1', '2', '3', '4']);
  });

  guarantee(
    'contents hold each embedding to the last bit, whatever its bytes are, and however many are read at once',
    async (stores) => {
      const store = stores.of('1001');
      const hostile = [0, 0xff, 0x27, 0x00ff00ff, 0xd800dfff, 0xc0c1f5ff, 0x7fc00001, 0x80000000];
      const embeddings = Array.from({ length: 7 }, (_, face) =>
        Uint32Array.from({ length: 9 - (face % 3) }, (_, i) => hostile[(face * i + face) % hostile.length]!),
      );
      await store.insertPerson(person('p'));
      for (const [i, bits] of embeddings.entries()) {
        await store.insertFace({ ...face(String(i), 'p'), embedding: new Float32Array(bits.buffer) }, limits);
      }
      await store.insertFace({ ...face('other', 'p'), model: 'sha256:1', embedding: new Float32Array(2) }, limits);
      for (const batchSize of [1, 3, 7, 8]) {
        const changes = (await Array.fromAsync(stores.feedOf('1001').contents('sha256:0', batchSize))).flat();
        const read = changes.map((change) =>
          change.kind === 'insertFace' ? [change.faceId, bitsOf(change.embedding)] : [],
        );
        assert.deepEqual(
          read,
          embeddings.map((bits, i) => [String(i), [...bits]]),
        );
      }
      assert.deepEqual([await stores.countFaces('sha256:0'), await stores.countFaces('sha256:1')], [7, 1]);
    },
  );

  guarantee('rows whose embeddings end with a hash, as they used to, are read without it', async (stores) => {
    const [store, feed] = [stores.of('1001'), stores.feedOf('1001')];
    const begin = await feed.position();
    await store.insertPerson(person('p'));
    const ids = ['1', '2', '3'];
    for (const [i, id] of ids.entries()) {
      const embedding = new Float32Array(256);
      embedding[i] = Math.sqrt(1 - 0.01 ** 2);
      embedding[200] = 0.01;
      await store.insertFace({ ...face(id, 'p'), embedding }, limits);
    }
    const expected = ids.map((faceId, i) => {
      const embedding = new Float32Array(192);
      embedding[i] = 1;
      return { faceId, embedding };
    });
    const embedded = (changes: readonly RegistryChange[]) =>
      changes.flatMap((change) =>
        change.kind === 'insertFace' ? [{ faceId: change.faceId, embedding: change.embedding }] : [],
      );
    assert.deepEqual(await store.embeddingsOf('p', 'sha256:0'), expected);
    assert.deepEqual(await store.findEmbeddings(['2'], 'sha256:0'), [expected[1]]);
    assert.deepEqual(embedded((await changesSince(feed, begin, 'sha256:0'))!.changes), expected);
    for (const batchSize of [1, 10])
      assert.deepEqual(embedded((await Array.fromAsync(feed.contents('sha256:0', batchSize))).flat()), expected);
  });

  guarantee('contents give each membership and face once, in batches of the size that is asked for', async (stores) => {
    for (let i = 0; i < 5; i++) await registerWithFace(stores.of('1001'), `p${i}`, 'g', `${i}`);
    for (const [size, expected] of [
      [2, [2, 2, 1, 2, 2, 1]],
      [4, [4, 1, 4, 1]],
      [6, [5, 5]],
    ] as const) {
      const batches = await Array.fromAsync(stores.feedOf('1001').contents('sha256:0', size));
      assert.deepEqual(
        batches.map((batch) => batch.length),
        expected,
      );
      assert.deepEqual(
        batches.flat().map(({ kind, ...change }) => `${kind} ${'personId' in change && change.personId}`),
        ['joinGroup', 'insertFace'].flatMap((kind) => Array.from({ length: 5 }, (_, i) => `${kind} p${i}`)),
      );
    }
  });

  guarantee('a transaction that is undone leaves no change behind', async (stores) => {
    const [store, feed] = [stores.of('1001'), stores.feedOf('1001')];
    await registerWithFace(store, 'p', 'g', '1');
    const before = await feed.position();
    const failing = store.write(async (store) => {
      await store.deletePerson('p');
      throw new Error('changed my mind');
    });
    await assert.rejects(failing, /changed my mind/);
    assert.deepEqual(await changesSince(feed, before, 'sha256:0'), { position: before, changes: [] });
  });

  guarantee('registries have feeds of their own', async (stores) => {
    await registerWithFace(stores.of('1001'), 'p', 'g', '1');
    await registerWithFace(stores.of('1002'), 'q', 'g', '1');
    await stores.of('1002').deletePerson('q');
    assert.deepEqual(await stores.appids(), ['1001', '1002']);
    const sync = new IndexSync();
    await sync.load(stores.feedOf('1001'), 'sha256:0');
    assert.deepEqual([...sync.faces.keys()], ['1']);
    assert.equal(await stores.feedOf('1001').position(), 2);
    assert.equal(await stores.feedOf('1002').position(), 3);
  });

  guarantee('whoever changes a registry goes on once the watcher has been told', async (stores) => {
    const store = stores.of('1001');
    await store.insertPerson(person('p'));
    let told: string[] = [];
    stores.watch(async (appid) => {
      const position = await stores.feedOf(appid).position();
      await new Promise((resolve) => setTimeout(resolve, 5));
      told.push(`${appid} ${position}`);
    });
    const during = (work: Promise<unknown>) =>
      work.then(() => {
        const seen = told;
        told = [];
        return seen;
      });
    assert.deepEqual(await during(store.joinGroups('p', ['g'], limits)), ['1001 1']);
    assert.deepEqual(await during(store.insertFace(face('1', 'p'), limits)), ['1001 2']);
    assert.deepEqual(
      await during(
        store.write(async (store) => {
          await store.deleteFaces('p', ['1']);
          await store.leaveGroups('p', ['g']);
        }),
      ),
      ['1001 4'],
    );
    assert.deepEqual(await during(store.deletePerson('p')), ['1001 5']);
  });
}

function bitsOf(embedding: Float32Array): number[] {
  return [...new Uint32Array(embedding.slice().buffer)];
}
