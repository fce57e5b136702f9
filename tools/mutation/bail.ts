/** A reporter for `node:test` that prints the first failure and ends the process at once. */
import { writeSync } from 'node:fs';
import type { TestEvent } from 'node:test/reporters';

/** Reads the events of a run until one is a failure. */
export default async function* bail(events: AsyncIterable<TestEvent>): AsyncGenerator<string> {
  for await (const event of events) {
    if (event.type !== 'test:fail' || event.data.todo !== undefined) continue;
    writeSync(1, `${event.data.name}\n${event.data.details.error.cause ?? event.data.details.error.message}\n`);
    // Threads and sockets that a test left open would keep the process alive; its further output is not needed.
    process.kill(process.pid, 'SIGKILL');
  }
  yield '';
}
