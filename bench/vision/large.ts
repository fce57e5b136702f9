/**
 * Measures what large pictures cost: portraits of 12 megapixels beside the same pictures at 2, in processor time of the whole
 * analysis on one thread: `node bench/vision/large.ts --data <folder> [--models <folder>] [--rounds 7] [--write]`.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import sharp from 'sharp';
import { memoryFlags } from '../../src/processes/confined.ts';
import { importNetworks } from '../../src/vision/models/import.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { analyzePicture } from '../../src/vision/pipeline/analyze.ts';
import { confineDecoder } from '../../src/vision/pipeline/decode.ts';
import { loadNetworks } from '../../src/vision/pipeline/networks.ts';
import { table } from '../../tools/markdown.ts';
import { median } from '../statistics.ts';

/** A picture in one of the sizes, as a file. */
interface Sample {
  readonly file: Uint8Array;
  /** Milliseconds of processor, a round each. */
  readonly ms: number[];
  faces: number;
}

/** Both sizes have the sides 4 to 3; 12.0 and 2.0 megapixels. */
const sizes = [
  { name: '12 megapixels', width: 4000, height: 3000 },
  { name: '2 megapixels', width: 1632, height: 1224 },
] as const;
/** The noise of a sensor: its standard deviation in levels of 255, and the quality of the JPEG. */
const [deviation, quality] = [4, 90];
const root = fileURLToPath(new URL('../../', import.meta.url));
const page = join(root, 'bench/results/large-pictures.md');

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string', default: join(root, 'node_modules/.cache/familiar-models') },
    rounds: { type: 'string', default: '7' },
    portraits: { type: 'string', default: '6' },
    write: { type: 'boolean', default: false },
  },
});
if (!values.data) throw new Error('give --data, the folder with the photographs of docs/eval.md');
const folder = join(values.data, 'public/london/neutral');
const names = readdirSync(folder)
  .filter((name) => name.endsWith('.jpg'))
  .slice(0, Number(values.portraits));
const portraits = await Promise.all(names.map(async (name) => ({ name, sizes: await made(join(folder, name)) })));

// Everything on this thread, which is to keep memory as the processes of the server do.
for (const flag of memoryFlags) setFlagsFromString(flag);
confineDecoder();
const { networks: files } = await importNetworks(values.models);
const networks = await loadNetworks(onnxRuntime, files);
// The first round is a warm-up.
for (let round = 0; round <= Number(values.rounds); round++) {
  for (const { sizes } of portraits) for (const sample of sizes) await measure(sample, round > 0);
}
const text = render();
if (values.write) writeFileSync(page, text);
console.log(text);

/** A portrait in both sizes: enlarged, with noise; the smaller one is made of the larger one, as cameras do. */
async function made(path: string): Promise<Sample[]> {
  const [large] = sizes;
  const { data, info } = await sharp(readFileSync(path))
    .resize({ width: large.width, height: large.height, fit: 'cover' })
    .raw()
    .toBuffer({ resolveWithObject: true });
  let state = 1;
  const random = (): number => {
    state = (state * 48271) % 2147483647;
    return state / 2147483647;
  };
  // The sum of three numbers from 0 to 1 has a variance of a quarter.
  const noisy = Uint8ClampedArray.from(data, (value) => value + 2 * deviation * (random() + random() + random() - 1.5));
  const { width, height, channels } = info;
  const image = sharp(noisy, { raw: { width, height, channels } });
  return Promise.all(
    sizes.map(async ({ width, height }) => ({
      file: new Uint8Array(await image.clone().resize({ width, height }).jpeg({ quality }).toBuffer()),
      ms: [],
      faces: 0,
    })),
  );
}

async function measure(sample: Sample, counts: boolean): Promise<void> {
  const file = Uint8Array.from(sample.file);
  const start = process.cpuUsage();
  const { faces } = await analyzePicture(
    networks,
    file,
    { facesMax: 1, parts: ['attributes', 'embedding', 'crop', 'shape'] },
    { pixelsMax: 40_000_000, secondsMax: 60 },
  );
  const { user, system } = process.cpuUsage(start);
  // As the processes of the server do (src/processes/serve.ts): else one in a few pictures pays for a collection of the heap.
  file.buffer.transfer(0);
  if (counts) sample.ms.push((user + system) / 1000);
  sample.faces = faces.length;
}

function render(): string {
  const ratios: number[] = [];
  const rows = portraits.map(({ name, sizes: [large, small] }) => {
    const ratio = median(large!.ms.map((ms, i) => ms / small!.ms[i]!));
    ratios.push(ratio);
    const told = [large!, small!].flatMap(({ file, ms, faces }) => [
      (file.length / 1e6).toFixed(2),
      String(faces),
      median(ms).toFixed(1),
    ]);
    return [name, ...told, ratio.toFixed(2)];
  });
  const head = ['portrait', ...sizes.flatMap(({ name }) => [`${name}: MB`, 'faces', 'processor ms']), 'ratio'];
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' }).trim();
  return `# What large pictures cost

Written by \`node bench/vision/large.ts --data <folder> --rounds ${values.rounds} --write\`: portraits of the Face Research Lab London Set, enlarged to
${sizes[0].width} × ${sizes[0].height} with the noise of a sensor (standard deviation ${deviation} of 255; JPEG, quality ${quality}), and the same pictures at ${sizes[1].width} × ${sizes[1].height}. Processor time of the
whole analysis (attributes, embedding, crop, shape) on one thread, medians of ${values.rounds} rounds in which the two sizes took turns.

- machine: ${cpus()[0]!.model}, ${cpus().length} cores; Node ${process.versions.node}
- commit: ${commit}
- date: ${new Date().toISOString().slice(0, 10)}

${table(head, rows)}

The median of the ratios is ${median(ratios).toFixed(2)}, the largest ${Math.max(...ratios).toFixed(2)}.
`;
}
