/**
 * Fits what tells smiles, and writes it with a description of its origin:
 * `node bench/vision/train-smiles.ts --data <folder> --models <folder> --cache <folder>`.
 */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type SmileProbes, smileInputs, smileOf } from '../../src/vision/attributes/expression.ts';
import { type Probe, respond } from '../../src/vision/attributes/linear.ts';
import { normalize } from '../../src/vision/kernels/dot.ts';
import type { ObservedFace } from '../../src/vision/pipeline/analyze.ts';
import { areaUnderCurve, meanOf } from '../statistics.ts';
import { bestThreshold } from './description.ts';
import { crossValidate, type Example, foldCount, foldOf, learn } from './logistic.ts';
import { personOf, readManifest } from './manifests.ts';
import { observeAll, openNetworks } from './observations.ts';
import { disjoint, lfw, round, writeParameters } from './parameters.ts';

/** A labelled face. */
interface Labelled {
  readonly person: string;
  /** Whether it is labelled as smiling, if it has this label; a slight smile seldom is. */
  readonly isSmiling: boolean | undefined;
  /** 0 for none, 1 for a slight smile, 2 for a broad one, if it has this label. */
  readonly degree: number | undefined;
  /** The inputs of the probes; the feature's response is of a probe that has not seen the person. */
  readonly inputs: readonly number[];
}

/** The strength of the penalties on the weights; by folds over people these separated best. */
const [featureRidge, ridge, scaleRidge] = [300, 3, 0.1];

const { data, models, cache } = parseArgs({
  options: { data: { type: 'string' }, models: { type: 'string' }, cache: { type: 'string' } },
}).values;
if (!data || !models || !cache) throw new Error('give --data, --models and --cache');
mkdirSync(cache, { recursive: true });

const smiling = new Map(readManifest(data, 'smile').map(({ path, smile }) => [path!, smile === '1']));
const degrees = new Map(readManifest(data, 'smile_degree').map(({ path, degree }) => [path!, Number(degree)]));
const paths = [...new Set([...smiling.keys(), ...degrees.keys()])].sort();
const faces = [...(await observeAll(await openNetworks(models), data, paths, join(cache, 'smiles.f32')))];

const examples: Example[] = faces.map(([path, { description }]) => ({
  inputs: unit(description.feature),
  positive: smiling.get(path) ?? degrees.get(path) === 2,
  person: personOf(path),
}));
const { responses, auc: featureArea } = crossValidate(examples, featureRidge);
const labelled = faces.map(([path, face], i) => label(path, face, responses[i]!));
const feature = rounded(learn(examples, featureRidge));
const { smiles, laughs } = learnDegrees(labelled);
writeParameters('expression', ['facemesh', 'emotion', 'faceres'], {
  what: "Log-odds of a smile, and of a broad one, from the inputs that expression.ts lists, one of which is the response of a probe of faceres' feature.",
  from: lfw,
  measured: { how: disjoint, faces: faces.length, featureAuc: round(featureArea, 4), ...measure(labelled) },
  feature,
  smiles: rounded(smiles),
  laughs: rounded(laughs),
});

function label(path: string, { expressions, mesh }: ObservedFace, response: number): Labelled {
  const inputs = smileInputs(expressions, mesh, response);
  return { person: personOf(path), isSmiling: smiling.get(path), degree: degrees.get(path), inputs };
}

/**
 * One direction answers three questions, each with a bias of its own: whether a face is labelled as smiling, whether it
 * smiles at all, and whether broadly. What is a smile and what is broad on it is then learned from the degrees alone, so
 * that a slight smile is told as 50.
 */
function learnDegrees(of: readonly Labelled[]): Pick<SmileProbes, 'smiles' | 'laughs'> {
  const questions = [
    ({ isSmiling }: Labelled) => isSmiling,
    ({ degree }: Labelled) => degree === undefined || degree > 0,
    ({ degree }: Labelled) => degree === 2,
  ] as const;
  const graded = of.filter(({ degree }) => degree !== undefined);
  const pooled = questions.flatMap((question, i) =>
    (i === 0 ? of.filter(({ isSmiling }) => isSmiling !== undefined) : graded).map((one) => ({
      inputs: [...one.inputs, i === 1 ? 1 : 0, i === 2 ? 1 : 0],
      positive: question(one) === true,
      person: one.person,
    })),
  );
  const direction = { weights: learn(pooled, ridge).weights.slice(0, -2), bias: 0 };
  const scaled = (question: (one: Labelled) => boolean | undefined): Probe => {
    const onDirection = graded.map((one) => ({
      inputs: [respond(direction, one.inputs)],
      positive: question(one) === true,
      person: one.person,
    }));
    const { weights, bias } = learn(onDirection, scaleRidge);
    return { weights: direction.weights.map((weight) => weight * weights[0]!), bias };
  };
  return { smiles: scaled(questions[1]), laughs: scaled(questions[2]) };
}

/** What is told of people who are not in the training. */
function measure(of: readonly Labelled[]) {
  const told = Array.from({ length: foldCount }, (_, fold) => {
    const isHeld = ({ person }: Labelled): boolean => foldOf(person) === fold;
    const probes = { feature, ...learnDegrees(of.filter((one) => !isHeld(one))) };
    return of.filter(isHeld).map((one) => ({ ...one, value: Math.round(smileOf(probes, one.inputs)) }));
  }).flat();
  const labelledAs = told.flatMap(({ isSmiling, value }) =>
    isSmiling === undefined ? [] : [{ positive: isSmiling, value }],
  );
  const best = bestThreshold(labelledAs);
  return {
    smiling: labelledAs.filter(({ positive }) => positive).length,
    auc: round(areaUnderCurve(labelledAs), 4),
    bestThreshold: best.threshold,
    accuracyThere: round(best.accuracy, 4),
    meanByDegree: [0, 1, 2].map((degree) =>
      round(meanOf(told.filter((one) => one.degree === degree).map(({ value }) => value)), 3),
    ),
  };
}

function rounded({ weights, bias }: Probe): Probe {
  return { weights: weights.map((value) => round(value, 5)), bias: round(bias, 5) };
}

function unit(vector: Float32Array): Float32Array {
  const copy = vector.slice();
  normalize(copy, 1);
  return copy;
}
