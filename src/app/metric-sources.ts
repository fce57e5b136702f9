/** What the metrics read of the application's parts. */
import { statfs } from 'node:fs/promises';
import type { Server } from '../http/server.ts';
import type { MetricSources } from '../ops/metrics.ts';
import type { Stores } from '../store/open.ts';
import type { Recognition } from './recognition.ts';
import type { Settings } from './settings.ts';
import { programVersion } from './version.ts';

/** Reads the parts of a running application. */
export function metricSources(
  { data }: Settings,
  { server, recognition, stores }: { server: Server; recognition: Recognition; stores: Stores },
): MetricSources {
  const version = programVersion();
  return {
    load: () => server.load(),
    index: () => recognition.state()?.index,
    processes: () => recognition.state()?.processes,
    isReady: async () => {
      try {
        recognition.check();
        await stores.check();
        return true;
      } catch {
        return false;
      }
    },
    diskFreeBytes: async () => {
      const { bavail, bsize } = await statfs(data);
      return bavail * bsize;
    },
    build: () => ({ version, model: recognition.state()?.model ?? '' }),
  };
}
