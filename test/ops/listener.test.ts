import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after, before } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { parser } from '@prometheus-io/lezer-promql';
import { pino } from 'pino';
import { parse } from 'yaml';
import { openAdminServer } from '../../src/http/admin/server.ts';
import { root, startApp, type TestApp } from '../harness.ts';
import { apiOf } from '../http/map-operators.ts';

let app: TestApp;
before(async () => {
  app = await startApp();
});
after(() => app[Symbol.asyncDispose]());

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly annotations: Readonly<Record<string, string>>;
}

const alertsFile = join(root, 'ops/alerts.yml');
const readRules = async (): Promise<readonly Rule[]> => parse(await readFile(alertsFile, 'utf8')).groups[0].rules;

/** The expressions of the dashboard, with its variables in place. */
async function dashboardExpressions(): Promise<readonly string[]> {
  const { panels } = JSON.parse(await readFile(join(root, 'ops/grafana-dashboard.json'), 'utf8')) as {
    panels: readonly { targets: readonly { expr: string }[] }[];
  };
  return panels.flatMap(({ targets }) => targets.map(({ expr }) => expr.replaceAll('$__rate_interval', '5m')));
}

/** The metrics that an expression reads. @throws if it is not PromQL. */
function metricsIn(expression: string): readonly string[] {
  const names: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ type, from, to }) => {
      assert.ok(!type.isError, `no PromQL: ${expression}`);
      if (type.name === 'Identifier') names.push(expression.slice(from, to));
    },
  });
  return names;
}

test('the operator’s listener serves what was counted, and speaks no face API; the API’s port serves no metrics', async () => {
  await app.json('getinfo', { person_id: 'nobody' });
  const answer = await fetch(`${app.app.adminUrl}/metrics`);
  assert.match(answer.headers.get('content-type') ?? '', /^application\/openmetrics-text/);
  const text = await answer.text();
  assert.match(text, /^familiar_calls_total\{endpoint="getinfo",code="-1303"\} 1$/m);
  assert.match(text, /^familiar_ready 1$/m);
  assert.match(text, /# EOF\n$/);
  assert.equal((await fetch(`${app.app.adminUrl}/face/getinfo`, { method: 'POST' })).status, 404);
  assert.equal((await fetch(`${app.app.url}/metrics`)).status, 404);
});

test('the alerts and the dashboard are PromQL and read metrics that exist; each alert says what to do', async () => {
  await app.json('getinfo', { person_id: 'nobody' });
  const text = await (await fetch(`${app.app.adminUrl}/metrics`)).text();
  const there = new Set<string | undefined>([...text.matchAll(/^([a-z_0-9]+)[{ ]/gm)].map(([, name]) => name));
  // What has labels is declared, and may have no values yet; some only with PostgreSQL.
  for (const [, name, type] of text.matchAll(/^# TYPE (familiar_[a-z_]+) (gauge|counter)$/gm))
    there.add(type === 'counter' ? `${name}_total` : name);
  const rules = await readRules();
  for (const expression of [...rules.map(({ expr }) => expr), ...(await dashboardExpressions())]) {
    const names = metricsIn(expression);
    assert.ok(names.length > 0, expression);
    for (const name of names) assert.ok(there.has(name) || name === 'up', `${name} in ${expression}`);
  }
  for (const { alert, annotations } of rules) assert.ok(annotations.summary && annotations.action, alert);
});

test('a free port is taken if the default one is not free, and none other than the one that was asked for', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as AddressInfo;
  const metrics = { scrape: async () => '', contentType: 'text/plain' };
  const parts = { metrics, pages: async () => ({ api: apiOf(), files: new Map() }), log: pino({ level: 'silent' }) };
  await using moved = await openAdminServer(parts, { host: '127.0.0.1', port, mayMove: true });
  assert.notEqual(new URL(moved.url).port, String(port));
  await assert.rejects(openAdminServer(parts, { host: '127.0.0.1', port, mayMove: false }), { code: 'EADDRINUSE' });
  taken.close();
});

test('Prometheus scrapes a running server and evaluates every rule', async (context) => {
  if (spawnSync('prometheus', ['--version']).status !== 0) {
    context.skip('this machine has no prometheus (Debian: apt-get install prometheus)');
    return;
  }
  await promisify(execFile)('promtool', ['check', 'rules', alertsFile]);
  const folder = await mkdtemp(join(tmpdir(), 'familiar-prometheus-'));
  const config = {
    global: { scrape_interval: '1s', evaluation_interval: '1s' },
    rule_files: [alertsFile],
    scrape_configs: [{ job_name: 'familiar', static_configs: [{ targets: [new URL(app.app.adminUrl).host] }] }],
  };
  await writeFile(join(folder, 'prometheus.yml'), JSON.stringify(config));
  const port = await freePort();
  const prometheus = spawn(
    'prometheus',
    [
      `--config.file=${folder}/prometheus.yml`,
      `--storage.tsdb.path=${folder}/data`,
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    { stdio: 'ignore' },
  );
  try {
    const rules = await evaluatedRules(`http://127.0.0.1:${port}`, prometheus);
    assert.deepEqual(
      rules.map(({ name, health, state }) => [name, health, state]),
      (await readRules()).map(({ alert }) => [alert, 'ok', 'inactive']),
    );
    const query = new URLSearchParams({ query: 'familiar_ready{job="familiar"}' });
    const { data } = await (await fetch(`http://127.0.0.1:${port}/api/v1/query?${query}`)).json();
    assert.equal(data.result[0].value[1], '1');
  } finally {
    prometheus.kill('SIGKILL');
    await new Promise((resolve) => prometheus.once('exit', resolve));
    await rm(folder, { recursive: true });
  }
});

interface EvaluatedRule {
  readonly name: string;
  readonly health: string;
  readonly state: string;
}

/** What Prometheus says of its rules once it has evaluated each of them over a scrape. */
async function evaluatedRules(url: string, process: ChildProcess): Promise<readonly EvaluatedRule[]> {
  for (let tries = 0; tries < 120; tries++) {
    assert.equal(process.exitCode, null, 'Prometheus has ended');
    await setTimeout(500);
    try {
      const targets = (await (await fetch(`${url}/api/v1/targets`)).json()).data.activeTargets;
      const { rules } = (await (await fetch(`${url}/api/v1/rules`)).json()).data.groups[0];
      const isEvaluated = rules.every(({ health }: EvaluatedRule) => health !== 'unknown');
      if (targets[0]?.health === 'up' && isEvaluated) return rules;
    } catch {
      // It does not listen yet.
    }
  }
  throw new Error('Prometheus did not evaluate the rules within a minute');
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
