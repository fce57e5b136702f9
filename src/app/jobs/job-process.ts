/** The process of a job: it is told what to do, tells how far it is, and ends with what came of it. */
import type { FromJob, ToJob } from './order.ts';
import { doWork } from './work.ts';

/** How often progress is told at most, in milliseconds. */
const toldEachMs = 200;

const stopped = new AbortController();
const tell = (message: FromJob, then = () => {}): void => void process.send!(message, then);
// A server that is gone has nobody who would read what comes of it. What is half done goes on with the same order.
process.on('disconnect', () => process.exit(1));
process.on('message', (message: ToJob) => {
  if (message.kind === 'stop') stopped.abort(new Error('it was stopped'));
  else void run(message);
});

async function run({ settings, order, act }: Extract<ToJob, { readonly kind: 'do' }>): Promise<void> {
  let toldAt = 0;
  const onProgress = (done: number, total: number): void => {
    if (performance.now() - toldAt < toldEachMs) return;
    toldAt = performance.now();
    tell({ kind: 'progress', done, total });
  };
  const ended = await doWork(settings, order, act, { onProgress, signal: stopped.signal }).then(
    (result): FromJob => ({ kind: 'done', result }),
    (error: Error): FromJob => ({ kind: 'failed', message: error.message }),
  );
  tell(ended, () => process.exit(0));
}
