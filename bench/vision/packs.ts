/**
 * Fits what the packs of npm packages need, and measures them beside the built-in recogniser:
 * `node bench/vision/packs.ts --data <folder> --models <folder> --cache <folder> [--write]`. With --write it writes the
 * parameters of the packs and the table of docs/models.md.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { dot, normalize } from '../../src/vision/kernels/dot.ts';
import { onnxRuntime } from '../../src/vision/models/runtime.ts';
import { installPack } from '../../src/vision/packs/folder.ts';
import type { Manifest } from '../../src/vision/packs/manifest.ts';
import { npmPacks } from '../../src/vision/packs/npm-packs.ts';
import { loadRecogniser } from '../../src/vision/packs/recogniser.ts';
import { facePointsOf } from '../../src/vision/pipeline/align.ts';
import { builtinRecogniser, type Recogniser } from '../../src/vision/pipeline/embed.ts';
import type { Mesh } from '../../src/vision/pipeline/mesh.ts';
import { scoreBetween } from '../../src/vision/pipeline/score.ts';
import { table } from '../../tools/markdown.ts';
import { replacePart } from '../../tools/parts.ts';
import { quantile } from '../statistics.ts';
import { locateAll, pictureAt } from './located.ts';
import { misnamed, pathsOf, personOf, readManifest } from './manifests.ts';
import { openNetworks } from './observations.ts';
import { lfw, writeParameters } from './parameters.ts';
import { accuracyFigures, meaningful } from './recognition.ts';
import { type Labelled, learnScale, meanDirection, samePictureFrom } from './scale.ts';
import { compareStrangers } from './strangers.ts';

const { data, models, cache, write } = parseArgs({
  options: {
    data: { type: 'string' },
    models: { type: 'string' },
    cache: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
}).values;
if (!data || !models || !cache) throw new Error('give --data, --models and --cache');
mkdirSync(cache, { recursive: true });

/**
 * The packs whose embeddings are measured from the mean. dlib's are not: it is trained for distances, and without the mean it
 * would tell far fewer people apart (docs/decisions/0032-npm-packs.md).
 */
const withCentre: ReadonlySet<string> = new Set(['faceres']);
/** False accept rates at which true accepts are told, rising. */
const falseAccepts = [1e-5, 1e-4, 1e-3] as const;
/** Faces whose time is taken. */
const timed = 100;

/** A recogniser to be measured. */
interface Candidate {
  readonly name: string;
  readonly dimension: number;
  /** Before a pack's centre is taken off. */
  readonly recogniser: Recogniser;
  /** The pack whose centre and scores are fitted; the built-in recogniser has them already. */
  readonly manifest?: Manifest;
}

/** What was measured of a recogniser. */
interface Figures {
  readonly accuracy: number;
  /** At {@link falseAccepts}. */
  readonly trueAccepts: readonly number[];
  /** Of a face, its mirror image included. */
  readonly milliseconds: number;
}

const networks = await openNetworks(models);
const pairs = readManifest(data, 'pairs');
const paths = [...new Set(['pairs', 'gender'].flatMap((name) => pathsOf(readManifest(data, name))))].sort();
const others = readManifest(data, 'near_dups').filter(({ kind }) => kind === 'same-person-other-photo');
const meshes = await locateAll(networks, data, paths, join(cache, 'lfw.f32'));
const otherMeshes = await locateAll(networks, data, pathsOf(others).sort(), join(cache, 'others.f32'));

