/**
 * Measures what an embedding from a kept crop is worth beside one from the photograph, for every pack and for other forms of
 * crops: `node bench/vision/crops.ts --data <folder> --models <folder> --cache <folder> [--people 80] [--write]`. With
 * --write it writes the tables of docs/decisions/0030-crops.md.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import sharp, { type Sharp } from 'sharp';
import { dot } from '../../src/vision/kernels/dot.ts';
import { Pyramid } from '../../src/vision/kernels/pyramid.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { installPack } from '../../src/vision/packs/folder.ts';
import { npmPacks } from '../../src/vision/packs/npm-packs.ts';
import { loadRecogniser } from '../../src/vision/packs/recogniser.ts';
import { facePointsOf } from '../../src/vision/pipeline/align.ts';
import { cropFace, cutCrop, pointsInCrop } from '../../src/vision/pipeline/crop.ts';
import { decodePicture } from '../../src/vision/pipeline/decode.ts';
import { builtinRecogniser, type Recogniser } from '../../src/vision/pipeline/embed.ts';
import { embedCrop } from '../../src/vision/pipeline/embed-crop.ts';
import type { Mesh } from '../../src/vision/pipeline/mesh.ts';
import { table } from '../../tools/markdown.ts';
import { replacePart } from '../../tools/parts.ts';
import { meanOf, quantile } from '../statistics.ts';
import { locateAll, pictureAt } from './located.ts';
import { misnamed, pathsOf, personOf, readManifest } from './manifests.ts';
import { openNetworks } from './observations.ts';

const { data, models, cache, people, write } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string' },
    cache: { type: 'string' },
    people: { type: 'string', default: '80' },
    write: { type: 'boolean', default: false },
  },
}).values;
if (!data || !models || !cache) throw new Error('give --data, --models and --cache');
mkdirSync(cache, { recursive: true });

/** At most so many photographs of a person. */
const picturesMax = 4;
/** False accept rates at which true accepts are told. */
const falseAccepts = [1e-2, 1e-3, 1e-4] as const;

/** Faces whose time is taken. */
const timed = 100;

/** A form of crops: its side in pixels, and how it is encoded. */
interface Form {
  readonly name: string;
  readonly side: number;
  readonly encode: (image: Sharp) => Sharp;
  /** Whether the points of the face are found in the crop, as in crops of before; else they are those of the photograph. */
  readonly isFound?: true;
}

const jpeg = (side: number, quality: number): Form => ({
  name: `JPEG ${side}, quality ${quality}`,
  side,
  encode: (image) => image.jpeg({ quality }),
});
const webp = (side: number, quality: number): Form => ({
  name: `WebP ${side}, quality ${quality}`,
  side,
  encode: (image) => image.webp({ quality }),
});
const found = (form: Form): Form => ({ ...form, name: `${form.name}, points found`, isFound: true });
const forms: readonly Form[] = [
  { name: 'PNG 320', side: 320, encode: (image) => image.png({ compressionLevel: 1 }) },
  found(jpeg(160, 90)),
  jpeg(160, 90),
  found(jpeg(192, 90)),
  jpeg(192, 90),
  jpeg(224, 90),
  webp(192, 85),
];
/** A crop is small. */
const limits = { pixelsMax: 1_000_000, secondsMax: 5 };

/** Faces of one set of photographs: each with its person, and its embeddings by recogniser, of the photograph and of crops. */
interface Sample {
  readonly person: string;
  readonly embeddings: Map<string, Float32Array>;
}

/** What crops of one form took. */
interface Cost {
  readonly bytes: number[];
  readonly milliseconds: number[];
}

const networks = await openNetworks(models);
const recognisers = new Map<string, Recogniser>([['builtin', builtinRecogniser(networks.recogniser)]]);
for (const manifest of npmPacks) {
  const { folder } = await installPack(join(cache, 'packs'), manifest);
  const plan = manifest.recogniser!;
  recognisers.set(manifest.name, await loadRecogniser(onnxRuntime, join(folder, plan.file), plan));
}
const sets = [
  { name: 'LFW, 250 pixels', paths: somePeople(), personOf },
  {
    name: 'London, 900 and 1350 pixels',
    paths: londonPaths(),
    personOf: (path: string) => /(\d{3})_\d\d\.jpg$/.exec(path)![1]!,
  },
];
const parts = [
  "*Points found*: by the mesh network in the crop, as is left to crops of before. Elsewhere the points are the photograph's own.",
];
for (const { name, paths, personOf: who } of sets) {
  const costs = new Map(forms.map((form) => [form.name, { bytes: [], milliseconds: [] } as Cost]));
  const samples: Sample[] = [];
  for (const [path, mesh] of await locateAll(networks, data, paths, join(cache, `crops-${name.slice(0, 3)}.f32`))) {
    const picture = await pictureAt(data, path);
    const sample: Sample = { person: who(path), embeddings: new Map() };
    for (const [pack, recogniser] of recognisers)
      sample.embeddings.set(pack, (await recogniser.embed(picture, [facePointsOf(mesh)]))[0]!);
    for (const form of forms) {
      const { bytes, milliseconds } = costs.get(form.name)!;
      const start = performance.now();
      const raw = { width: form.side, height: form.side, channels: 3 } as const;
      const image = sharp(await cutCrop(picture, mesh, form.side), { raw });
      const crop = new Uint8Array(await form.encode(image).toBuffer());
      milliseconds.push(performance.now() - start);
      bytes.push(crop.length);
      for (const [pack, recogniser] of recognisers)
        sample.embeddings.set(`${pack} ${form.name}`, await embedAs(form, recogniser, crop, mesh));
    }
    samples.push(sample);
    if (samples.length % 100 === 0) process.stderr.write(`${name}: ${samples.length} of ${paths.length}\n`);
  }
  parts.push(partOf(name, samples, costs));
  process.stdout.write(`${parts.at(-1)}\n\n`);
}
parts.push(await timeOf(sets[0]!.paths));
process.stdout.write(`${parts.at(-1)}\n`);
if (write) {
  const page = new URL('../../docs/decisions/0030-crops.md', import.meta.url);
  writeFileSync(page, replacePart(readFileSync(page, 'utf8'), 'crops', parts.join('\n\n')));
}

