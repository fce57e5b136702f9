/** What the commands that run packs' networks begin with. */
import { openAnalyzerFor } from '../app/analyzer.ts';
import type { openData } from '../app/create-app.ts';
import type { NamedPacks } from '../app/packs/named-packs.ts';
import type { OpenedAnalyzer } from '../app/packs/opened-analyzer.ts';
import type { Settings } from '../app/settings.ts';
import type { Terminal } from './command.ts';
import { showProgress } from './progress.ts';

type Stores = Awaited<ReturnType<typeof openData>>;

/** Opens face analysis with the packs that the register names; says so if networks have to be imported first. */
export function openPacksFor(settings: Settings, stores: Stores, terminal: Terminal): Promise<OpenedAnalyzer> {
  const progress = showProgress(terminal, 'importing the networks', 2_000);
  return openAnalyzerFor(settings, stores, progress.update).finally(progress.stop);
}

/** The packs by their names. @throws Error if there are none to choose from. */
export function needPacks({ packs }: OpenedAnalyzer): NamedPacks {
  if (packs === undefined) throw new Error('there are no packs to choose from');
  return packs;
}

/** Aborted when the command is told to stop. */
export function stoppedBy({ stopping }: Terminal): AbortSignal {
  const stopped = new AbortController();
  void stopping.then((signal) => stopped.abort(new Error(`${signal}: stopped`)));
  return stopped.signal;
}