const candidates: Candidate[] = [
  { name: 'builtin', dimension: 192, recogniser: builtinRecogniser(networks.recogniser) },
];
for (const manifest of npmPacks) candidates.push(await candidateOf(manifest));
const rows: (readonly (string | number)[])[] = [];
for (const candidate of candidates) {
  const faces = await embedAll(candidate, meshes, candidate.name);
  const { centre, embedded } = centred(candidate, faces);
  if (candidate.manifest && write) await fit(candidate.manifest, candidate, faces, centre);
  const { accuracy, trueAccepts, milliseconds } = await measure(candidate, embedded);
  const percent = (share: number): string => (100 * share).toFixed(2);
  rows.push([
    candidate.name,
    candidate.dimension,
    ...[accuracy, ...trueAccepts.toReversed()].map(percent),
    milliseconds,
  ]);
  process.stderr.write(`${rows.at(-1)!.join(' | ')}\n`);
}
const head = [
  'recogniser',
  'numbers',
  'accuracy',
  ...falseAccepts.toReversed().map((rate) => `at ${rate}`),
  'ms a face',
];
const [processor] = cpus();
const part = `${table(head, rows)}

The development half of Labeled Faces in the Wild (${meshes.size.toLocaleString('en')} photographs of ${new Set([...meshes.keys()].map(personOf)).size.toLocaleString('en')} people): accuracy by View 2's folds,
and the true accepts of the labelled pairs at three shares of all pairs of strangers, in per cent; milliseconds on one thread
(${processor?.model ?? 'unknown'}), the crop and the mirror image included, medians of ${timed} faces. By \`node bench/vision/packs.ts\`.`;
if (write) {
  const page = new URL('../../docs/models.md', import.meta.url);
  writeFileSync(page, replacePart(readFileSync(page, 'utf8'), 'packs', part));
}
process.stdout.write(`${part}\n`);

async function candidateOf(manifest: Manifest): Promise<Candidate> {
  const { folder } = await installPack(join(cache!, 'packs'), manifest);
  const { centre: _, ...plan } = manifest.recogniser!;
  const recogniser = await loadRecogniser(onnxRuntime, join(folder, plan.file), plan);
  return { name: manifest.name, dimension: plan.dimension, recogniser, manifest };
}

/** Embeds the face of every photograph, and stores that, since it takes minutes. */
async function embedAll(
  { recogniser, dimension }: Candidate,
  of: ReadonlyMap<string, Mesh>,
  name: string,
): Promise<ReadonlyMap<string, Float32Array>> {
  const store = join(cache!, `${name}.embeddings.f32`);
  const known = [...of.keys()];
  if (!existsSync(store)) {
    const all = new Float32Array(known.length * dimension);
    for (const [i, path] of known.entries()) {
      const [embedding] = await recogniser.embed(await pictureAt(data!, path), [facePointsOf(of.get(path)!)]);
      all.set(embedding!, i * dimension);
      if (i % 500 === 0) process.stderr.write(`${name}: ${i} of ${known.length}\n`);
    }
    writeFileSync(store, new Uint8Array(all.buffer));
  }
  const all = new Float32Array(Uint8Array.from(readFileSync(store)).buffer);
  return new Map(known.map((path, i) => [path, all.subarray(i * dimension, (i + 1) * dimension)]));
}

/** The mean of the faces, and the embeddings once it is taken off, where a pack has one. */
function centred({ name }: Candidate, faces: ReadonlyMap<string, Float32Array>, of = [...faces.values()]) {
  if (!withCentre.has(name)) return { centre: undefined, embedded: faces };
  const centre = meanDirection(of);
  return { centre, embedded: new Map([...faces].map(([path, face]) => [path, without(face, centre)])) };
}

function without(face: Float32Array, centre: readonly number[] | undefined): Float32Array {
  if (!centre) return face;
  const embedding = face.map((value, i) => value - centre[i]!);
  if (!normalize(embedding, 1)) throw new Error('a face without an embedding');
  return embedding;
}

function labelled(faces: ReadonlyMap<string, Float32Array>): Labelled[] {
  const named = [...faces].filter(([path]) => !misnamed.has(path));
  return named.map(([path, embedding]) => ({ embedding, person: personOf(path) }));
}

