import assert from 'node:assert/strict';
import { once } from 'node:events';
import test from 'node:test';
import { pino } from 'pino';
import type { FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { openContext } from '../domain/memory-context.ts';
import { RawClient, requestText } from './raw-client.ts';
import { imageOf, serve, signed } from './served.ts';

const timeout = 10_000;
const { analyzer } = openContext();
const withImage = requestText('detect', signed(), JSON.stringify({ appid: '1', image: imageOf({ cosine: 1 }) }));
const withUrl = requestText('detect', signed(), JSON.stringify({ appid: '1', url: 'http://x/a.jpg' }));

/** Something that takes until its signal aborts, and tells of that signal as soon as it has begun. */
function endless() {
  const begun = Promise.withResolvers<AbortSignal>();
  const work = (signal: AbortSignal | undefined): Promise<never> => {
    if (signal === undefined) begun.reject(new Error('there is no signal'));
    else begun.resolve(signal);
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  return { begun: begun.promise, work };
}

test('a client that leaves is not worked for: its picture is given up', { timeout }, async (t) => {
  const { begun, work } = endless();
  const patient: FaceAnalyzer = { ...analyzer, analyze: (_bytes, { signal }) => work(signal) };
  await using served = serve({ analyzer: patient });
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write(withImage);
  const signal = await begun;
  assert.equal(signal.aborted, false);
  client[Symbol.dispose]();
  if (!signal.aborted) await once(signal, 'abort', { signal: t.signal });
});

test('a client that leaves is not worked for: its download ends', { timeout }, async (t) => {
  const { begun, work } = endless();
  await using served = serve({ downloads: { fetch: (_url, options) => work(options?.signal) } });
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write(withUrl);
  const signal = await begun;
  client[Symbol.dispose]();
  if (!signal.aborted) await once(signal, 'abort', { signal: t.signal });
});

test('a call that was answered is given up by nobody, though its client leaves', { timeout }, async (t) => {
  let given: AbortSignal | undefined;
  const looking: FaceAnalyzer = {
    ...analyzer,
    analyze: (bytes, options) => {
      given = options.signal;
      return analyzer.analyze(bytes, options);
    },
  };
  {
    await using served = serve({ analyzer: looking });
    using client = await RawClient.open(await served.listen(), t.signal);
    client.write(withImage);
    await client.seen('"code":0');
  }
  assert.equal(given?.aborted, false);
});

test('a call whose client left is counted as failed, and has its line in the log', { timeout }, async (t) => {
  const { begun, work } = endless();
  const logged = Promise.withResolvers<Readonly<Record<string, unknown>>>();
  const patient: FaceAnalyzer = { ...analyzer, analyze: (_bytes, { signal }) => work(signal) };
  const write = (line: string) => {
    const read = JSON.parse(line);
    if ('endpoint' in read) logged.resolve(read);
  };
  t.signal.addEventListener('abort', () => logged.reject(t.signal.reason));
  await using served = serve({ analyzer: patient, log: pino({ base: null }, { write }) });
  using client = await RawClient.open(await served.listen(), t.signal);
  client.write(withImage);
  await begun;
  client[Symbol.dispose]();
  const { endpoint, appid, code } = await logged.promise;
  assert.deepEqual({ endpoint, appid, code }, { endpoint: 'detect', appid: '1', code: 3 });
  assert.deepEqual(
    served.counted.map(({ endpoint, code }) => ({ endpoint, code })),
    [{ endpoint: 'detect', code: 3 }],
  );
});
