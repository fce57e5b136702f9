/**
 * Asks: how much faster is the analysis of a whole picture with the compiled kernels that sample and halve pictures?
 * Two threads analyse the same photographs in turn, one of them with plain loops: `node bench/kernels/run.ts [ROUNDS]`
 * writes bench/results/kernels.md.
 */
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import sharp from 'sharp';
import { table } from '../../tools/markdown.ts';
// Before a thread loads the engine.
import '../../src/vision/models/engine-variables.ts';
import { number } from '../search/figures.ts';
import { median } from '../statistics.ts';

interface Answer {
  readonly ms: number;
  readonly faces: number;
}

const rounds = Number(process.argv[2] ?? 15);
const root = fileURLToPath(new URL('../../', import.meta.url));
const models = join(tmpdir(), 'familiar-bench-models');
const photograph = readFileSync(join(root, 'node_modules/@vladmandic/face-api/demo/sample1.jpg'));

/** A photograph as it comes, as a thumbnail, and as a phone would send it. */
const pictures: Readonly<Record<string, Uint8Array>> = {
  'three faces, 1920 pixels wide': photograph,
  'the same, 480 pixels wide': await sharp(photograph).resize(480).jpeg({ quality: 90 }).toBuffer(),
  'the same, 4000 pixels wide': await sharp(photograph).resize(4000).jpeg({ quality: 90 }).toBuffer(),
};

const hook = fileURLToPath(new URL('./hook.ts', import.meta.url));
const [compiled, plain] = await Promise.all([open([]), open(['--import', hook])]);
const rows: string[][] = [];
for (const [name, picture] of Object.entries(pictures)) {
  const taken: Record<'compiled' | 'plain', Answer[]> = { compiled: [], plain: [] };
  for (let round = 0; round <= rounds; round++) {
    const [one, other] = [await analyze(compiled, picture), await analyze(plain, picture)];
    // The first round is a warm-up.
    if (round === 0) continue;
    taken.compiled.push(one);
    taken.plain.push(other);
  }
  const whole = (answers: readonly Answer[]): number => median(answers.map(({ ms }) => ms));
  const ratio = median(taken.compiled.map(({ ms }, i) => ms / taken.plain[i]!.ms));
  rows.push([name, number(whole(taken.compiled)), number(whole(taken.plain)), number(ratio)]);
  console.log(rows.at(-1)!.join('  '));
}
await Promise.all([compiled.terminate(), plain.terminate()]);

const page = join(root, 'bench/results/kernels.md');
writeFileSync(
  page,
  `# Kernels for pictures

Written by \`node bench/kernels/run.ts ${rounds}\`. A picture is analysed in one thread: decoded, searched, its faces described and embedded. The kernels that
sample and halve are compiled (\`src/wasm\`) or plain loops of JavaScript (\`bench/kernels/plain.ts\`); everything else is the same. Milliseconds for the
whole picture, medians of ${rounds} rounds in which both take turns; the ratio is the median of the rounds' ratios.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores; Node ${process.versions.node}

${table(['picture', 'compiled', 'plain loops', 'ratio'], rows)}
`,
);
console.log(`written: ${page}`);

async function open(execArgv: readonly string[]): Promise<Worker> {
  const script = new URL('./analyze-thread.ts', import.meta.url);
  const worker = new Worker(script, { workerData: models, execArgv: [...execArgv] });
  await once(worker, 'message');
  return worker;
}

async function analyze(worker: Worker, picture: Uint8Array): Promise<Answer> {
  worker.postMessage(picture);
  const [answer] = await once(worker, 'message');
  return answer as Answer;
}
