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
 * @param tellsTimeLeft whether it is told how long the rest will take, if each part takes as long.
 */
export function showProgress(
  { errors }: Pick<Terminal, 'errors'>,
  title: string,
  lineMs: number,
  tellsTimeLeft = false,
): ProgressView {
  const start = performance.now();
  let nextLine = start + quickMs;
  const shownFrom = nextLine;
  let bar: SingleBar | undefined;
  let stopped = false;
  return {
    update(done, total, name = '') {
      const now = performance.now();
      if (stopped || now < shownFrom) return;
      if (errors.isTTY === true) {
        bar ??= startBar(title, total, tellsTimeLeft);
        bar.setTotal(total);
        bar.update(done, { name });
      } else if (now >= nextLine) {
        nextLine = now + lineMs;
        const left = tellsTimeLeft && done > 0 ? `, ${timeLeft((now - start) * (total / done - 1))} left` : '';
        errors.write(`${title}: ${done} of ${total}${name === '' ? '' : ` (${name})`}${left}\n`);
      }
    },
    stop() {
      stopped = true;
      bar?.stop();
    },
  };
}

/** `2 h 5 min`, `5 min` or `40 s`: as exact as an estimate is. */
function timeLeft(ms: number): string {
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 100) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 100 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function startBar(title: string, total: number, tellsTimeLeft: boolean): SingleBar {
  const left = tellsTimeLeft ? ' {eta_formatted} left' : '';
  const bar = new SingleBar({ format: `${title} {bar} {value}/{total}${left} {name}` }, Presets.shades_classic);
  bar.start(total, 0, { name: '' });
  return bar;
}