/** The embedding from a crop of a form. */
async function embedAs(form: Form, recogniser: Recogniser, crop: Uint8Array, mesh: Mesh): Promise<Float32Array> {
  if (form.isFound) return (await embedCrop({ mesher: networks.mesher, recognisers: [recogniser] }, crop))[0]!;
  const { pixels } = await decodePicture(crop, limits);
  return (await recogniser.embed(new Pyramid(pixels), [pointsInCrop(mesh, form.side)]))[0]!;
}

/** How long an embedding takes from a photograph that is decoded and whose mesh is known, and from a crop of today and of before. */
async function timeOf(paths: readonly string[]): Promise<string> {
  const meshes = await locateAll(networks, data!, paths, join(cache!, 'crops-LFW.f32'));
  const rows: string[][] = [];
  for (const [pack, recogniser] of recognisers) {
    const times: [number[], number[], number[]] = [[], [], []];
    const time = async (kind: 0 | 1 | 2, work: () => Promise<unknown>): Promise<void> => {
      const start = performance.now();
      await work();
      times[kind].push(performance.now() - start);
    };
    const both = { mesher: networks.mesher, recognisers: [recogniser] };
    for (const [path, mesh] of [...meshes].slice(0, timed)) {
      const picture = await pictureAt(data!, path);
      const crop = await cropFace(picture, mesh);
      const before = new Uint8Array(await sharp(crop).jpeg({ quality: 90 }).toBuffer());
      await time(0, () => recogniser.embed(picture, [facePointsOf(mesh)]));
      await time(1, () => embedCrop(both, crop));
      await time(2, () => embedCrop(both, before));
    }
    const medians = times.map((of) => quantile(of, 0.5));
    rows.push([pack, ...medians.map((ms) => ms.toFixed(1)), (medians[0]! / medians[1]!).toFixed(2)]);
  }
  const head = ['ms, one thread', 'photograph, mesh known', 'crop', 'crop of before', 'speed from a crop'];
  return `### Time\n\nMedians of ${timed} faces, taking turns; the speed from a crop is in those of the recogniser.\n\n${table(head, rows)}`;
}

/** Photographs of people of whom there are several. */
function somePeople(): string[] {
  const all = pathsOf(readManifest(data!, 'pairs')).filter((path) => !misnamed.has(path));
  const several = [...Map.groupBy(all.sort(), personOf).values()].filter((own) => own.length > 1);
  return several.slice(0, Number(people)).flatMap((own) => own.slice(0, picturesMax));
}

/** Two photographs each of people of the London set, neutral and smiling. */
function londonPaths(): string[] {
  const there = ['public/london/neutral', 'public/london/smiling', 'sessions'];
  return there.flatMap((folder) =>
    readdirSync(join(data!, folder))
      .filter((name) => /\d{3}_\d\d\.jpg$/.test(name))
      .map((name) => `${folder}/${name}`),
  );
}

function partOf(name: string, samples: readonly Sample[], costs: ReadonlyMap<string, Cost>): string {
  const persons = new Set(samples.map(({ person }) => person)).size;
  const sections = [...recognisers.keys()].map((pack) => {
    const photographs = samples.map(({ embeddings }) => embeddings.get(pack)!);
    const base = trueAccepts(samples, photographs, photographs);
    const rows = forms.map((form) => {
      const crops = samples.map(({ embeddings }) => embeddings.get(`${pack} ${form.name}`)!);
      const cosines = crops.map((crop, i) => dot(crop, photographs[i]!));
      return [
        form.name,
        meanOf(cosines).toFixed(4),
        quantile(cosines, 0.01).toFixed(4),
        trueAccepts(samples, crops, photographs),
        trueAccepts(samples, crops, crops),
      ];
    });
    const head = [pack, 'mean cosine', 'of 1 in 100', 'crop and photograph', 'two crops'];
    return table(head, [['photographs', '1', '1', base, base], ...rows]);
  });
  const cost = table(
    ['crop', 'bytes, median', 'of 1 in 20', 'ms to make, median'],
    [...costs].map(([form, { bytes, milliseconds }]) => [
      form,
      Math.round(quantile(bytes, 0.5)),
      Math.round(quantile(bytes, 0.95)),
      quantile(milliseconds, 0.5).toFixed(1),
    ]),
  );
  return [`### ${name}`, `${samples.length} photographs of ${persons} people.`, ...sections, cost].join('\n\n');
}

/** The true accept rates in per cent at the false accept rates that there are pairs for, one face of each pair of either kind. */
function trueAccepts(
  samples: readonly Sample[],
  first: readonly Float32Array[],
  second: readonly Float32Array[],
): string {
  const [friends, strangers]: [number[], number[]] = [[], []];
  for (let i = 0; i < samples.length; i++) {
    for (let j = 0; j < samples.length; j++) {
      if (i === j) continue;
      (samples[i]!.person === samples[j]!.person ? friends : strangers).push(dot(first[i]!, second[j]!));
    }
  }
  strangers.sort((a, b) => b - a);
  return falseAccepts
    .filter((rate) => rate * strangers.length >= 20)
    .map((rate) => strangers[Math.floor(rate * strangers.length)]!)
    .map((bound) => ((100 * friends.filter((score) => score > bound).length) / friends.length).toFixed(1))
    .join(', ');
}
