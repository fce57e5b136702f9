/**
 * Runs the application as `familiar serve` does, with a stand-in for the networks, and a clock that may be wrong:
 * `serve.ts --data FOLDER --database URL --master-key-file FILE [--wait-ms 0] [--lanes 1000] [--clock-ms 0]`.
 */
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { createApp } from '../../src/app/create-app.ts';
import { readSettings } from '../../src/app/settings.ts';
import { openStandIn } from './stand-in.ts';

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    database: { type: 'string', default: '' },
    'master-key-file': { type: 'string' },
    'wait-ms': { type: 'string', default: '0' },
    lanes: { type: 'string', default: '1000' },
    'clock-ms': { type: 'string', default: '0' },
  },
});
const { data, database, 'master-key-file': masterKeyFile } = values;
const clockMs = Number(values['clock-ms']);
const stopped = once(process, 'SIGTERM');
const lanes = Number(values.lanes);
const flags = { port: 0, adminPort: 0, data, database, masterKeyFile, workers: Math.min(lanes, 1_000) };
await using app = await createApp(readSettings(flags, undefined, {}), {
  now: () => Date.now() + clockMs,
  openAnalyzer: async () => openStandIn({ waitMs: Number(values['wait-ms']), lanes }),
});
process.stdout.write(`familiar listens on ${app.url}\n`);
await app.ready;
process.stdout.write('ready\n');
await stopped;
await app.drain();