/** Writes a pack's parameters: its centre, and its scale of scores. */
async function fit(
  { name, files }: Manifest,
  candidate: Candidate,
  faces: ReadonlyMap<string, Float32Array>,
  centre: readonly number[] | undefined,
): Promise<void> {
  const edited = await embedAll(candidate, otherMeshes, `${name}.others`);
  const cosines = others.flatMap(({ pathA, pathB }) => {
    const [a, b] = [edited.get(pathA!), edited.get(pathB!)];
    return a && b ? [dot(without(a, centre), without(b, centre))] : [];
  });
  const people = labelled(centred(candidate, faces).embedded);
  const { knots, strangers } = learnScale(people, samePictureFrom(cosines));
  writeParameters(`pack-${name}`, ['facemesh', files[0]!.network!], {
    what: `The scores of cosines between embeddings of the pack ${name}${centre ? ', and the mean of its outputs of unit length, from which they are measured' : ''}.`,
    from: lfw,
    measured: { faces: faces.size, strangers, shareOfOthersThatPasses: onOthers(candidate, faces) },
    ...(centre && { centre }),
    knots,
  });
}

/** The shares of strangers that reach the scores with a meaning, on the half of the people that neither fit has seen. */
function onOthers(candidate: Candidate, faces: ReadonlyMap<string, Float32Array>): Record<string, number> {
  const names = [...new Set([...faces.keys()].map(personOf))].sort();
  const even = new Set(names.filter((_, i) => i % 2 === 0));
  const over = meaningful.map(() => 0);
  let pairsOfStrangers = 0;
  for (const isHeld of [(person: string) => even.has(person), (person: string) => !even.has(person)]) {
    const seen = new Map([...faces].filter(([path]) => !isHeld(personOf(path))));
    const { embedded } = centred(candidate, faces, [...seen.values()]);
    const people = labelled(embedded);
    const { knots } = learnScale(
      people.filter(({ person }) => !isHeld(person)),
      1 - 1e-5,
    );
    const held = people.filter(({ person }) => isHeld(person));
    held.forEach((a, i) => {
      for (let j = 0; j < i; j++) {
        const b = held[j]!;
        if (a.person === b.person) continue;
        pairsOfStrangers++;
        const score = scoreBetween(knots, dot(a.embedding, b.embedding));
        meaningful.forEach((one, k) => {
          if (score >= one.score) over[k]!++;
        });
      }
    });
  }
  const shares = over.map((count) => Number((count / pairsOfStrangers).toPrecision(2)));
  return Object.fromEntries(meaningful.map(({ score }, k) => [score, shares[k]!]));
}

async function measure(candidate: Candidate, embedded: ReadonlyMap<string, Float32Array>): Promise<Figures> {
  const scored = pairs.flatMap(({ pathA, pathB, same, fold = '' }) => {
    const [a, b] = [embedded.get(pathA!), embedded.get(pathB!)];
    if (!a || !b) return [];
    return [{ paths: [pathA!, pathB!] as const, score: dot(a, b), same: same === '1', fold, person: personOf(pathA!) }];
  });
  const portraits = [...embedded].flatMap(([path, embedding]) =>
    misnamed.has(path) ? [] : [{ person: personOf(path), path, embedding }],
  );
  const least = compareStrangers(portraits, dot).scoresAt(falseAccepts);
  const friends = scored.filter(({ same }) => same);
  return {
    accuracy: accuracyFigures(scored)[0]!.value!,
    trueAccepts: least.map((bound) => friends.filter(({ score }) => score > bound).length / friends.length),
    milliseconds: Number((await timeOf(candidate)).toFixed(1)),
  };
}

async function timeOf({ recogniser }: Candidate): Promise<number> {
  const times: number[] = [];
  for (const path of [...meshes.keys()].slice(0, timed)) {
    const picture = await pictureAt(data!, path);
    const start = performance.now();
    await recogniser.embed(picture, [facePointsOf(meshes.get(path)!)]);
    times.push(performance.now() - start);
  }
  return quantile(times, 0.5);
}
