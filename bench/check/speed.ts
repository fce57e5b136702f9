/**
 * Asks: how long does a check of many made-up faces take, and how much memory? Writes `bench/results/check-speed.md`:
 * `node bench/check/speed.ts [faces…]`. The threads step back for whatever else runs on the machine, so that processor time says more than the
 * clock does; with `--import ./bench/check/full-priority.ts` they do not.
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

const given = process.argv.slice(2).map(Number);
const counts = given.length > 0 ? given : [250_000, 500_000, 1_000_000];
const threads = availableParallelism();
const preload = process.execArgv.some((word) => word.includes('full-priority'))
  ? '--import ./bench/check/full-priority.ts '
  : '';
await using networks = await importNetworks();
const rows: string[][] = [];
for (const some of counts) {
  await using folder = await prepare(networks, { faces: some, groupsOf: () => ['all'] });
  await using stores = await openData(readSettings({ data: folder.data }, undefined, {}));
  const before = process.memoryUsage.rss();
  let most = before;
  const looking = setInterval(() => {
    most = Math.max(most, process.memoryUsage.rss());
  }, 250);
  const used = process.cpuUsage();
  const start = performance.now();
  const { persons } = await stores.checks.scan(folder.key.appid, {
    ...{ model: networks.model, dimension: networks.dimension, threads },
    cosines: cosinesFor(measureOf(undefined), some / facesPerPerson),
    onProgress: () => {},
    signal: new AbortController().signal,
  });
  clearInterval(looking);
  const seconds = (performance.now() - start) / 1000;
  const { user, system } = process.cpuUsage(used);
  rows.push([
    count(some),
    count(persons),
    seconds.toFixed(1),
    ((user + system) / 1e6).toFixed(1),
    ((most - before) / 2 ** 20).toFixed(0),
    loadavg()[0]!.toFixed(1),
  ]);
  console.log(rows.at(-1)!.join(', '));
}
await writeFile(
  join(root, 'bench', 'results', 'check-speed.md'),
  `# How long checks take

Written by \`node ${preload}bench/check/speed.ts ${counts.join(' ')}\`: made-up persons with ${facesPerPerson} faces each, in SQLite, all compared with all by ${threads} threads. ${preload === '' ? 'They step back for whatever else runs on the machine' : 'As they run for this they do not step back for what else runs on the machine'}; see its load, and the
processor time. The memory is what the check adds at most.

${renderCircumstances(networks)}

${table(['faces', 'persons', 'seconds', 'seconds of processor time', 'memory in MiB', 'load of the machine'], rows)}

Reading and decrypting grow with the faces, comparing with the square of the persons.
`,
);
console.log('written: bench/results/check-speed.md');
