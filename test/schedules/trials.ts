/** The table of what is tried under many schedules. */
import { dispatch } from './dispatch.ts';
import { openLedgerTrial } from './ledger.ts';
import { queue } from './queue.ts';
import type { Subject, Trial } from './schedule.ts';
import { search } from './search.ts';
import { sync } from './sync.ts';
import { openWriterTrial } from './writer.ts';

/** How each is opened, by its name. */
export const trials = {
  queue: alone(queue),
  dispatch: alone(dispatch),
  ledger: openLedgerTrial,
  search: alone(search),
  sync: alone(sync),
  writer: openWriterTrial,
} as const satisfies Record<string, () => Promise<Trial>>;

/** The name of a trial. */
export type TrialName = keyof typeof trials;

/** The trial of a subject that needs nothing. */
function alone(subject: Subject): () => Promise<Trial> {
  return async () => ({ subject, [Symbol.asyncDispose]: async () => {} });
}
