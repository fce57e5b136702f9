import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { CompareOptions, FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { openContext } from '../domain/memory-context.ts';
import { RawClient, requestText } from './raw-client.ts';
import { imageOf, serve, signed } from './served.ts';

const timeout = 20_000;
const stranger = { authorization: signed({ appid: '2', secretId: 'S2' }, 'K2') };
const image = imageOf({ cosine: 1 });

/** An analyzer that never has a worker free. */
function stuck(): { readonly analyzer: FaceAnalyzer; readonly asked: () => number } {
  let asked = 0;
  const analyze = (_picture: unknown, { signal }: { signal?: AbortSignal | undefined }): Promise<never> => {
    asked += 1;
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  return { analyzer: { ...openContext().analyzer, analyze }, asked: () => asked };
}

test('who would wait too long is refused before the body is sent, and others are served', { timeout }, async (t) => {
  const { analyzer, asked } = stuck();
  // The first picture is thought to take 300 ms.
  const admission = { workers: 1, queueWaitMaxMs: 400 };
  await using served = serve({ analyzer, admission });
  const port = await served.listen();
  const waiting = [served.call('detect', { image }), served.call('detect', { image })];
  while (asked() < 2) await setImmediate();
  using client = await RawClient.open(port, t.signal);
  client.write(requestText('detect', signed(), JSON.stringify({ appid: '1', image })).slice(0, -10));
  await client.seen('"code":15,"message":"too many requests pictures are waiting"');
  assert.match(client.text, /^HTTP\/1\.1 429 /);
  assert.match(client.text, /\r\nretry-after: [12]\r\n/i);
  assert.equal((await served.call('getgroupids')).code, -1307);
  const other = served.call('detect', { appid: '2', image }, stranger);
  while (asked() < 3) await setImmediate();
  for (const { code, message } of await Promise.all([...waiting, other])) {
    assert.deepEqual([code, message], [15, 'too many requests pictures are waiting'], 'and none waits for ever');
  }
});

test('an appid has no more calls in flight than it may, and others call on', { timeout }, async () => {
  const { analyzer, asked } = stuck();
  const admission = { workers: 1, queueWaitMaxMs: 100 };
  await using served = serve({ analyzer, admission, limits: { callsMax: 1 } });
  const first = served.call('detect', { image });
  while (asked() < 1) await setImmediate();
  const refused = await served.call('getgroupids');
  assert.deepEqual([refused.code, refused.message], [15, 'too many requests calls in flight']);
  assert.equal(refused.headers['retry-after'], '1');
  assert.equal((await served.call('getgroupids', { appid: '2' }, stranger)).code, -1307);
  await first;
  assert.equal((await served.call('getgroupids')).code, -1307);
});

test('an analyzer is told whose picture it has', async () => {
  await using served = serve();
  await served.call('detect', { image });
  await served.call('detect', { appid: '2', image }, stranger);
  assert.deepEqual(
    served.contextOf('1').analyzeOptions.map(({ party }) => party),
    ['1', '2'],
  );
});

/** An analyzer for which all faces may be copies and none is, and how it was asked to compare them. */
function comparing(compare: (options: CompareOptions) => Promise<void> = async ({ onTaken }) => onTaken?.()) {
  const asked: (CompareOptions & { readonly pairs: number })[] = [];
  const analyzer: FaceAnalyzer = {
    ...openContext().analyzer,
    async areCopies(_, others, options = {}) {
      asked.push({ ...options, pairs: others.length });
      await compare(options);
      return others.map(() => false);
    },
  };
  return { analyzer, asked };
}

test('crops are compared in turns of their appid, some at a time', async () => {
  const { analyzer, asked } = comparing();
  const limits = { ...openContext().limits, facesPerPersonMax: 50 };
  await using served = serve({ analyzer, limits });
  const one = imageOf({ cosine: 1 });
  assert.equal((await served.call('newperson', { person_id: 'p', group_ids: ['g'], image: one })).code, 0);
  for (let i = 0; i < 2; i += 1) {
    const images = Array.from({ length: 9 }, () => one);
    assert.equal((await served.call('addface', { person_id: 'p', images })).code, 0);
  }
  asked.length = 0;
  assert.equal((await served.call('verify', { person_id: 'p', image: one })).code, 0);
  assert.deepEqual(
    asked.map(({ party, pairs }) => [party, pairs]),
    [
      ['1', 16],
      ['1', 3],
    ],
  );
});

test('who waits too long for a comparison is told to come later, and nothing is stored', { timeout }, async () => {
  const { analyzer } = comparing(
    ({ signal }) => new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason))),
  );
  const admission = { workers: 1, queueWaitMaxMs: 50, callsMax: 100, picturesMax: 100 };
  await using served = serve({ analyzer, admission });
  await served.call('newperson', { person_id: 'p', group_ids: ['g'], image });
  const refused = await served.call('addface', { person_id: 'p', images: [image] });
  assert.deepEqual([refused.code, refused.message], [15, 'too many requests pictures are waiting']);
  assert.equal((await served.call('getfaceids', { person_id: 'p' })).data.face_ids.length, 1);
});
