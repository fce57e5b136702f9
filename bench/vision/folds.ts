/** Measures what was fitted on photographs like these by folds over people: fitted anew on most, measured on the others. */
import { dot } from '../../src/vision/kernels/dot.ts';
import expression from '../../src/vision/parameters/expression.json' with { type: 'json' };
import { embeddingOf } from '../../src/vision/pipeline/embed.ts';
import { type InnerEvidence, labelledFaces } from './evidence.ts';
import { areaFigure, type Figure, type Findings, shareFigure, shareOf } from './figures.ts';
import { genderLesson, glassesLesson, type LearnedLesson, respondAsShipped } from './lessons.ts';
import { crossValidate, type Example, foldCount, foldOf } from './logistic.ts';
import { strangersOf } from './pairs.ts';
import { meaningful, withoutInterval } from './recognition.ts';
import { learnScale, meanDirection } from './scale.ts';

/** What the training of the smile's probes measured. */
const { measured: smiles } = expression;
/** A cosine that no scale needs here: it is where almost the same pictures begin. */
const samePicture = 1 - 1e-5;

/** Measures the probes, and the scale of scores with the mean face, on people whom they were not fitted to. */
export function byFolds(evidence: InnerEvidence): Findings {
  const rows = [
    ...scaleRows(evidence),
    ...probeRows(evidence, 'gender', genderLesson),
    ...probeRows(evidence, 'glasses', glassesLesson),
  ];
  if (rows.length === 0) return { figures: [], remarks: [] };
  return {
    figures: [],
    grids: [
      {
        title: `${foldCount} folds over people`,
        head: ['figure', 'of', 'as it ships', 'fitted to the other people'],
        rows,
      },
    ],
    remarks: [
      'As it ships, everybody in the folder for development was in the fit. Fitted to the other people, the mean face, the scale of scores and the probes are fitted anew on four fifths of the people and measured on the last fifth. Copies have figures by folds in their own section.',
      `Smiles are not fitted anew here, which takes minutes. The training measured them by ${foldCount} folds over the people for development: area under the curve ${smiles.auc}, accuracy ${(100 * smiles.accuracyThere).toFixed(1)} % at the best threshold, ${smiles.bestThreshold}, ${smiles.faces.toLocaleString('en')} faces.`,
    ],
  };
}

type GridRow = { readonly name: string; readonly cells: readonly (Figure | number)[] };

/** Accuracy and area of a probe. */
function probeRows(evidence: InnerEvidence, name: string, lesson: LearnedLesson): GridRow[] {
  const labelled = labelledFaces(evidence, lesson.manifest).flatMap(({ label, face, person }) =>
    face.observed ? [{ label, observed: face.observed, person }] : [],
  );
  const examples = labelled.map(({ label, observed, person }): Example => {
    return { inputs: lesson.inputs(observed), positive: lesson.positive(label), person };
  });
  if (new Set(examples.map(({ positive }) => positive)).size < 2) return [];
  const shipped = labelled.map(({ observed }) => respondAsShipped(lesson, observed));
  const { responses } = crossValidate(examples, lesson.ridge, lesson.probe);
  const rated = (values: readonly number[]) =>
    examples.map(({ positive, person }, i) => ({ positive, person, value: values[i]! }));
  const isRight = ({ positive, value }: { positive: boolean; value: number }): boolean => value > 0 === positive;
  const both = [rated(shipped), rated(responses)] as const;
  return [
    { name: `${name}: accuracy`, cells: [examples.length, ...both.map((own) => shareOf(name, own, isRight))] },
    { name: `${name}: area under the curve`, cells: [examples.length, ...both.map((own) => areaFigure(name, own))] },
  ];
}

/** The shares of strangers that reach the scores with a meaning, both people of a pair outside the fit. */
function scaleRows(evidence: InnerEvidence): GridRow[] {
  if (!evidence.people.known) return [];
  const strangers = strangersOf(evidence);
  const subjects = strangers.portraits.flatMap(({ path, person }) => {
    const recognised = evidence.analysed.get(path)?.face?.observed?.recognised;
    return recognised ? [{ person, recognised }] : [];
  });
  if (subjects.length === 0) return [];
  const over = meaningful.map(() => 0);
  let pairs = 0;
  for (let fold = 0; fold < foldCount; fold++) {
    const isHeld = ({ person }: { person: string }): boolean => foldOf(person) === fold;
    const mean = meanDirection(subjects.filter((one) => !isHeld(one)).map(({ recognised }) => recognised));
    const embedded = subjects.map(({ person, recognised }) => ({ person, embedding: embeddingOf(recognised, mean)! }));
    const { knots } = learnScale(
      embedded.filter((one) => !isHeld(one)),
      samePicture,
    );
    const least = meaningful.map(({ score }) => knots.find((knot) => knot.score === score)!.cosine);
    const held = embedded.filter(isHeld);
    held.forEach((a, i) => {
      for (const b of held.slice(0, i)) {
        if (a.person === b.person) continue;
        pairs++;
        const cosine = dot(a.embedding, b.embedding);
        least.forEach((one, k) => {
          if (cosine >= one) over[k]!++;
        });
      }
    });
  }
  return meaningful.map(({ score, share }, i) => ({
    name: `strangers at ${score}, ${100 * share} % by the contract`,
    cells: [
      pairs,
      withoutInterval(shareFigure('as it ships', strangers.above(score), strangers.pairs)),
      withoutInterval(shareFigure('by folds', over[i]!, pairs)),
    ],
  }));
}
