/** Traces reach a collector, which is the test's own and reads OTLP as JSON. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openTracesIfSet } from '../../src/app/traces.ts';
import { openTraces, type TracedRequest } from '../../src/ops/traces.ts';
import { root, startApp } from '../harness.ts';

/** A span as OTLP tells it. */
interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
  readonly attributes: readonly { readonly key: string; readonly value: Readonly<Record<string, unknown>> }[];
}

/** A collector that keeps what it is sent. */
interface Collector extends AsyncDisposable {
  readonly url: string;
  readonly spans: readonly Span[];
  /** What else came: paths, and resources. */
  readonly paths: readonly string[];
  readonly bodies: readonly string[];
  /** What it answers from now on. */
  status: number;
}

async function startCollector(): Promise<Collector> {
  const [spans, paths, bodies]: [Span[], string[], string[]] = [[], [], []];
  const collector = { spans, paths, bodies, status: 200 };
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    paths.push(request.url ?? '');
    const body = Buffer.concat(chunks).toString();
    if (collector.status === 200) {
      bodies.push(body);
      for (const { scopeSpans } of JSON.parse(body).resourceSpans)
        for (const one of scopeSpans) spans.push(...one.spans);
    }
    response.writeHead(collector.status, { 'content-type': 'application/json' }).end('{}');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return Object.assign(collector, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  });
}

async function until(condition: () => boolean): Promise<void> {
  for (let i = 0; !condition(); i++) {
    assert.ok(i < 400, 'it has not come in 20 seconds');
    await wait(50);
  }
}

const attributesOf = ({ attributes }: Span) =>
  Object.fromEntries(attributes.map(({ key, value }) => [key, Object.values(value)[0]]));

const parent = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

test('a call is a trace with its stages, a part of the caller’s trace, and tells nothing of who it is about', async () => {
  await using collector = await startCollector();
  await using app = await startApp({ otlpEndpoint: collector.url });
  const headers = { traceparent: `00-${parent.traceId}-${parent.spanId}-01` };
  const answer = await app.send('/face/getinfo', {
    method: 'POST',
    headers: { ...headers, authorization: app.sign(), 'content-type': 'application/json' },
    body: JSON.stringify({ appid: app.key.appid, person_id: 'somebody-secret' }),
  });
  assert.equal(answer.code, -1303);
  const named = (name: string) => collector.spans.find((span) => span.name === name);
  await until(() => named('POST /face/getinfo') !== undefined);
  const call = named('POST /face/getinfo')!;
  assert.deepEqual([call.traceId, call.parentSpanId, call.kind], [parent.traceId, parent.spanId, 2]);
  const { 'familiar.request_id': id, ...attributes } = attributesOf(call);
  assert.equal(id, answer.headers.get('x-request-id'));
  assert.deepEqual(attributes, {
    'http.request.method': 'POST',
    'http.route': '/face/getinfo',
    'http.response.status_code': 200,
    'familiar.code': -1303,
    'familiar.refusal': 'personUnknown',
    'familiar.pictures': 0,
    'familiar.faces': 0,
  });
  const stages = collector.spans.filter(({ parentSpanId }) => parentSpanId === call.spanId);
  assert.deepEqual(
    stages.map(({ name }) => name),
    ['auth', 'count'],
  );
  for (const { traceId, startTimeUnixNano, endTimeUnixNano } of stages) {
    assert.equal(traceId, parent.traceId);
    const [begun, ended] = [BigInt(startTimeUnixNano), BigInt(endTimeUnixNano)];
    const slack = 1_000_000n;
    assert.ok(BigInt(call.startTimeUnixNano) <= begun + slack && begun <= ended);
    assert.ok(ended <= BigInt(call.endTimeUnixNano) + slack);
  }
  assert.ok(Math.abs(Number(BigInt(call.endTimeUnixNano) / 1_000_000n) - Date.now()) < 60_000);
  assert.deepEqual(new Set(collector.paths), new Set(['/v1/traces']));
  const sent = collector.bodies.join('\n');
  for (const secret of ['somebody-secret', app.key.appid, app.key.secretId]) assert.ok(!sent.includes(secret), secret);
  assert.match(sent, /"service.name","value":\{"stringValue":"familiar"\}/);
});

