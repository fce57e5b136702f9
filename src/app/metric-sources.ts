/** What the metrics read of the application's parts. */
import { statfs } from 'node:fs/promises';
import type { Server } from '../http/server.ts';
import type { MetricSources } from '../ops/metrics.ts';
import type { Recognition } from './recognition.ts';
import type { Settings } from './settings.ts';
import { programVersion } from './version.ts';

/** Reads the parts of a running application. */
export function metricSources(
  { data }: Settings,
  parts: { readonly server: Server; readonly recognition: Recognition; readonly checkReady: () => Promise<void> },
): MetricSources {
  const { server, recognition, checkReady } = parts;
  const version = programVersion();
  return {
    load: () => server.load(),
    index: () => recognition.state()?.index,
    processes: () => recognition.state()?.processes,
    isReady: () =>
      checkReady().then(
        () => true,
        () => false,
      ),
    diskFreeBytes: async () => {
      const { bavail, bsize } = await statfs(data);
      return bavail * bsize;
    },
    build: () => ({ version, model: recognition.state()?.model ?? '' }),
  };
}
