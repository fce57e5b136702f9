import assert from 'node:assert/strict';
import test from 'node:test';
import type { DatabaseSources } from '../../src/ops/database-metrics.ts';
import { createMetrics, type MetricSources, type ObservedRequest } from '../../src/ops/metrics.ts';

const request: ObservedRequest = { endpoint: 'getinfo', code: 0, ms: 12, stages: {}, pictures: 0, faces: 0 };

function open(replaced: Partial<MetricSources> = {}) {
  return createMetrics({
    load: () => ({ calls: 0, queued: 0, expectedWaitMs: 0, picturesByAppid: new Map() }),
    index: () => undefined,
    indexMemory: () => 4_000,
    upgrade: () => ({ done: 30, total: 40, isFailed: true }),
    processes: () => undefined,
    isReady: async () => true,
    diskFreeBytes: async () => 5,
    build: () => ({ version: '1.2.3', model: 'abc' }),
    database: {
      watchWrites: () => {},
      writesWaiting: () => ({ register: 0, calls: 0 }),
      pools: () => [],
      feedLag: async () => 0,
      searches: () => undefined,
    },
    ...replaced,
  });
}

/** The lines of a metric, without its explanation. */
async function linesOf(metrics: ReturnType<typeof open>, name: string): Promise<readonly string[]> {
  return (await metrics.scrape()).split('\n').filter((line) => line.startsWith(name));
}

test('requests are counted by endpoint and code, refusals by reason, and times go into buckets', async () => {
  const metrics = open();
  metrics.observe({ ...request, stages: { auth: 2, count: 3 } });
  metrics.observe({ ...request, endpoint: 'newperson', pictures: 1, faces: 2, ms: 2_000 });
  metrics.observe({ ...request, searched: 'memory' });
  metrics.observe({ ...request, searched: 'database' });
  metrics.observe({ ...request, searched: 'database' });
  assert.deepEqual(await linesOf(metrics, 'familiar_searches_total'), [
    'familiar_searches_total{place="memory"} 1',
    'familiar_searches_total{place="database"} 2',
  ]);
  metrics.observe({ ...request, endpoint: null, code: 3, refusal: 'unknownPath' });
  assert.deepEqual(await linesOf(metrics, 'familiar_calls_total'), [
    'familiar_calls_total{endpoint="getinfo",code="0"} 4',
    'familiar_calls_total{endpoint="newperson",code="0"} 1',
    'familiar_calls_total{endpoint="none",code="3"} 1',
  ]);
  assert.deepEqual(await linesOf(metrics, 'familiar_refusals_total'), [
    'familiar_refusals_total{reason="unknownPath"} 1',
  ]);
  const buckets = await linesOf(metrics, 'familiar_call_seconds_bucket{le="2.5",endpoint="newperson"}');
  assert.equal(buckets.length, 1);
  assert.match(buckets[0]!, / 1$/);
  assert.match((await linesOf(metrics, 'familiar_call_seconds_bucket{le="1",endpoint="newperson"}'))[0]!, / 0$/);
  assert.deepEqual((await linesOf(metrics, 'familiar_call_seconds')).slice(-3), [
    'familiar_call_seconds_bucket{le="+Inf",endpoint="none"} 1',
    'familiar_call_seconds_sum{endpoint="none"} 0.012',
    'familiar_call_seconds_count{endpoint="none"} 1',
  ]);
  assert.deepEqual(await linesOf(metrics, 'familiar_stage_seconds_count'), [
    'familiar_stage_seconds_count{stage="auth"} 1',
    'familiar_stage_seconds_count{stage="count"} 1',
  ]);
  assert.deepEqual(await linesOf(metrics, 'familiar_pictures_total'), ['familiar_pictures_total 1']);
  assert.deepEqual(await linesOf(metrics, 'familiar_faces_total'), ['familiar_faces_total 2']);
});

