/** What is guaranteed of checks, whichever the database is. */
import assert from 'node:assert/strict';
import { actingAs } from '../../src/store/audit/act.ts';
import type { CheckScan } from '../../src/store/check/checks.ts';
import type { Finding } from '../../src/store/check/finding.ts';
import type { Scanned } from '../../src/store/check/scan.ts';
import type { Stores } from '../../src/store/open.ts';
import { Random } from '../random.ts';
import type { OpenHome } from './audit/lines.ts';
import { act, face, guarantees, limits, person } from './fixtures.ts';

const appid = '1001';
const dimension = 20;
const cosines = { double: 0.9, stray: 0.5, suspect: 0.5, copy: 0.99 };
const { model } = face('1', 'a');

/** A vector of length 1 that is near to an axis: two of one axis have a cosine above 0.9, of two axes one near 0. */
function near(axis: number, random: Random): Float32Array {
  const vector = Float32Array.from(
    { length: dimension },
    (_, i) => (i === axis ? 1 : 0) + (random.below(2_001) - 1_000) / 20_000,
  );
  const length = Math.hypot(...vector);
  return vector.map((value) => value / length);
}

/** Registers persons; each face is told by the axis that it is near to. Face ids are `1`, `2` and so on. */
async function register(stores: Stores, persons: Readonly<Record<string, readonly number[]>>): Promise<void> {
  const random = new Random(7);
  let faces = 0;
  for (const [id, axes] of Object.entries(persons)) {
    await stores.of(appid).write(async (store) => {
      await store.insertPerson(person(id));
      await store.joinGroups(id, ['g'], limits);
      for (const axis of axes) {
        await store.insertFace({ ...face(String(++faces), id), embedding: near(axis, random), quality: 90 }, limits);
      }
    });
  }
}

function scan(stores: Stores, options: Partial<CheckScan> = {}): Promise<Scanned> {
  const { signal } = new AbortController();
  return stores.checks.scan(appid, { model, dimension, cosines, threads: 1, onProgress: () => {}, signal, ...options });
}

function pairsOf({ matches }: Scanned): readonly string[] {
  return matches
    .map(({ sides }) =>
      sides
        .map(({ person }) => person)
        .sort()
        .join(' '),
    )
    .sort();
}

const double: Extract<Finding, { kind: 'double' }> = {
  kind: 'double',
  persons: ['a', 'b'],
  faces: ['1', '2'],
  score: 95,
  samePicture: false,
};
const stray: Extract<Finding, { kind: 'stray' }> = {
  kind: 'stray',
  person: 'b',
  face: '2',
  score: 20,
  resembles: { person: 'a', face: '1', score: 95 },
};

async function proposed(stores: Stores): Promise<readonly string[]> {
  return (await stores.checks.list(appid, { count: 100 })).proposals.map(({ finding }) => finding.kind);
}

async function idOf(stores: Stores, kind: Finding['kind']): Promise<string> {
  const { proposals } = await stores.checks.list(appid, { kind, count: 1 });
  return proposals[0]!.id;
}

