/** Has a process that serves nobody take part in an upgrade, where no server runs. */
import type { Stores } from '../../store/open.ts';
import { openAnalyzerFor } from '../analyzer.ts';
import { type Settings, workersOf } from '../settings.ts';
import { notePack } from './agreed-analyzer.ts';
import { PackSwitch } from './pack-switch.ts';
import { followUpgrades } from './upgrade.ts';

/** Loads the networks and takes part until it is disposed of; no faces are read into memory. */
export async function takePart(settings: Settings, stores: Stores): Promise<AsyncDisposable> {
  await using opening = new AsyncDisposableStack();
  const analyzer = opening.use(await openAnalyzerFor(settings, stores, () => {}));
  if (analyzer.packs === undefined) throw new Error('there are no packs to choose from');
  const onFault = (): void => {};
  const packs = opening.use(await PackSwitch.open(analyzer, { stores, bytesMax: 0, onFault }));
  const onSwitched = async (name: string): Promise<void> => {
    if (!stores.packs.isShared) await notePack(settings, name);
  };
  opening.use(
    followUpgrades({ packs, named: analyzer.packs, stores, workers: workersOf(settings), onSwitched, onFault }),
  );
  const parts = opening.move();
  return { [Symbol.asyncDispose]: () => parts.disposeAsync() };
}
