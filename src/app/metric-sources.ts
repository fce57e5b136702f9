/** What the metrics read of the application's parts. */
import { statfs } from 'node:fs/promises';
import type { Server } from '../http/server.ts';
import type { MetricSources } from '../ops/metrics.ts';
import type { ServerSelf, StoresActivity } from '../store/open.ts';
import { indexMemoryOf } from './index-memory.ts';
import type { Recognition } from './recognition.ts';
import type { Settings } from './settings.ts';
import { programVersion } from './version.ts';

/** Reads the parts of a running application. */
export function metricSources(
  settings: Settings,
  parts: {
    readonly server: Server;
    readonly recognition: Recognition;
    readonly activity: StoresActivity;
    readonly checkReady: () => Promise<void>;
  },
): MetricSources {
  const { server, recognition, activity, checkReady } = parts;
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
    upgrade: () => {
      const { upgrade } = recognition.state()?.packs.find((pack) => pack.upgrade !== undefined) ?? {};
      return upgrade && { done: upgrade.done, total: upgrade.total, isFailed: upgrade.phase === 'failed' };
    },
    database: {
      watchWrites: (...listeners) => activity.watchWrites(...listeners),
      writesWaiting: () => activity.writesWaiting(),
      pools: () => activity.pools(),
      feedLag: () => feedLag(activity, recognition),
      searches: () => recognition.state()?.searches,
    },
    build: () => ({ version, model: recognition.state()?.model ?? '' }),
  };
}

/** What this server tells the others of itself. */
export function selfOf({ build, index }: MetricSources): () => ServerSelf {
  const { version } = build();
  return () => {
    const { sharedBytes = 0, faces = 0 } = index() ?? {};
    return { version, processBytes: process.memoryUsage.rss(), indexBytes: sharedBytes, indexFaces: faces };
  };
}

/** How many changes galleries in memory have not seen; 0 where the database cannot say, of which other metrics tell. */
async function feedLag(activity: StoresActivity, recognition: Recognition): Promise<number> {
  const seen = recognition.state()?.positions ?? new Map<string, number>();
  const changes = await activity.feedPositions().catch(() => new Map<string, number>());
  return [...seen].reduce((sum, [appid, position]) => sum + Math.max(0, (changes.get(appid) ?? 0) - position), 0);
}
