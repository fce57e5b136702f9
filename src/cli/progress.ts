/** Shows the progress of long work: a bar on a terminal, lines elsewhere. */
import { Presets, SingleBar } from 'cli-progress';
import type { Terminal } from './command.ts';

/** Progress is shown only of work that takes longer than this, in milliseconds. */
const quickMs = 300;

/** The display of some work. */
export interface ProgressView {
  /** Shows that `done` of `total` are done, `name` last. Nothing is shown after {@link ProgressView.stop}. */
  readonly update: (done: number, total: number, name?: string) => void;
  readonly stop: () => void;
}

/**
 * Shows the progress of work that begins now.
 * @param title what is done, as `importing the networks`.
 * @param lineMs how long after one line the next may come, in milliseconds; only where there is no terminal.
 */
export function showProgress({ errors }: Pick<Terminal, 'errors'>, title: string, lineMs: number): ProgressView {
  let nextLine = performance.now() + quickMs;
  const shownFrom = nextLine;
  let bar: SingleBar | undefined;
  let stopped = false;
  return {
    update(done, total, name = '') {
      const now = performance.now();
      if (stopped || now < shownFrom) return;
      if (errors.isTTY === true) {
        bar ??= startBar(title, total);
        bar.setTotal(total);
        bar.update(done, { name });
      } else if (now >= nextLine) {
        nextLine = now + lineMs;
        errors.write(`${title}: ${done} of ${total}${name === '' ? '' : ` (${name})`}\n`);
      }
    },
    stop() {
      stopped = true;
      bar?.stop();
    },
  };
}

function startBar(title: string, total: number): SingleBar {
  const bar = new SingleBar({ format: `${title} {bar} {value}/{total} {name}` }, Presets.shades_classic);
  bar.start(total, 0, { name: '' });
  return bar;
}
