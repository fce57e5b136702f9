/** What the metrics read of the application's parts. */
import { statfs } from 'node:fs/promises';
import type { Server } from '../http/server.ts';
import type { MetricSources } from '../ops/metrics.ts';
import { indexMemoryOf } from './index-memory.ts';
import type { Recognition } from './recognition.ts';
import type { Settings } from './settings.ts';
import { programVersion } from './version.ts';

/** Reads the parts of a running application. */
export function metricSources(
  settings: Settings,
  parts: { readonly server: Server; readonly recognition: Recognition; readonly checkReady: () => Promise<void> },
): MetricSources {
  const { server, recognition, checkReady } = parts;
  const version = programVersion();
  const budget = indexMemoryOf(settings);
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
      const { bavail, bsize } = await statfs(settings.data);
      return bavail * bsize;
    },
    indexMemory: () => budget,
    build: () => ({ version, model: recognition.state()?.model ?? '' }),
  };
}
