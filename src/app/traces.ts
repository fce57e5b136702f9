/** Opens the way to the collector of traces, where one is set. */
import { readFile } from 'node:fs/promises';
import type { Logger } from 'pino';
import type { Traces } from '../ops/traces.ts';
import { otlpEndpoint } from './setting-schemas.ts';
import type { Settings } from './settings.ts';
import { programVersion } from './version.ts';

export type { Traces } from '../ops/traces.ts';

/**
 * Undefined if no collector is set: then nothing of the library is loaded.
 * @throws Error if the file with its url cannot be read, or holds none; the url is not in it.
 */
export async function openTracesIfSet(
  settings: Pick<Settings, 'otlpEndpoint' | 'otlpEndpointFile'>,
  log: Pick<Logger, 'info' | 'warn'>,
): Promise<Traces | undefined> {
  const endpoint = await endpointOf(settings);
  if (endpoint === '') return undefined;
  const { openTraces } = await import('../ops/traces.ts');
  const onFault = (err: unknown): void => {
    if (err === undefined) log.info('traces are delivered again');
    else log.warn({ err }, 'traces cannot be delivered, and are dropped when too many wait');
  };
  return openTraces({ endpoint, version: programVersion(), onFault });
}

async function endpointOf({
  otlpEndpoint: url,
  otlpEndpointFile: file,
}: Pick<Settings, 'otlpEndpoint' | 'otlpEndpointFile'>): Promise<string> {
  if (file === '') return url;
  const { success, data } = otlpEndpoint.safeParse((await readFile(file, 'utf8')).trim());
  if (success && data !== '') return data;
  throw new Error(`${file} holds no url of a collector: spell it http://127.0.0.1:4318`);
}
