/** The other end of a {@link ConfinedProcess}: what a confined program does. */
import { constants, getPriority, setPriority } from 'node:os';
import { Receiver } from './receiver.ts';

/** The pipe to the process that started this one, beyond input, output and errors. */
export const pipeFd = 3;

/**
 * How much lower the priority of confined processes is than the server's, in steps of `nice`: where both want a core, the server
 * gets three quarters of it. That is more than it needs; with more steps other programs of the machine would slow analysis down.
 */
export const niceness = 5;

/**
 * After so many milliseconds without a request, garbage is collected: V8 does so by itself only when memory is asked for, and a
 * process that waits would keep the pixels of its last pictures.
 */
const idleMs = 1_000;

/**
 * The signal by which a request is interrupted. A process that computes reads no message; a signal reaches it in the next turn of its
 * event loop. Windows has none of the kind, and there nothing is interrupted.
 */
export const interruptSignal = 'SIGUSR2';

/**
 * Answers requests, one after another, until the process that started this one closes the pipe or ends, however it does.
 * The signals that end a server by way of its process group are left to that process: it closes the pipe when the
 * requests in flight are answered.
 * @param answer may answer with a part, once it sees that the request was interrupted. Now and then a request is that is meant by
 *   nobody: an interruption may reach the process after the answer.
 */
export async function serveRequests<Request, Answer>(
  answer: (request: Request, bytes: Uint8Array, isInterrupted: () => boolean) => Promise<Answer>,
): Promise<void> {
  yieldToServer();
  let isInterrupted = false;
  if (process.platform !== 'win32') {
    process.on(interruptSignal, () => {
      isInterrupted = true;
    });
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
  const receiver = new Receiver(pipeFd);
  for (;;) {
    const idle = setTimeout(() => globalThis.gc?.(), idleMs);
    const message = await receiver.receive();
    clearTimeout(idle);
    if (message === undefined) return;
    const answered = await answer(message.value as Request, message.bytes, () => isInterrupted);
    // Not before: the signal may be faster than the request.
    isInterrupted = false;
    receiver.answer(answered);
    // Left to the collector, pictures would be collections of the whole heap.
    (message.bytes.buffer as ArrayBuffer).transfer(0);
  }
}

/**
 * Lets the process that started this one go first where both want a core: it has little to do for each request, and many
 * wait for it. On Linux a priority is a thread's own, and threads that are started later inherit it.
 */
function yieldToServer(): void {
  try {
    setPriority(Math.min(constants.priority.PRIORITY_LOW, getPriority() + niceness));
  } catch {
    // The system does not let it choose, and all is as good, if slower under load.
  }
}
