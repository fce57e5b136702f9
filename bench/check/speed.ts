/**
 * Asks: how long does a check of many made-up faces take? Writes `bench/results/check-speed.md`: `node bench/check/speed.ts [faces]`. The threads
 * step back for whatever else runs on the machine, so that processor time says more than the clock does.
 */
import { writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { openData } from '../../src/app/create-app.ts';
import { cosinesFor } from '../../src/app/operator/check-findings.ts';
import { readSettings } from '../../src/app/settings.ts';
import { measureOf } from '../../src/vision/pipeline/score.ts';
import { table } from '../../tools/markdown.ts';
import { facesPerPerson } from '../identify/fill.ts';
import { count, importNetworks, prepare, renderCircumstances, root } from '../identify/subject.ts';

const faces = Number(process.argv[2] ?? 1_000_000);
const threads = availableParallelism();
await using networks = await importNetworks();
const rows: string[][] = [];
for (const some of [faces / 4, faces / 2, faces]) {
  await using folder = await prepare(networks, { faces: some, groupsOf: () => ['all'] });
  await using stores = await openData(readSettings({ data: folder.data }, undefined, {}));
  const used = process.cpuUsage();
  const start = performance.now();
  const { persons } = await stores.checks.scan(folder.key.appid, {
    ...{ model: networks.model, dimension: networks.dimension, threads },
    cosines: cosinesFor(measureOf(undefined), some / facesPerPerson),
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  rows.push([
    count(some),
    count(persons),
    seconds.toFixed(1),
    ((user + system) / 1e6).toFixed(1),
    loadavg()[0]!.toFixed(1),
  ]);
  console.log(rows.at(-1)!.join(', '));
}
await writeFile(
  join(root, 'bench', 'results', 'check-speed.md'),
  `# How long checks take

Written by \`node bench/check/speed.ts ${faces}\`: made-up persons with ${facesPerPerson} faces each, in SQLite, all compared with all by ${threads} threads. The threads step back for
whatever else runs on the machine; so see its load, and the processor time.

${renderCircumstances(networks)}

${table(['faces', 'persons', 'seconds', 'seconds of processor time', 'load of the machine'], rows)}

Reading and decrypting grow with the faces, comparing with the square of the persons.
`,
);
console.log('written: bench/results/check-speed.md');
