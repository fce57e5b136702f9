import assert from 'node:assert/strict';
import { mkdtemp, readdir, readFile, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { RequestContext } from '../../../src/domain/context.ts';
import { Refusal } from '../../../src/errors/refusals.ts';
import { type EnrolReport, enrol } from '../../../src/ops/enrolment/enrol.ts';
import { Journal } from '../../../src/ops/enrolment/journal.ts';
import type { PictureSupply, SuppliedPerson } from '../../../src/ops/enrolment/supply.ts';
import { failing, openContext, picture, type ShownFace } from '../../domain/memory-context.ts';
import { idsOf, limits } from '../../store/fixtures.ts';
import { MapStore } from '../../store/map-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-enrol-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** Pictures whose faces differ enough to be of different photographs. */
const cosines = [0, 0.3, 0.6, 0.9];

/** A person with one picture a list of faces. */
function person(
  id: string,
  pictures: readonly (readonly ShownFace[])[],
  groupIds: readonly string[] = ['g'],
): SuppliedPerson {
  return {
    person: { id, name: `name of ${id}`, tag: '' },
    groupIds,
    pictures: pictures.map((faces, i) => ({ label: `${id}/${i}`, key: `${i}`, tag: '', source: picture(faces) })),
  };
}

function supplyOf(persons: readonly SuppliedPerson[]): PictureSupply {
  return {
    key: 'a test',
    count: async () => persons.reduce((sum, { pictures }) => sum + pictures.length, 0),
    async *persons() {
      yield* persons;
    },
  };
}

interface Run {
  readonly context: RequestContext;
  readonly isDryRun?: boolean;
  readonly refused?: object[];
}

async function run(
  persons: readonly SuppliedPerson[],
  { context, isDryRun = false, refused = [] }: Run,
): Promise<EnrolReport> {
  await using journal = await Journal.open(folder, 'a test', !isDryRun);
  const onRefused = (one: object): void => void refused.push(one);
  return await enrol({
    context,
    supply: supplyOf(persons),
    journal,
    workers: 2,
    isDryRun,
    onProgress: () => {},
    onRefused,
  });
}

function counts({ persons, added, known, earlier, refusals }: EnrolReport): unknown {
  return { persons, added, known, earlier, refusals };
}

const people = (many: number): SuppliedPerson[] =>
  Array.from({ length: many }, (_, i) =>
    person(
      `p${i}`,
      cosines.map((cosine) => [{ cosine }]),
    ),
  );

async function contentsOf(store: MapStore, many: number): Promise<readonly number[]> {
  return Promise.all(Array.from({ length: many }, async (_, i) => idsOf(await store.facesOf(`p${i}`))?.length ?? 0));
}

test('every picture is enrolled once, however often the import is given', async () => {
  const store = new MapStore();
  const context = openContext({ store });
  assert.deepEqual(counts(await run(people(9), { context })), {
    persons: 9,
    added: 36,
    known: 0,
    earlier: 0,
    refusals: {},
  });
  assert.deepEqual(await contentsOf(store, 9), Array(9).fill(4));
  assert.deepEqual(counts(await run(people(9), { context })), {
    persons: 0,
    added: 36,
    known: 0,
    earlier: 36,
    refusals: {},
  });
  await rm(folder, { recursive: true });
  // Without its journal: faces are known by their crops.
  assert.deepEqual(counts(await run(people(9), { context })), {
    persons: 0,
    added: 0,
    known: 36,
    earlier: 0,
    refusals: {},
  });
  assert.deepEqual(await contentsOf(store, 9), Array(9).fill(4));
  assert.deepEqual(await store.findPerson('p3'), { id: 'p3', name: 'name of p3', tag: '' });
});

test('an import that ends anywhere goes on where it was, and analyses no picture again that was noted', async () => {
  for (let end = 1; end < 40; end += 7) {
    const store = new MapStore();
    let analyses = 0;
    const stopped = new AbortController();
    const base = openContext({ store });
    const context = openContext({
      store,
      signal: stopped.signal,
      analyzer: {
        ...base.analyzer,
        analyze: async (bytes, options) => {
          analyses += 1;
          if (analyses === end) stopped.abort(new Error('stopped'));
          stopped.signal.throwIfAborted();
          return base.analyzer.analyze(bytes, options);
        },
      },
    });
    await assert.rejects(run(people(10), { context }), /stopped/);
    const [file] = await readdir(folder);
    const path = join(folder, file!);
    // The process dies while it writes a line.
    const text = await readFile(path, 'utf8');
    if (text.length > 0) await truncate(path, text.length - 3);
    const after = openContext({ store, newFaceId: counting() });
    const report = await run(people(10), { context: after });
    assert.equal(report.earlier, Math.max(0, text.split('\n').length - 2));
    assert.deepEqual([report.added + report.known, report.refused], [40, 0]);
    assert.deepEqual(await contentsOf(store, 10), Array(10).fill(4));
    await rm(path);
  }
});

/** Ids that no other context has given. */
function counting(): () => string {
  let last = 0;
  return () => `later-${++last}`;
}

test('what is refused is told by its reason, and the rest is enrolled', async () => {
  const store = new MapStore();
  const refused: object[] = [];
  const blurred = { cosine: 0.3, quality: { score: 10, fault: 'blurred' } } as const;
  const persons = [
    person('a', [[], [{ cosine: 0 }], [blurred]]),
    person('b', [[]]),
    person('a b', [[{ cosine: 0 }]]),
    person('', [[{ cosine: 0 }]]),
    person('c', [[{ cosine: 0 }]], ['no"group']),
    {
      ...person('d', [[{ cosine: 0 }]]),
      pictures: [{ label: 'd', key: 'd', tag: '', source: failing(new Refusal('downloadFailed', 'status 404')) }],
    },
  ];
  const context = openContext({ store, qualityMin: 50 });
  const report = await run(persons, { context, refused });
  assert.deepEqual(report.refusals, {
    noFace: 2,
    parameterInvalid: 2,
    featureFailed: 1,
    parameterMissing: 1,
    downloadFailed: 1,
  });
  assert.deepEqual([report.persons, report.added, report.refused, refused.length], [1, 1, 7, 7]);
  assert.deepEqual(
    refused.find((one) => (one as { person_id: string }).person_id === 'd'),
    { person_id: 'd', picture: 'd', reason: 'downloadFailed', detail: 'status 404' },
  );
  assert.deepEqual(idsOf((await store.groups())!), ['g']);
  assert.ok(JSON.stringify(refused).includes('"reason":"featureFailed","detail":"quality 10 blurred"'));
  // A download may succeed the next time.
  const d = person('d', [[{ cosine: 0 }]]);
  const again = await run([{ ...d, pictures: [{ ...d.pictures[0]!, key: 'd' }] }], { context });
  assert.deepEqual([again.added, again.earlier], [1, 0]);
});

test('a dry run says what would be refused, and writes nothing', async () => {
  const store = new MapStore();
  const report = await run([person('a', [[], [{ cosine: 0 }]]), ...people(2)], {
    context: openContext({ store }),
    isDryRun: true,
  });
  assert.deepEqual([report.added, report.refusals], [9, { noFace: 1 }]);
  assert.equal(await store.groups(), undefined);
  assert.deepEqual(await readdir(folder), []);
});

test('a person who has all the faces that one may have gets no more, and the rest is not analysed', async () => {
  const store = new MapStore();
  const context = openContext({ store, limits: { ...limits, facesPerPersonMax: 4 } });
  const many = person(
    'a',
    Array.from({ length: 40 }, (_, i) => [{ cosine: Math.cos((i / 20) * Math.PI + 0.1) }]),
  );
  const report = await run([many], { context });
  assert.deepEqual([report.added, report.refusals], [4, { tooManyFaces: 36 }]);
  assert.ok(context.analyzeOptions.length <= 12, String(context.analyzeOptions.length));
});

test('a person who comes from two places at once is one person, with the faces and groups of both', async () => {
  const store = new MapStore();
  const twice = [0, 1].map((i) =>
    person(
      'a',
      cosines.slice(2 * i, 2 * i + 2).map((cosine) => [{ cosine }]),
      [`g${i}`],
    ),
  );
  const keyed = twice.map((one, i) => ({
    ...one,
    pictures: one.pictures.map((shown) => ({ ...shown, key: `${i} ${shown.key}` })),
  }));
  const report = await run(keyed, { context: openContext({ store }) });
  assert.deepEqual([report.persons, report.added], [1, 4]);
  assert.deepEqual(idsOf(await store.groupsOf('a')).toSorted(), ['g0', 'g1']);
});

test('a write that fails for a while is tried again, and one that goes on failing ends the import', async () => {
  const store = new MapStore();
  let failures = 2;
  const write = store.write.bind(store);
  store.write = (work) => {
    if (failures-- > 0) return Promise.reject(new Refusal('storageFailed'));
    return write(work);
  };
  assert.equal((await run(people(1), { context: openContext({ store }) })).added, 4);
  const full = openContext({
    store: new MapStore(),
    analyzer: {
      ...openContext().analyzer,
      analyze: () => Promise.reject(new Refusal('tooManyRequests', 'faces of the appid: 4 at most')),
    },
  });
  await assert.rejects(
    run(
      people(3).map((one) => ({ ...one, person: { ...one.person, id: `${one.person.id}x` } })),
      { context: full },
    ),
    /faces of the appid/,
  );
});

test('a picture that a worker was lost over is refused alone', async () => {
  const store = new MapStore();
  const { analyzer } = openContext();
  const lost = { cosine: 0.6, width: 666 };
  const context = openContext({
    store,
    analyzer: {
      ...analyzer,
      analyze: async (bytes, options) => {
        if (new TextDecoder().decode(bytes).includes('666'))
          throw new Error('the process that analysed the picture was lost');
        return analyzer.analyze(bytes, options);
      },
    },
  });
  const report = await run([person('a', [[{ cosine: 0 }], [{ cosine: 0.3 }], [lost], [{ cosine: 0.9 }]])], { context });
  assert.deepEqual([report.added + report.known, report.refusals], [3, { internal: 1 }]);
  assert.equal(idsOf(await store.facesOf('a'))?.length, 3);
});

test('as many pictures are analysed at once as there are workers, and more wait', async () => {
  let [now, most] = [0, 0];
  const { analyzer } = openContext();
  const context = openContext({
    analyzer: {
      ...analyzer,
      analyze: async (bytes, options) => {
        most = Math.max(most, ++now);
        await wait(1);
        now -= 1;
        return analyzer.analyze(bytes, options);
      },
    },
  });
  await run(
    Array.from({ length: 12 }, (_, i) => person(`p${i}`, [[{ cosine: 0 }]])),
    { context },
  );
  assert.equal(most, 4);
});
