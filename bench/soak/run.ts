/**
 * Sends pictures to a running server for a long time and reports whether its memory grows; writes `bench/results/soak.md`:
 * `node bench/soak/run.ts [--pictures 20000] [--every 1000] [--workers 2] [--sides 480,800,1200,1600,1920]`.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { table } from '../../tools/markdown.ts';
import { load, type Shot } from '../load.ts';
import { type Subject, startServer } from '../process.ts';
import { jsonShot, readAccount } from '../shots.ts';
import { lineThrough, type Point } from './slope.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const page = join(root, 'bench/results/soak.md');
/** MB that 1,000 pictures may add, at the upper end of the slope's interval: 20 MB over 20,000. */
const growthMax = 1;
/** Fewer pictures show how memory varies, not whether it grows. */
const picturesMin = 5000;
/** Share of the run that may still warm up. */
const warmShare = 0.25;

const { values } = parseArgs({
  options: {
    pictures: { type: 'string', default: '20000' },
    every: { type: 'string', default: '1000' },
    workers: { type: 'string', default: '2' },
    sides: { type: 'string', default: '480,800,1200,1600,1920' },
  },
});
/** Longer sides of the pictures: blocks of many sizes fragment the memory. */
const sides = values.sides.split(',').map(Number);
const [pictures, every, workers] = [values.pictures, values.every, values.workers].map(Number) as [
  number,
  number,
  number,
];
const folder = await mkdtemp(join(tmpdir(), 'familiar-soak-'));
const flags = ['--port', '0', '--data', folder, '--workers', String(workers)];

/** Read at the start: somebody may commit during the run. */
const changed = git('status', '--porcelain', 'src') === '' ? '' : ' with changes in src';
const commit = git('rev-parse', '--short', 'HEAD') + changed;

/** Resident MB by the moment. */
interface Resident {
  readonly listening: number;
  readonly rest: number;
  readonly restAfterPictures: number;
  readonly points: readonly Point[];
}

try {
  await importOnce();
  const resident = await soak();
  await writeFile(page, render(resident));
  console.log(`${verdict(resident.points)}\nwritten: ${page}`);
} finally {
  await rm(folder, { recursive: true });
  await rm(`${folder}.key`, { force: true });
}

/** An import leaves a process larger than it was; it happens once in a server's life. */
async function importOnce(): Promise<void> {
  await using server = await startServer(flags);
  await server.printed('ready');
}

async function soak(): Promise<Resident> {
  const shots = await makeShots();
  await using server = await startServer(flags);
  const listening = await megabytes(server);
  await server.printed('ready');
  const rest = await restOf(server);
  console.log(`listening ${listening.toFixed(0)} MB, at rest ${rest.toFixed(0)} MB`);
  const points: Point[] = [];
  for (let shown = 0; shown < pictures; shown += every) {
    const calls = Math.min(every, pictures - shown);
    await load(server.url, 2 * workers, { calls }, (i) => shots[(shown + i) % shots.length]!());
    points.push({ x: shown + calls, y: await megabytes(server) });
    console.log(`${shown + calls} of ${pictures} pictures: ${points.at(-1)!.y.toFixed(0)} MB`);
  }
  return { listening, rest, restAfterPictures: await restOf(server), points };
}

/** `detect` for each picture in each size: it stores nothing, so memory need not grow. */
async function makeShots(): Promise<(() => Shot)[]> {
  const account = await readAccount(folder);
  const shots: (() => Shot)[] = [];
  for (let i = 1; i <= 6; i++) {
    const sample = join(root, `node_modules/@vladmandic/face-api/demo/sample${i}.jpg`);
    for (const side of sides) {
      const image = await sharp(sample).resize(side, side, { fit: 'inside' }).jpeg().toBuffer();
      const fields = { image: image.toString('base64') };
      shots.push(() => jsonShot('detect', account, fields));
    }
  }
  return shots;
}

async function restOf(server: Subject): Promise<number> {
  await new Promise((resolve) => setTimeout(resolve, 3000));
  return await megabytes(server);
}

async function megabytes(server: Subject): Promise<number> {
  const resident = await server.memory();
  if (resident === undefined) throw new Error('this system does not tell how much memory a process holds');
  return resident;
}

function verdict(points: readonly Point[]): string {
  const warm = points.filter(({ x }) => x > warmShare * pictures);
  if (warm.length < 3) return 'Too few measurements for a slope.';
  const { slope, slopeError } = lineThrough(warm);
  const growth = `${(1000 * slope).toFixed(1)} ± ${(1000 * slopeError).toFixed(1)} MB a thousand pictures after the first quarter`;
  if (pictures < picturesMin) return `Too short a run to tell, ${picturesMin} pictures are the least: ${growth}.`;
  if (1000 * (slope + slopeError) <= growthMax) return `Flat: ${growth}.`;
  if (1000 * (slope - slopeError) > growthMax) return `It grows: ${growth}.`;
  return `Not decided by so few pictures: ${growth}, ${growthMax} is allowed.`;
}

function render({ listening, rest, restAfterPictures, points }: Resident): string {
  const rows = [
    ['listening, the networks not yet loaded', listening],
    ['at rest, networks loaded, no picture seen', rest],
    ...points.map(({ x, y }): [string, number] => [`${x} pictures`, y]),
    ['at rest, three seconds later', restAfterPictures],
  ] as [string, number][];
  return `# Soak

Written by \`node bench/soak/run.ts --pictures ${pictures} --every ${every} --workers ${workers} --sides ${sides}\`: \`detect\` over HTTP, ${2 * workers} connections, six photographs in
${sides.length} sizes from ${sides[0]} to ${sides.at(-1)} pixels, over and over. Memory is what is resident of the server's processes together, files mapped into them included.

- machine: ${cpus()[0]!.model}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- commit: ${commit}
- date: ${new Date().toISOString().slice(0, 10)}

**${verdict(points)}**

${table(
  ['when', 'MB'],
  rows.map(([when, mb]) => [when, mb.toFixed(0)]),
)}
`;
}

function git(...words: string[]): string {
  return execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
}