/** Declares the tests of one database. */
export function checkSuite(database: string, makeHome: () => Promise<OpenHome>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('a check compares all persons with all, in shares and by threads as in one go', async (stores) => {
    const random = new Random(11);
    const anywhere = (): Float32Array => {
      const vector = Float32Array.from({ length: dimension }, () => random.below(2_001) - 1_000);
      const length = Math.hypot(...vector);
      return vector.map((value) => value / length);
    };
    const ids = ['b-1', 'z-9', 'é', '人', 'm-5', 'm-700'];
    const twins = [anywhere(), anywhere(), anywhere()];
    const embeddings = new Map(Array.from({ length: 900 }, (_, i) => [`m-${i}`, anywhere()]));
    for (const [i, id] of ids.entries()) embeddings.set(id, twins[i >> 1]!);
    await stores.of(appid).write(async (store) => {
      for (const [i, [id, embedding]] of [...embeddings].entries()) {
        await store.insertPerson(person(id));
        await store.insertFace({ ...face(String(i + 1), id), embedding }, limits);
      }
    });
    const one = await scan(stores);
    assert.deepEqual([one.persons, one.faces, one.single], [904, 904, 904]);
    assert.deepEqual(pairsOf(one), ['b-1 z-9', 'm-5 m-700', 'é 人'].sort());
    const progress: (readonly [number, number])[] = [];
    const onProgress = (done: number, total: number): void => void progress.push([done, total]);
    const many = await scan(stores, { threads: 2, share: 130, onProgress });
    assert.deepEqual(pairsOf(many), pairsOf(one));
    assert.deepEqual([many.persons, many.isCut], [904, false]);
    // Each of seven shares goes through its own persons and all behind them.
    assert.deepEqual(progress.at(-1), [
      904 + 774 + 644 + 514 + 384 + 254 + 124,
      904 + 774 + 644 + 514 + 384 + 254 + 124,
    ]);
  });

  guarantee('a face that is unlike the rest of its person is found, and whom it is like', async (stores) => {
    await register(stores, { a: [1, 1, 1, 2], b: [2, 2], c: [3, 4], d: [4], e: [5, 6] });
    const { strays, matches } = await scan(stores);
    const told = strays.map(({ person, face, isEven, rest }) => [person, face, isEven, Number(rest) <= 3]);
    assert.deepEqual(
      told.toSorted((x, y) => Number(x[1]) - Number(y[1])),
      [
        ['a', '4', false, true],
        // Of two faces that are unlike each other the later one.
        ['c', '8', true, false],
        ['e', '11', true, false],
      ],
    );
    const sides = matches.map(({ sides }) => sides.map((side) => `${side.person}${side.isStray ? '!' : ''}`).sort());
    assert.deepEqual(sides.sort(), [
      ['a!', 'b'],
      ['c!', 'd'],
    ]);
  });

  guarantee('a check that is stopped ends with why, and one of nobody finds nothing', async (stores) => {
    assert.deepEqual((await scan(stores)).persons, 0);
    await register(stores, { a: [1], b: [1] });
    const stopped = new AbortController();
    const onProgress = (): void => stopped.abort(new Error('enough'));
    await assert.rejects(scan(stores, { onProgress, signal: stopped.signal }), /enough/);
    const other = await scan(stores, { model: 'another' });
    assert.deepEqual([other.persons, other.matches], [0, []], 'faces of other models are none');
  });

  guarantee(
    'where far too many are alike, the surest pairs are kept, and it is told that there are more',
    async (stores) => {
      await stores.of(appid).write(async (store) => {
        const random = new Random(2);
        for (let i = 0; i < 320; i++) {
          await store.insertPerson(person(`p-${i}`));
          // The last two are the same to the last bit.
          const embedding = near(1, i < 318 ? random : new Random(3));
          await store.insertFace({ ...face(String(i + 1), `p-${i}`), embedding }, limits);
        }
      });
      const scanned = await scan(stores);
      assert.deepEqual([scanned.matches.length, scanned.isCut], [20_000, true]);
      assert.deepEqual(pairsOf({ ...scanned, matches: scanned.matches.slice(0, 1) }), ['p-318 p-319']);
    },
  );

  guarantee(
    'of several checks of an appid one runs; one that gives no sign of life is taken for lost',
    async (stores) => {
      const { checks } = stores;
      assert.equal(await checks.find(appid), undefined);
      const begun = await Promise.all(['one', 'two', 'three'].map((run) => checks.begin(appid, run)));
      assert.equal(begun.filter(Boolean).length, 1);
      assert.equal(await checks.begin('1002', 'other'), true, 'of another appid');
      const run = ['one', 'two', 'three'][begun.indexOf(true)]!;
      assert.equal(await checks.tell(appid, run, 3, 10), true);
      assert.equal(await checks.tell(appid, 'someone', 4, 10), false);
      const known = (await checks.find(appid))!;
      assert.deepEqual([known.state, known.done, known.total], ['running', 3, 10]);
      await checks.end(appid, run, undefined);
      assert.equal((await checks.find(appid))?.state, 'failed');
      assert.equal(await checks.begin(appid, 'next'), true);
    },
  );

  guarantee(
    'what was found is proposed once, in the order of how sure it is, until a check does not find it again',
    async (stores) => {
      const { checks } = stores;
      await register(stores, { a: [1], b: [1], c: [2] });
      await checks.begin(appid, 'one');
      const poor: Finding = { kind: 'lowQuality', person: 'c', face: '3', quality: 12 };
      const gone: Finding = { kind: 'lowQuality', person: 'a', face: '3', quality: 12 };
      assert.equal(await checks.propose(appid, 'one', [poor, gone, stray, double]), 3, 'face 3 is not of a');
      assert.deepEqual(await proposed(stores), ['double', 'stray', 'lowQuality']);
      const first = await checks.list(appid, { count: 2 });
      const second = await checks.list(appid, { count: 2, after: first.next });
      assert.deepEqual([first.proposals.length, second.proposals.length, second.next], [2, 1, undefined]);
      const before = await idOf(stores, 'double');
      await checks.begin(appid, 'two');
      await checks.end(appid, 'one', { persons: 3, faces: 3, single: 3, unknownQuality: 0, ms: 5, isCut: false });
      await checks.begin(appid, 'two');
      await checks.propose(appid, 'two', [{ ...double, score: 96 }]);
      await checks.end(appid, 'two', { persons: 3, faces: 3, single: 3, unknownQuality: 0, ms: 5, isCut: false });
      assert.deepEqual(await proposed(stores), ['double']);
      assert.equal(await idOf(stores, 'double'), before);
      assert.deepEqual(await checks.findProposal(appid, before), { ...double, score: 96 });
      assert.deepEqual(await checks.counts(appid), { double: 1 });
      assert.equal((await checks.find(appid))?.outcome?.persons, 3);
    },
  );

  guarantee('what was dismissed, and who was said not to be the same, is not proposed again', async (stores) => {
    const { checks, corrections } = stores;
    await register(stores, { a: [1], b: [1], c: [2] });
    await checks.propose(appid, 'one', [stray, double]);
    assert.equal(await checks.dismiss(appid, await idOf(stores, 'stray')), true);
    await corrections.make(appid, { kind: 'forbid', first: 'b', second: 'a' }, limits);
    assert.deepEqual(await proposed(stores), []);
    assert.equal(await checks.propose(appid, 'two', [stray, double]), 0);
    assert.deepEqual(await proposed(stores), []);
    // The face is the same, whatever its person is called.
    await corrections.make(appid, { kind: 'rename', from: 'b', to: 'x' }, limits);
    assert.equal(await checks.propose(appid, 'three', [{ ...stray, person: 'x' }]), 0);
  });

  guarantee(
    'a correction that carries a proposal out ends it, and so does the end of whom it tells of',
    async (stores, home) => {
      const { checks, corrections } = stores;
      await register(stores, { a: [1], b: [1, 3], c: [2] });
      await checks.propose(appid, 'one', [stray, double, { kind: 'lowQuality', person: 'c', face: '4', quality: 1 }]);
      await corrections.make(appid, { kind: 'move', faces: ['2'], to: 'a' }, limits, await idOf(stores, 'stray'));
      assert.deepEqual(await proposed(stores), ['double', 'lowQuality']);
      await corrections.make(appid, { kind: 'merge', from: 'b', to: 'a' }, limits);
      assert.deepEqual(await proposed(stores), ['lowQuality']);
      await checks.dismiss(appid, await idOf(stores, 'lowQuality'));
      assert.equal((await home.ask('select * from proposals')).length, 1);
      await actingAs(act, () => stores.of(appid).deletePerson('c'));
      assert.deepEqual(await home.ask('select * from proposals'), []);
      assert.deepEqual(await home.ask('select * from proposal_subjects'), []);
    },
  );

  guarantee('proposals say nothing in the database to who has no key, and go with the appid', async (stores, home) => {
    await stores.tenants.add(appid, {});
    await register(stores, { 'secret-a': [1], 'secret-b': [1] });
    const finding: Finding = { ...double, persons: ['secret-a', 'secret-b'] };
    assert.equal(await stores.checks.propose(appid, 'one', [finding]), 1);
    await stores.checks.begin(appid, 'one');
    for (const table of ['proposals', 'proposal_subjects']) {
      const text = JSON.stringify(await home.ask(`select * from ${table}`));
      assert.doesNotMatch(Buffer.from(text).toString('latin1'), /secret-/, table);
    }
    await stores.removeTenant(appid);
    for (const table of ['proposals', 'proposal_subjects', 'checks']) {
      assert.deepEqual(await home.ask(`select * from ${table}`), [], table);
    }
  });

  guarantee('faces of low quality and persons with one face are listed', async (stores) => {
    await register(stores, { a: [1], b: [1, 2], c: [3] });
    await stores.of(appid).insertFace({ ...face('9', 'b'), quality: 11 }, limits);
    await stores.of(appid).insertFace(face('10', 'c'), limits);
    assert.deepEqual(await stores.checks.poorFaces(appid, 40), {
      faces: [{ person: 'b', face: '9', quality: 11 }],
      unknown: 1,
    });
    assert.deepEqual(await stores.checks.singles(appid, '', 10), ['a']);
    assert.deepEqual(await stores.checks.singles(appid, 'a', 10), []);
  });
}
