import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { TrialName } from './trials.ts';

const script = fileURLToPath(new URL('./run.ts', import.meta.url));
const guard = new URL('../guard.ts', import.meta.url).href;

/** Schedules of a trial with a real database, each of which takes some milliseconds. */
const fewer = 200;
/** The longest that a trial may take. */
const timeoutMs = 100_000;

/**
 * Runs a trial under so many schedules, the same ones every time; in a process of its own, since the test runner's
 * hooks make promises several times slower.
 */
async function holds(name: TrialName, count: number): Promise<void> {
  const child = spawn(process.execPath, ['--import', guard, script, name, '--count', `${count}`, '--seed', '1'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env.PATH },
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  const [output, errors] = await Promise.all([text(child.stdout), text(child.stderr)]);
  assert.match(output, new RegExp(`^${name}: ${count} schedules`), errors);
}

test('the queue lets in as many as may be, parties taking turns, and loses no place, whatever the schedule', () =>
  holds('queue', 1_000));

test('a worker counts as busy until it is free, whoever still waits for it, and no place is lost, whatever the schedule', () =>
  holds('dispatch', 1_000));

test('what the ledger says is counted is kept, once, whatever the schedule', () => holds('ledger', fewer));

test('a write transaction is kept whole if it is answered, and leaves nothing if it fails, whatever the schedule', () =>
  holds('writer', fewer));

test('a search finds what is right at some moment while it is under way, and it ends, whatever the schedule', () =>
  holds('search', 500));

test('a search sees what any process wrote before it, whatever fails and is forgotten, whatever the schedule', () =>
  holds('sync', 500));
