import assert from 'node:assert/strict';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import type { Gallery } from '../../src/domain/gallery.ts';
import { CallRecord } from '../../src/http/call.ts';
import { memoryKeys } from '../auth/memory-keys.ts';
import { openContext } from '../domain/memory-context.ts';
import { imageOf, now, pictureOf, serve } from './served.ts';

/** What each port takes at least, in milliseconds; timers may be a little early. */
const slowMs = 30;
const leastMs = slowMs - 2;
const context = openContext();
const later = async <T>(value: T): Promise<T> => wait(slowMs, value);

/** A server each of whose ports takes its time. */
function serveSlowly() {
  const keys = memoryKeys();
  const gallery: Gallery = { nearest: async (query) => (await later(context.gallery)).nearest(query) };
  const analyzer: FaceAnalyzer = {
    ...context.analyzer,
    analyze: async (bytes, options) => ({
      ...(await context.analyzer.analyze(bytes, options)),
      timings: { decode: 1.25, embed: 2.5 },
    }),
  };
  return serve({
    recogniser: () => later({ analyzer, galleryOf: () => gallery }),
    storeOf: () => context.store,
    downloads: { fetch: async () => later(new Uint8Array(pictureOf({ cosine: 1 }))) },
    usage: { count: async () => later(undefined), report: async () => [] },
    authentication: {
      keys: { ...keys, findKey: async (id) => later(await keys.findKey(id)) },
      now: () => now * 1000,
      keysTimeoutMs: 60_000,
    },
  });
}

test('the stages of a call are as long as they took, in milliseconds with two decimals, and not longer than the call', async () => {
  await using served = serveSlowly();
  const url = 'http://pictures.example/a.jpg';
  assert.equal((await served.call('newperson', { person_id: 'p', group_ids: ['g'], url })).code, 0);
  assert.equal((await served.call('identify', { group_id: 'g', url })).code, 0);
  for (const [line, waits] of [
    [served.log[0], ['auth', 'download', 'count']],
    [served.log[1], ['auth', 'download', 'search', 'count']],
  ] as const) {
    const stages = line?.stages as Readonly<Record<string, number>>;
    const total = Number(line?.ms);
    for (const stage of waits) {
      const ms = stages[stage] ?? 0;
      assert.ok(ms >= leastMs && ms <= total, `${stage} took ${ms} of ${total} ms`);
    }
    for (const ms of [total, ...Object.values(stages)]) {
      assert.equal(ms, Math.round(ms * 100) / 100, 'two decimals');
    }
    assert.ok(total >= waits.length * leastMs && total < 60_000, `${total} ms`);
    assert.deepEqual([stages.decode, stages.embed], [1.25, 2.5]);
  }
});

test('a download that fails is a stage of its call, too', async () => {
  await using served = serve({
    downloads: {
      fetch: async () => {
        await wait(slowMs);
        throw new TypeError('a bug');
      },
    },
  });
  assert.equal((await served.call('detect', { url: 'http://pictures.example/a.jpg' })).code, 213);
  const stages = served.log.find(({ endpoint }) => endpoint === 'detect')?.stages as Readonly<Record<string, number>>;
  assert.ok(stages.download! >= leastMs && stages.download! < 60_000, `${stages.download} ms`);
});

test('the stages of several pictures are added up', () => {
  const record = new CallRecord();
  for (const ms of [0.1, 0.2, 1.006]) record.addStage('decode', ms);
  record.addStage('embed', 0.004);
  record.addAnalysis({
    width: 1,
    height: 1,
    faces: [{} as never],
    others: [{} as never, {} as never],
    timings: { embed: 3 },
  });
  record.addAnalysis({ width: 1, height: 1, faces: [], others: [], timings: {} });
  assert.deepEqual(record.stages, { decode: 1.31, embed: 3 });
  assert.deepEqual([record.pictures, record.faces], [2, 3]);
});

test('what is left out is empty, and no more is told than is known', async () => {
  await using served = serve();
  const image = imageOf({ cosine: 1 });
  assert.equal((await served.call('newperson', { person_id: 'p', group_ids: ['g'], image })).code, 0);
  const { data } = await served.call('getinfo', { person_id: 'p' });
  assert.deepEqual([data.person_name, data.tag], ['', '']);
  await served.call('addface', { person_id: 'p', images: [imageOf({ cosine: 0 })] });
  const found = await served.call('identify', { group_id: 'g', image: imageOf({ cosine: 0 }) });
  assert.equal(found.data.candidates[0].tag, '');
  assert.equal(served.log.find(({ endpoint }) => endpoint === 'getinfo')?.refusal, undefined);
});

test('where calls are traced, the stages of a picture stand one after the other before its analysis ended', async () => {
  const record = new CallRecord();
  record.times = [];
  record.addStage('auth', 1);
  record.addAnalysis({ faces: [], others: [], timings: { decode: 20, detect: 5, embed: 7 } } as never);
  const [auth, decode, detect, embed, ...none] = record.times;
  assert.deepEqual(
    [auth, decode, detect, embed, none].map((one) => (one as { stage?: string } | undefined)?.stage),
    ['auth', 'decode', 'detect', 'embed', undefined],
  );
  assert.ok(Math.abs(detect!.endedAt - decode!.endedAt - 5) < 1e-6);
  assert.ok(Math.abs(embed!.endedAt - detect!.endedAt - 7) < 1e-6);
  assert.ok(embed!.endedAt >= auth!.endedAt);
  assert.deepEqual(record.stages, { auth: 1, decode: 20, detect: 5, embed: 7 });
});
