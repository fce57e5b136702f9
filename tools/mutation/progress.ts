/**
 * Shows the progress of a run: on a terminal in one line that is overwritten, elsewhere in a line every half minute.
 */
import type { WriteStream } from 'node:tty';
import type { Order } from './measure.ts';

const everyMs = 30_000;

/** @param stream where to write; usually standard error, so that standard output has only the result. */
export function createProgress(stream: Pick<WriteStream, 'write' | 'isTTY'>): Pick<Order, 'say' | 'tell'> {
  const clear = stream.isTTY ? '\r\x1b[2K' : '';
  let first: { readonly at: number; readonly done: number } | undefined;
  let written = 0;
  return {
    say: (line) => void stream.write(`${clear}${line}\n`),
    tell: ({ done, total, noticed }) => {
      const now = performance.now();
      first ??= { at: now, done };
      if (done === 0 || (done < total && now - written < (stream.isTTY ? 200 : everyMs))) return;
      written = now;
      const minutes = (((now - first.at) / (done - first.done)) * (total - done)) / 60_000;
      const left = done === total || done === first.done ? '' : `, ${Math.ceil(minutes)} min left`;
      const line = `${done} of ${total} mutants tried, ${((100 * noticed) / done).toFixed(1)} % noticed${left}`;
      stream.write(stream.isTTY ? `${clear}${line}${done === total ? '\n' : ''}` : `${line}\n`);
    },
  };
}
