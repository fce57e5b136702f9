/** What a server holds of packs that change places while it runs. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout } from 'node:timers/promises';
import type { OpenedAnalyzer } from '../../src/app/packs/opened-analyzer.ts';
import { PackSwitch } from '../../src/app/packs/pack-switch.ts';
import type { FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import type { Stores } from '../../src/store/open.ts';
import { face, limits, person } from '../store/fixtures.ts';
import { type SqliteHome, sqliteHome } from '../store/sqlite-home.ts';

const appid = '1001';
const [first, second] = ['sha256:first', 'sha256:second'];
const dimension = 16;
/** That of everybody, by both packs. */
const embedding = new Float32Array(dimension).fill(Math.sqrt(1 / dimension));
const modelOf = (name: string) => ({ model: name === 'first' ? first : second, dimension });

/** Face analysis whose pictures nobody asks for. */
function analyzer(): OpenedAnalyzer {
  const of = (name: string) => modelOf(name) as FaceAnalyzer;
  return {
    ...of('first'),
    packs: {
      modelOf: async (name) => modelOf(name),
      tryPack: async () => {},
      using: async (name) => of(name),
      convert: async () => [embedding],
      calm: async () => {},
    },
    [Symbol.asyncDispose]: async () => {},
  };
}

async function register(stores: Stores, personId: string, faceId: string): Promise<void> {
  await stores.of(appid).write(async (store) => {
    await store.insertPerson(person(personId));
    await store.joinGroups(personId, ['g'], limits);
    await store.insertFace({ ...face(faceId, personId), model: first, embedding }, limits);
  });
}

interface Switching {
  readonly stores: Stores;
  readonly home: SqliteHome;
  readonly packs: PackSwitch;
  /** How often the changes of a registry were read. */
  reads(): number;
  /** Lets minutes go by, and the server look after them. */
  pass(minutes: number): Promise<void>;
  /** Begins to read the packs, and ends after what is between. */
  readLate(between: () => Promise<void>): Promise<void>;
}

/** A register with the face 1 of `a` in both packs, and a server whose clock the test moves. */
async function switching(body: (parts: Switching) => Promise<void>): Promise<void> {
  await using home = await sqliteHome();
  await using stores = await home.open();
  await stores.packs.agree('first', first);
  await register(stores, 'a', '1');
  await stores.packs.conversion.write(appid, second, [{ faceId: '1', personId: 'a', embedding }], false);
  await home.ask(`insert into packs (name, model, state, required) values ('second', '${second}', 'kept', 1)`);
  await home.ask('update packs set required = 1');
  let now = 0;
  const lists = {
    ...stores.packs,
    list: async () => {
      const [asked, states] = [now, await stores.packs.list()];
      // What is asked for at this moment comes late.
      if (asked === 7) await late.promise;
      return states;
    },
  };
  const late = Promise.withResolvers<void>();
  let reads = 0;
  const feedOf: Stores['feedOf'] = (of) => {
    const feed = stores.feedOf(of);
    return {
      position: () => feed.position(),
      since: (...from) => {
        reads += 1;
        return feed.since(...from);
      },
      contents: (...of) => feed.contents(...of),
      prune: (position) => feed.prune(position),
    };
  };
  const options = {
    stores: { ...stores, packs: lists, feedOf },
    bytesMax: 1e9,
    onFault: assert.ifError,
    now: () => now,
  };
  await using packs = await PackSwitch.open(analyzer(), options);
  const pass = async (minutes: number): Promise<void> => {
    await packs.tidy();
    now += minutes * 60_000;
    await packs.refresh();
    await packs.tidy();
  };
  const readLate = async (between: () => Promise<void>): Promise<void> => {
    now = 7;
    const reading = packs.refresh();
    await setTimeout(20);
    now = 8;
    await between();
    late.resolve();
    await reading;
  };
  await body({ stores, home, packs, reads: () => reads, pass, readLate });
}

async function change(home: SqliteHome, used: string): Promise<void> {
  await home.ask(`update packs set state = case name when '${used}' then 'in use' else 'kept' end`);
}

