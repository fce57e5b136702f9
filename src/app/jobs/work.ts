/** Does what an operator can have done that takes long, by the functions that the commands call. It is done in a process of its own. */
import type { Act } from '../../domain/stores.ts';
import { actingAs } from '../../store/audit/act.ts';
import { backUp, checkBackup } from '../backup.ts';
import { examine } from '../doctor/examine.ts';
import { importPersons, importPictures } from '../operator/import.ts';
import type { Settings } from '../settings.ts';
import type { JobOrder, JobResult, RefusedPicture } from './order.ts';

/** How many refused pictures are named. */
const namedMax = 100;

/** What work tells of, and how it is stopped. */
export interface WorkEvents {
  readonly onProgress: (done: number, total: number) => void;
  readonly signal: AbortSignal;
}

/** Does it, on behalf of the operator who asked. @throws what the commands throw. */
export function doWork(settings: Settings, order: JobOrder, act: Act, events: WorkEvents): Promise<JobResult> {
  return actingAs(act, () => work(settings, order, events));
}

async function work(settings: Settings, order: JobOrder, events: WorkEvents): Promise<JobResult> {
  const { onProgress, signal } = events;
  switch (order.kind) {
    case 'doctor':
      return { kind: 'doctor', findings: await examine(settings) };
    case 'backup': {
      const { result } = await backUp(settings, order.target, onProgress);
      return { kind: 'backup', manifest: result };
    }
    case 'verifyBackup':
      return { kind: 'verifyBackup', ...(await checkBackup(settings, order.path, onProgress)) };
    case 'importArchive': {
      const { appid, file, isDryRun } = order;
      const { persons, faces } = await importPersons(settings, file, { appid, isDryRun, onProgress, signal });
      return { kind: 'importArchive', persons, faces };
    }
    case 'importPictures': {
      const first: RefusedPicture[] = [];
      const onRefused = (picture: RefusedPicture): void => {
        if (first.length < namedMax) first.push(picture);
      };
      const { kind: _, ...rest } = order;
      const told = { ...events, onRefused, onNetworks: () => {} };
      const { seconds: __, appid: ___, ...report } = await importPictures(settings, { ...rest, ...told });
      return { kind: 'importPictures', ...report, first };
    }
  }
}
