/** What a running server does now, for the operator's API: read of what the metrics read. */
import type { OperationHandlers } from '../../../http/admin/api.ts';
import type { MetricSources } from '../../../ops/metrics.ts';
import { type RecentCalls, slotMs } from '../../../ops/recent-calls.ts';
import type { StoresActivity } from '../../../store/open.ts';

/** The parts that are asked. */
export interface LiveParts {
  readonly sources: MetricSources;
  readonly recent: RecentCalls;
  readonly activity: Pick<StoresActivity, 'servers'>;
}

/** Reads it each time that it is called. */
export function liveState({
  sources,
  recent,
  activity,
}: LiveParts): () => ReturnType<OperationHandlers['server.live']> {
  const { database } = sources;
  return async () => {
    const [isReady, feedLag, diskFreeBytes, servers] = await Promise.all([
      sources.isReady(),
      database.feedLag(),
      sources.diskFreeBytes(),
      // A database that cannot be asked is told of by isReady.
      activity.servers().catch(() => []),
    ]);
    const { calls, queued, expectedWaitMs } = sources.load();
    const { register, calls: counts } = database.writesWaiting();
    return {
      isReady,
      slotMs,
      slots: [...recent.slots()],
      refusals: [...recent.refusals()],
      inFlight: calls,
      picturesWaiting: queued,
      expectedWaitMs,
      searchesWaiting: database.searches()?.waiting ?? 0,
      writesWaiting: register + counts,
      feedLag,
      memory: {
        processBytes: process.memoryUsage.rss(),
        indexBytes: sources.index()?.sharedBytes ?? 0,
        indexBytesMax: sources.indexMemory(),
      },
      diskFreeBytes,
      analysis: sources.processes() ?? { present: 0, lost: 0 },
      servers: servers.map(({ self, ...seen }) => ({ ...seen, ...(self !== undefined && { self }) })),
    };
  };
}