async function found(packs: PackSwitch): Promise<readonly string[]> {
  const { galleryOf } = await packs.recogniser();
  const [matches] = await galleryOf(appid).nearest({ probes: [embedding], groupIds: ['g'], count: 10 });
  return matches!.map(({ faceId }) => faceId).sort();
}

async function untilInMemory(packs: PackSwitch): Promise<void> {
  const { galleryOf } = await packs.recogniser();
  for (let place = ''; place !== 'memory'; await new Promise(setImmediate)) {
    const onSearched = (found: string): void => {
      place = found;
    };
    await galleryOf(appid).nearest({ probes: [embedding], groupIds: ['g'], count: 10, onSearched });
  }
}

async function prepared(packs: PackSwitch, name: string): Promise<void> {
  while (!(await packs.prepare(name))) await new Promise(setImmediate);
}

test('what this process wrote is filed with the faces of every pack without being read', () =>
  switching(async ({ stores, packs, reads }) => {
    await untilInMemory(packs);
    await prepared(packs, 'second');
    const before = reads();
    await stores.of(appid).write(async (store) => {
      await store.insertPerson(person('b'));
      await store.joinGroups('b', ['g'], limits);
      const further = [{ model: second, embedding }];
      await store.insertFace({ ...face('2', 'b'), model: first, embedding, further }, limits);
    });
    assert.equal(reads(), before);
    assert.deepEqual(await found(packs), ['1', '2']);
  }));

test('a server that nobody calls while packs change places, and change back, finds who it found', () =>
  switching(async ({ home, packs, pass }) => {
    assert.deepEqual(await found(packs), ['1']);
    await change(home, 'second');
    await packs.refresh();
    await pass(2);
    await pass(2);
    await change(home, 'first');
    await packs.refresh();
    await prepared(packs, 'first');
    assert.deepEqual(await found(packs), ['1']);
  }));

test('who was enrolled after a pack was given up is found when it is upgraded to again', () =>
  switching(async ({ stores, home, packs, pass }) => {
    await prepared(packs, 'second');
    // It is given up; a face is stored without it, and converted when it is asked for again, without a word to the feed.
    await home.ask(`delete from packs where name = 'second'`);
    await register(stores, 'b', '2');
    await stores.packs.upgrades.begin('second', false);
    await packs.refresh();
    await packs.forget('second');
    await stores.packs.conversion.write(appid, second, [{ faceId: '2', personId: 'b', embedding }], false);
    await home.ask(`update packs set model = '${second}', phase = null, required = 1`);
    await change(home, 'second');
    await prepared(packs, 'second');
    await packs.refresh();
    assert.deepEqual(await found(packs), ['1', '2']);
    await pass(2);
    assert.deepEqual(await found(packs), ['1', '2']);
  }));

test('what was read before the packs changed places, and comes late, takes nobody back', () =>
  switching(async ({ home, packs, readLate }) => {
    await readLate(async () => {
      await change(home, 'second');
      await packs.refresh();
    });
    assert.equal(packs.model, second);
  }));

test('a server that lacks a pack of which new faces need embeddings does not start, and says how to do without', async () => {
  for (const [state, way] of [
    ['kept', /not installed.*models prune/],
    ['preparing', /not installed.*models cancel/],
  ] as const) {
    await using home = await sqliteHome();
    await using stores = await home.open();
    await stores.packs.agree('first', first);
    await home.ask(`insert into packs (name, model, state, required) values ('second', '${second}', '${state}', 1)`);
    const modelHere = async (name: string) => {
      if (name === 'second') throw new Error('The model pack second cannot be used: It is not installed.');
      return modelOf(name);
    };
    const { packs, ...rest } = analyzer();
    const opening = PackSwitch.open(
      { ...rest, packs: { ...packs!, modelOf: modelHere } },
      { stores, bytesMax: 1e9, onFault: assert.ifError },
    );
    await assert.rejects(opening, way);
  }
});
