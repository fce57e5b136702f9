/** Faces are converted until none is without an embedding, whoever is enrolled meanwhile. */
import assert from 'node:assert/strict';
import test, { type TestContext } from 'node:test';
import { type ConvertParts, convertFaces } from '../../src/app/packs/convert.ts';
import { ModelsMissing } from '../../src/errors/models-missing.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { face, limits, person } from '../store/fixtures.ts';
import { sqliteHome } from '../store/sqlite-home.ts';

const [model, next] = [face('1', 'a').model, 'sha256:next'];
const embedding = Float32Array.of(1);

/** How a conversion is hindered. */
interface Stopping {
  /** Called before each batch is written. */
  readonly calm: () => Promise<void>;
  readonly signal: AbortSignal;
}

/** A register with so many faces of each appid, whose upgrade to `second` converts faces. */
async function converting(context: TestContext, counts: Readonly<Record<string, number>>) {
  const home = await sqliteHome();
  const stores = await home.open();
  context.after(async () => {
    await stores[Symbol.asyncDispose]();
    await home[Symbol.asyncDispose]();
  });
  await stores.packs.agree('first', model);
  let serial = 0;
  /** Enrols somebody as a call does: with the embeddings that are required. */
  const enrol = async (appid: string): Promise<void> => {
    const id = `${appid}-${serial++}`;
    const write = (further: readonly { model: string; embedding: Float32Array }[]): Promise<void> =>
      stores.of(appid).write(async (store) => {
        await store.insertPerson(person(id));
        await store.insertFace({ ...face(id, id), further }, limits);
      });
    await write([]).catch((error) => {
      assert.ok(error instanceof ModelsMissing);
      return write(error.models.map((missing) => ({ model: missing, embedding })));
    });
  };
  for (const [appid, count] of Object.entries(counts)) for (let i = 0; i < count; i++) await enrol(appid);
  const { upgrades, conversion } = stores.packs;
  await upgrades.begin('second', true);
  await upgrades.report('server', 'second', { state: 'able', model: next });
  await home.ask(`update packs set asked_at = asked_at - 60000`);
  await upgrades.advance('second');
  const faults: unknown[] = [];
  /** @param convert what becomes of the crops that are sent together. */
  const parts = (
    convert: ConvertParts['named']['convert'],
    { calm, signal }: Partial<Stopping> = {},
  ): ConvertParts => ({
    named: { convert, calm: calm ?? (async () => {}), modelOf: async () => ({ model: next, dimension: 1 }) },
    stores,
    workers: 2,
    server: 'server',
    name: 'second',
    isTold: false,
    signal: signal ?? new AbortController().signal,
    onFault: (fault) => faults.push(fault),
  });
  return {
    faults,
    enrol,
    run: (...of: Parameters<typeof parts>) => convertFaces(parts(...of)),
    pack: async () => (await stores.packs.list()).find(({ name }) => name === 'second')!,
    failures: () => conversion.failures(next),
    left: async () => {
      const lists = await Promise.all(
        Object.keys(counts).map((appid) => conversion.facesWithout(appid, next, '', 999)),
      );
      return lists.flat().length;
    },
  };
}

const all = async (crops: readonly Uint8Array[]): Promise<readonly Float32Array[]> => crops.map(() => embedding);

test('every face of every appid is converted once, some together, and each batch is of one appid', async (context) => {
  const { run, pack, left } = await converting(context, { 1: 70, 2: 1, 3: 0, 4: 5 });
  const sizes: number[] = [];
  await run(async (crops) => {
    sizes.push(crops.length);
    return all(crops);
  });
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    76,
  );
  assert.ok(Math.max(...sizes) > 8, `${sizes}`);
  const { upgrade } = await pack();
  assert.deepEqual([upgrade?.phase, upgrade?.done, upgrade?.total, await left()], ['complete', 76, 76, 0]);
});

test('newcomers of a conversion are stored without the embedding until few are missing, and nobody is left', async (context) => {
  const { run, pack, enrol, left } = await converting(context, { 1: 200 });
  const required: boolean[] = [];
  let looks = 0;
  await run(async (crops) => {
    // As many as a fifth of those that are converted meanwhile.
    for (let i = 0; i < crops.length; i += 5) await enrol('1');
    required.push((await pack()).isRequired);
    looks += 1;
    return all(crops);
  });
  assert.equal(required[0], false);
  assert.ok(required.filter((is) => is).length <= 6, `${required}`);
  assert.ok(looks > 200 / 16);
  assert.deepEqual([(await pack()).upgrade?.phase, await left()], ['complete', 0]);
});

test('a conversion ends although more are enrolled than it converts', async (context) => {
  const { run, pack, enrol, left } = await converting(context, { 1: 70 });
  let enrolled = 0;
  await run(async (crops) => {
    for (const _ of crops) {
      await enrol('1');
      enrolled += 1;
    }
    return all(crops);
  });
  assert.ok(enrolled > 70);
  assert.deepEqual([(await pack()).upgrade?.phase, await left()], ['complete', 0]);
});

test('a face that cannot be converted is left with its reason, and a fault is told', async (context) => {
  const { run, pack, failures, faults } = await converting(context, { 1: 3 });
  const fault = new Error('by SIGSEGV');
  await run(async () => [embedding, new Refusal('shapeFailed'), fault]);
  assert.deepEqual(await failures(), { 'no face is found in its crop': 1, 'the networks failed': 1 });
  assert.deepEqual(faults, [fault]);
  assert.equal((await pack()).upgrade?.phase, 'complete');
});

test('a conversion that is told to stop writes nothing more, and the next one goes on', async (context) => {
  const { run, left, pack } = await converting(context, { 1: 100 });
  const stop = new AbortController();
  let waits = 0;
  const calm = async (): Promise<void> => {
    waits += 1;
    if (waits === 2) stop.abort(new Error('the server is being closed'));
  };
  await assert.rejects(run(all, { calm, signal: stop.signal }), /being closed/);
  assert.ok((await left()) > 50, 'one batch was written, and none after it');
  assert.equal((await pack()).upgrade?.phase, 'converting');
  let more = 0;
  await run(async (crops) => {
    more += crops.length;
    return all(crops);
  });
  assert.ok(more < 100, `${more}`);
  assert.deepEqual([(await pack()).upgrade?.phase, await left()], ['complete', 0]);
});

test('a conversion whose networks are gone ends with the reason', async (context) => {
  const { run, pack } = await converting(context, { 1: 40 });
  await assert.rejects(
    run(() => Promise.reject(new Error('no memory'))),
    /no memory/,
  );
  assert.equal((await pack()).upgrade?.phase, 'converting');
});
