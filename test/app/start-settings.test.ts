import assert from 'node:assert/strict';
import test from 'node:test';
import { readSettings } from '../../src/app/settings.ts';
import { noteStart, startSettings } from '../../src/app/start-settings.ts';
import { keepAuditSmall } from '../../src/app/upkeep.ts';

test('the settings that are not left as they come are told, and those with a secret marked', () => {
  const settings = readSettings(
    { workers: '3', appidLimits: '7:calls=2', database: 'postgres://me:word@host/db' },
    undefined,
    { FAMILIAR_MASTER_KEY: 'a key', FAMILIAR_HOST: '127.0.0.1' },
  );
  assert.deepEqual(startSettings(settings), {
    workers: { value: '3', isSecret: false },
    appidLimits: { value: '[["7",{"callsMax":2}]]', isSecret: false },
    database: { value: '"postgres://me:word@host/db"', isSecret: true },
    masterKey: { value: '"a key"', isSecret: true },
  });
});

test('a start is told of with where it was', async () => {
  const told: unknown[] = [];
  const noteSettings = async (...what: unknown[]) => void told.push(what);
  await noteStart({ noteSettings }, readSettings({ data: '/some/data' }, undefined, {}));
  assert.match(String((told[0] as unknown[])[0]), /^.+:\/some\/data$/);
});

test('old lines are pruned at the start, a failure is logged and not thrown, and nothing is pruned where all are kept', async () => {
  const day = 86_400_000;
  const asked: number[] = [];
  const said: string[] = [];
  const log = {
    info: (_: unknown, text: string) => void said.push(text),
    warn: (_: unknown, text: string) => void said.push(text),
  } as never;
  const auditOf = (prune: () => Promise<number>) => {
    const note = (before: number) => {
      asked.push(before);
      return prune();
    };
    return { audit: { prune: note } } as never;
  };
  await keepAuditSmall(
    auditOf(async () => 3),
    400,
    () => 1_000 * day,
    log,
  )[Symbol.asyncDispose]();
  await keepAuditSmall(
    auditOf(async () => 0),
    1,
    () => 1_000 * day,
    log,
  )[Symbol.asyncDispose]();
  const failing = async () => Promise.reject(new Error('no'));
  await keepAuditSmall(auditOf(failing), 2, () => 1_000 * day, log)[Symbol.asyncDispose]();
  await keepAuditSmall(
    auditOf(async () => 3),
    0,
    () => 1_000 * day,
    log,
  )[Symbol.asyncDispose]();
  assert.deepEqual(asked, [600 * day, 999 * day, 998 * day]);
  assert.deepEqual(said, [
    'old lines of the audit were pruned',
    'old lines of the audit could not be pruned; it is tried again',
  ]);
});