const request: TracedRequest = {
  id: 'r',
  endpoint: 'detect',
  code: 0,
  status: 200,
  ms: 10,
  pictures: 1,
  faces: 1,
  trace: { headers: {}, method: 'POST', times: [], endedAt: performance.now() },
};
const withHeaders = (headers: Readonly<Record<string, string>>): TracedRequest => ({
  ...request,
  trace: { ...request.trace!, headers },
});

test('a caller that does not sample is not sampled, and one that says nothing, or nonsense, begins a trace', async () => {
  await using collector = await startCollector();
  {
    await using traces = openTraces({ endpoint: `${collector.url}/`, version: '1.2.3', onFault: () => assert.fail() });
    traces.record(withHeaders({ traceparent: `00-${parent.traceId}-${parent.spanId}-00` }));
    traces.record(request);
    traces.record(withHeaders({ traceparent: '00-nonsense-1-01' }));
    traces.record({ ...request, trace: undefined });
    traces.record({ ...withHeaders({}), endpoint: null });
  }
  assert.deepEqual(
    collector.spans.map(({ name, parentSpanId }) => [name, parentSpanId ?? '']),
    [
      ['POST /face/detect', ''],
      ['POST /face/detect', ''],
      ['POST', ''],
    ],
  );
  assert.equal(new Set(collector.spans.map(({ traceId }) => traceId)).size, 3);
});

test('a collector that is away is told of once, and again when it is back; a server closes without waiting for it', async () => {
  await using collector = await startCollector();
  collector.status = 400;
  const told: boolean[] = [];
  const onFault = (error: unknown) => void told.push(error !== undefined);
  {
    await using traces = openTraces({ endpoint: collector.url, version: '1.2.3', onFault });
    for (let i = 1; i <= 2; i++) {
      traces.record(request);
      await until(() => collector.paths.length >= i);
    }
    await until(() => told.length === 1);
    collector.status = 200;
    traces.record(request);
    await until(() => told.length === 2);
  }
  assert.deepEqual(told, [true, false]);
  const away = openTraces({ endpoint: 'http://127.0.0.1:9', version: '1.2.3', onFault: () => {} });
  away.record(request);
  const begun = performance.now();
  await away[Symbol.asyncDispose]();
  assert.ok(performance.now() - begun < 10_000);
});

test('where no collector is set, nothing of the library is loaded', () => {
  const program = `
    const { createApp } = await import('./src/app/create-app.ts');
    const { openTracesIfSet } = await import('./src/app/traces.ts');
    const { registerHooks } = await import('node:module');
    const loaded = [];
    registerHooks({ load(url, context, next) { loaded.push(url); return next(url, context); } });
    await openTracesIfSet({ otlpEndpoint: '', otlpEndpointFile: '' }, console);
    const before = loaded.filter((url) => url.includes('opentelemetry')).length;
    const traces = await openTracesIfSet({ otlpEndpoint: 'http://127.0.0.1:9', otlpEndpointFile: '' }, console);
    await traces[Symbol.asyncDispose]();
    const after = loaded.filter((url) => url.includes('opentelemetry')).length;
    console.log(typeof createApp, before, after > 0);`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: root,
    encoding: 'utf8',
  });
  assert.equal(stdout, 'function 0 true\n', stderr);
});

test('the url of the collector may come from a file, which must hold one', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-traces-'));
  t.after(() => rm(folder, { recursive: true }));
  const otlpEndpointFile = join(folder, 'collector');
  await writeFile(otlpEndpointFile, 'http://me:word@127.0.0.1:9\n');
  const traces = await openTracesIfSet({ otlpEndpoint: '', otlpEndpointFile }, console);
  assert.ok(traces);
  await traces[Symbol.asyncDispose]();
  for (const wrong of ['', 'me:word@host']) {
    await writeFile(otlpEndpointFile, wrong);
    await assert.rejects(openTracesIfSet({ otlpEndpoint: '', otlpEndpointFile }, console), (error: Error) => {
      assert.match(error.message, /holds no url of a collector/);
      assert.doesNotMatch(error.message, /word/);
      return true;
    });
  }
});
