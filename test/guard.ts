/**
 * Ends the process when nobody waits for it any more: when the process that started it is gone, and, if it runs a test
 * file, when that takes too long. `--test-timeout` fails a test that waits for ever, but ends neither a file in an
 * endless loop nor one that something keeps alive; and a test that is killed leaves the servers that it started.
 *
 * Loaded with `node --import`, by test files and by the processes that they start. A thread of its own watches, so that
 * it does not matter what the process is doing.
 */
import { isMainThread, Worker } from 'node:worker_threads';

/** The longest that a test file may take. None comes near it, not even on a machine that is busy with something else. */
const fileTimeoutMs = Number(process.env.FAMILIAR_FILE_TIMEOUT_MS ?? 240_000);

/** What the watching thread knows of its process. */
interface Watched {
  /** The process that started it. */
  readonly parent: number;
  /** Undefined if it may run as long as its parent does. */
  readonly timeoutMs: number | undefined;
}

if (isMainThread) {
  const isTestFile = process.env.NODE_TEST_CONTEXT !== undefined;
  const workerData: Watched = { parent: process.ppid, timeoutMs: isTestFile ? fileTimeoutMs : undefined };
  // As text it starts in a quarter of the time that a module takes.
  new Worker(`(${watch})()`, { eval: true, workerData, execArgv: [] }).unref();
}

/** The thread's program, which sees nothing of this module. */
function watch(): void {
  const { writeSync } = process.getBuiltinModule('node:fs');
  const { parent, timeoutMs } = process.getBuiltinModule('node:worker_threads').workerData as Watched;
  const kill = (reason: string): void => {
    // Not by the console, which goes through the main thread, and that may be what hangs.
    writeSync(2, `process ${process.pid} is killed: ${reason}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
  // An orphan gets another parent.
  setInterval(() => process.ppid === parent || kill('its parent is gone'), 500);
  if (timeoutMs !== undefined) setTimeout(() => kill(`the test file took more than ${timeoutMs / 1_000} s`), timeoutMs);
}
