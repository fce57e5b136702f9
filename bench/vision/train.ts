/**
 * Fits the small parameters of face analysis, but those of smiles (train-smiles.ts), on labelled photographs and writes each
 * with a description of its origin:
 * `node bench/vision/train.ts --data <folder> --models <folder> --cache <folder>`.
 */
import { mkdirSync, readdirSync } from 'node:fs';
import { join as joinPath } from 'node:path';
import { parseArgs } from 'node:util';
import type { Probe } from '../../src/vision/attributes/linear.ts';
import { dot } from '../../src/vision/kernels/dot.ts';
import type { ObservedFace } from '../../src/vision/pipeline/analyze.ts';
import { embeddingOf } from '../../src/vision/pipeline/embed.ts';
import { genderLesson, glassesLesson, type Lesson } from './lessons.ts';
import { crossValidate, type Example, learn } from './logistic.ts';
import { misnamed, personOf, readManifest } from './manifests.ts';
import { observeAll, openNetworks } from './observations.ts';
import { disjoint, lfw, round, writeParameters } from './parameters.ts';
import { learnReference } from './reference.ts';
import { checkOnOthers, learnScale, meanDirection, samePictureFrom } from './scale.ts';

type Faces = ReadonlyMap<string, ObservedFace>;

const london =
  'Face Research Lab London Set: 13 people who look straight into the camera (DeBruine & Jones 2017, figshare 5047666, CC BY 4.0).';

const { data, models, cache } = parseArgs({
  options: { data: { type: 'string' }, models: { type: 'string' }, cache: { type: 'string' } },
}).values;
if (!data || !models || !cache) throw new Error('give --data, --models and --cache');
mkdirSync(cache, { recursive: true });

const networks = await openNetworks(models);
const observe = (name: string, paths: Iterable<string>): Promise<Faces> =>
  observeAll(networks, data, [...new Set(paths)].sort(), joinPath(cache, `${name}.f32`));

const labelled = ['gender', 'glasses', 'smile', 'smile_degree'].flatMap((name) => readManifest(data, name));
const faces = await observe('lfw', [...labelled.map(({ path }) => path!), ...pathsOfPairs('pairs')]);
const edited = await observe('neardup', pathsOfPairs('near_dups'));
const straight = await observe('london', londonPaths());

const direction = meanDirection([...faces.values()].map(({ recognised }) => recognised));
writeParameters('mean-face', ['facemesh', 'mobileFaceNet'], {
  what: 'The mean of what the recogniser says of many faces, each of unit length, from which embeddings are measured.',
  from: lfw,
  measured: { faces: faces.size },
  direction,
});
writeParameters('reference-face', ['facemesh'], {
  what: 'The mean shape of face meshes, and the pitch at which it looks.',
  from: `${lfw} The pitch: ${london}`,
  measured: { faces: faces.size, straight: straight.size },
  ...learnReference(pointsOf(faces), pointsOf(straight)),
});
writeProbe('gender', 'Log-odds of a male face, from those of faceres.', genderLesson);
writeProbe('glasses', "Log-odds of glasses or sunglasses, from faceres' feature of unit length.", glassesLesson);
writeScore();

function examplesOf({ manifest, inputs, positive }: Lesson): Example[] {
  return readManifest(data!, manifest).flatMap((row) => {
    const { path } = row;
    const face = faces.get(path!);
    return face ? [{ inputs: inputs(face), positive: positive(row), person: personOf(path!) }] : [];
  });
}

function learnProbe(lesson: Lesson): { probe: Probe; measured: object } {
  const { ridge } = lesson;
  const examples = examplesOf(lesson);
  const { accuracy, auc } = crossValidate(examples, ridge);
  const { weights, bias } = learn(examples, ridge);
  const probe = { weights: weights.map((value) => round(value, 5)), bias: round(bias, 5) };
  const positives = examples.filter(({ positive }) => positive).length;
  return {
    probe,
    measured: { how: disjoint, examples: examples.length, positives, accuracy: round(accuracy, 4), auc: round(auc, 4) },
  };
}

function writeProbe(name: string, what: string, lesson: Lesson): void {
  const { probe, measured } = learnProbe(lesson);
  writeParameters(name, ['facemesh', 'faceres'], { what, from: lfw, measured, ...probe });
}

function writeScore(): void {
  const people = [...faces].filter(([path]) => path.startsWith('lfw/') && !misnamed.has(path));
  const labelledPeople = people.map(([path, face]) => ({ embedding: embed(face), person: personOf(path) }));
  const { knots, strangers } = learnScale(labelledPeople, learnSamePicture());
  writeParameters('score', ['facemesh', 'mobileFaceNet'], {
    what: 'Scores of cosines between embeddings. From 50 to 90, ten points are a factor of ten in strangers that pass; no other photograph of the person reaches 99.',
    from: lfw,
    measured: { strangers, shareOfOthersThatPasses: checkOnOthers(labelledPeople) },
    knots,
  });
}

/** The cosine that no other picture of a person reaches. */
function learnSamePicture(): number {
  const cosines = readManifest(data!, 'near_dups').flatMap(({ pathA, pathB, kind }) => {
    const [a, b] = [edited.get(pathA!), edited.get(pathB!)];
    return a && b && kind === 'same-person-other-photo' ? [dot(embed(a), embed(b))] : [];
  });
  return samePictureFrom(cosines);
}

function embed({ recognised }: ObservedFace): Float32Array {
  const embedding = embeddingOf(recognised, direction);
  if (!embedding) throw new Error('a face without an embedding');
  return embedding;
}

function pointsOf(of: Faces): Float32Array[] {
  return [...of.values()].map(({ mesh }) => mesh.points);
}

function pathsOfPairs(manifest: string): string[] {
  return readManifest(data!, manifest).flatMap(({ pathA, pathB }) => [pathA!, pathB!]);
}

function londonPaths(): string[] {
  return ['neutral', 'smiling'].flatMap((kind) =>
    readdirSync(joinPath(data!, 'public/london', kind))
      .filter((name) => name.endsWith('.jpg'))
      .map((name) => `public/london/${kind}/${name}`),
  );
}
