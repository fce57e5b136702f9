/** Runs checks of registers in a server, one at a time and with one thread, so that calls go first. */
import type { Logger } from 'pino';
import type { FaceAnalyzer } from '../domain/face-analyzer.ts';
import { Refusal } from '../errors/refusals.ts';
import { actingAs, currentAct } from '../store/audit/act.ts';
import { type CheckedStores, runCheck } from './operator/check.ts';
import { OrderRefused } from './operator/order.ts';
import type { Recognition } from './recognition.ts';

/** Runs checks. */
export interface CheckRunner extends AsyncDisposable {
  /**
   * Begins a check of an appid; resolves when it has begun.
   * @throws OrderRefused if one runs, or there is no such appid.
   */
  begin(appid: string): Promise<void>;
}

/** Makes it; disposing ends the check that runs. */
export function createCheckRunner(
  stores: CheckedStores,
  recognition: Pick<Recognition, 'recogniser'>,
  log: Pick<Logger, 'info' | 'error'>,
): CheckRunner {
  const stopping = new AbortController();
  let running: Promise<unknown> | undefined;
  return {
    async begin(appid) {
      const { analyzer } = await recognition.recogniser();
      refuseUnlessLoaded(analyzer);
      if (running !== undefined) throw new OrderRefused('exists', 'a check runs on this server');
      const begun = Promise.withResolvers<void>();
      const options = { threads: 1, signal: stopping.signal, onBegun: () => begun.resolve() };
      // What it proposes is its own, whoever asked for it; the request is over by then.
      const act = currentAct();
      running = actingAs(act, () => runCheck(stores, analyzer, appid, options))
        .then(
          ({ persons, ms }) => log.info({ appid, persons, ms }, 'a check of a register is done'),
          (err: unknown) => {
            begun.reject(err);
            if (!stopping.signal.aborted && !(err instanceof OrderRefused))
              log.error({ err }, 'a check of a register failed');
          },
        )
        .finally(() => {
          running = undefined;
        });
      await begun.promise;
    },
    async [Symbol.asyncDispose]() {
      stopping.abort(new Error('the server shuts down'));
      await running;
    },
  };
}

function refuseUnlessLoaded(analyzer: FaceAnalyzer): void {
  try {
    analyzer.scoreOf(0);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new OrderRefused('invalid', `${error.detail}: try again in some seconds`);
  }
}