test('what is so now is read at each scrape, and what is gone is not told again', async () => {
  let appids = new Map([['1', 3]]);
  let [lost, isReady, model] = [0, false, ''];
  const metrics = open({
    load: () => ({ calls: 4, queued: 2, expectedWaitMs: 250, picturesByAppid: appids }),
    index: () => ({ faces: 10, persons: 5, galleries: 2, sharedBytes: 99 }),
    processes: () => ({ present: 2, lost }),
    isReady: async () => isReady,
    build: () => ({ version: '1.2.3', model }),
  });
  assert.deepEqual(await linesOf(metrics, 'familiar_ready'), ['familiar_ready 0']);
  assert.deepEqual(await linesOf(metrics, 'familiar_pictures_in_flight{'), [
    'familiar_pictures_in_flight{appid="1"} 3',
    'familiar_pictures_in_flight{appid="other"} 0',
  ]);
  assert.deepEqual(await linesOf(metrics, 'familiar_expected_wait_seconds'), ['familiar_expected_wait_seconds 0.25']);
  [appids, lost, isReady, model] = [new Map(), 3, true, 'abc'];
  assert.deepEqual(await linesOf(metrics, 'familiar_pictures_in_flight{'), [
    'familiar_pictures_in_flight{appid="other"} 0',
  ]);
  assert.deepEqual(await linesOf(metrics, 'familiar_analysis_processes_lost_total'), [
    'familiar_analysis_processes_lost_total 3',
  ]);
  assert.deepEqual(await linesOf(metrics, 'familiar_ready'), ['familiar_ready 1']);
  assert.deepEqual(await linesOf(metrics, 'familiar_build_info'), [
    'familiar_build_info{version="1.2.3",model="abc"} 1',
  ]);
  assert.deepEqual(await linesOf(metrics, 'familiar_index_'), [
    'familiar_index_faces 10',
    'familiar_index_persons 5',
    'familiar_index_bytes 99',
    'familiar_index_galleries 2',
    'familiar_index_budget_bytes 4000',
  ]);
  assert.deepEqual(await linesOf(metrics, 'familiar_upgrade_'), [
    'familiar_upgrade_faces 40',
    'familiar_upgrade_faces_done 30',
    'familiar_upgrade_failed 1',
  ]);
});

test('however many appids there are, twenty have a series of their own', async () => {
  const picturesByAppid = new Map(Array.from({ length: 100 }, (_, i) => [`${i}`, i + 1]));
  const metrics = open({ load: () => ({ calls: 0, queued: 0, expectedWaitMs: 0, picturesByAppid }) });
  const lines = await linesOf(metrics, 'familiar_pictures_in_flight{');
  assert.equal(lines.length, 21);
  assert.equal(lines[0], 'familiar_pictures_in_flight{appid="99"} 100');
  // 1 + 2 + … + 80.
  assert.equal(lines.at(-1), 'familiar_pictures_in_flight{appid="other"} 3240');
});

test('writes go into buckets by what they write, and calls that one commit counts are told', async () => {
  let write: Parameters<DatabaseSources['watchWrites']>[0] = () => assert.fail();
  let count: Parameters<DatabaseSources['watchWrites']>[1] = () => assert.fail();
  const metrics = open({
    database: {
      watchWrites: (onWrite, onCounted) => {
        [write, count] = [onWrite, onCounted];
      },
      writesWaiting: () => ({ register: 2, calls: 3 }),
      pools: () => [{ name: 'read', busy: 5, idle: 1, waiting: 7 }],
      feedLag: async () => 11,
      searches: () => ({ begun: 4, waitedMs: 2_500, waiting: 6 }),
    },
  });
  write({ of: 'register', waitMs: 3, ms: 40 });
  write({ of: 'calls', waitMs: 0, ms: 1 });
  for (const calls of [1, 30]) count(calls);
  const expected = [
    'familiar_write_seconds_bucket{le="0.05",of="register"} 1',
    'familiar_write_seconds_bucket{le="0.025",of="register"} 0',
    'familiar_write_seconds_bucket{le="0.001",of="calls"} 1',
    'familiar_write_wait_seconds_bucket{le="0.005",of="register"} 1',
    'familiar_write_wait_seconds_bucket{le="0.0025",of="register"} 0',
    'familiar_calls_counted_together_bucket{le="1"} 1',
    'familiar_calls_counted_together_bucket{le="32"} 2',
    'familiar_writes_waiting{of="register"} 2',
    'familiar_writes_waiting{of="calls"} 3',
    'familiar_database_connections{pool="read",state="busy"} 5',
    'familiar_database_connections{pool="read",state="idle"} 1',
    'familiar_database_connections_waited_for{pool="read"} 7',
    'familiar_feed_lag_changes 11',
    'familiar_memory_searches_total 4',
    'familiar_memory_search_wait_seconds_total 2.5',
    'familiar_memory_searches_waiting 6',
  ];
  const lines = (await metrics.scrape()).split('\n');
  assert.deepEqual(
    expected.filter((line) => !lines.includes(line)),
    [],
  );
});
