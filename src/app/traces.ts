/** Opens the way to the collector of traces, where one is set. */
import type { Logger } from 'pino';
import type { Traces } from '../ops/traces.ts';
import type { Settings } from './settings.ts';
import { programVersion } from './version.ts';

export type { Traces } from '../ops/traces.ts';

/** Undefined if no collector is set: then nothing of the library is loaded. */
export async function openTracesIfSet(
  { otlpEndpoint: endpoint }: Pick<Settings, 'otlpEndpoint'>,
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<Traces | undefined> {
  if (endpoint === '') return undefined;
  const { openTraces } = await import('../ops/traces.ts');
  const onFault = (err: unknown): void => {
    if (err === undefined) log.info('traces are delivered again');
    else log.warn({ err }, 'traces cannot be delivered, and are dropped when too many wait');
  };
  return openTraces({ endpoint, version: programVersion(), onFault });
}
