/**
 * Sends messages between two threads together where they are sent together. A transaction is some twenty statements, and to wake the
 * other thread for one of them takes longer than the statement.
 */
import type { MessagePort, Worker } from 'node:worker_threads';
import type { Answer, Request, RequestPort } from './messages.ts';
import type { Thread } from './thread.ts';

/** The thread that a worker runs. What is sent goes once nothing more is to be done before the next event. */
export function batchesTo(worker: Worker): Thread {
  const send = gathered<Request>((batch) => worker.postMessage(batch));
  const on: Thread['on'] = (event, listener) => {
    const hear = listener as (value: unknown) => void;
    return worker.on(event, event === 'message' ? (answers: Answer[]) => answers.forEach(hear) : hear);
  };
  return { on, once: (event, listener) => worker.once(event, listener), postMessage: send };
}

/** Where a thread receives the requests of a {@link batchesTo}. The answers to a batch are sent together, the last request done. */
export function batchesFrom(port: MessagePort): RequestPort {
  let answers: Answer[] = [];
  const send = (): void => {
    if (answers.length > 0) port.postMessage(answers);
    answers = [];
  };
  return {
    on: (_, listener) =>
      port.on('message', (requests: Request[]) => {
        for (const request of requests) listener(request);
        send();
      }),
    postMessage: (answer) => void answers.push(answer),
    close: () => {
      // The request to close is the last.
      send();
      port.close();
    },
  };
}

function gathered<T>(send: (batch: readonly T[]) => void): (message: T) => void {
  let batch: T[] = [];
  return (message) => {
    batch.push(message);
    if (batch.length > 1) return;
    // Comes when all promises that wait for nothing are settled: what they send goes along.
    process.nextTick(() => {
      const sent = batch;
      batch = [];
      send(sent);
    });
  };
}
