/** Measures the attributes: gender, age, smile, glasses and pose. */
import { meanOf, type Rated } from '../statistics.ts';
import { type Evidence, type LabelledFace, labelledFaces } from './evidence.ts';
import { areaFigure, type Figure, type Findings, meanFigure, shareOf } from './figures.ts';
import { type AgePoint, agePlot } from './slice-plots.ts';

/** The age from which the accuracy of gender counts. */
export const adult = 18;
/** Brackets of years, both ends included. */
export const brackets = [
  [0, 12],
  [13, 20],
  [21, 40],
  [41, 60],
  [61, 120],
] as const;
/** How a bracket is told. */
export function bracketName([least, most]: readonly [number, number]): string {
  return most > 100 ? `from ${least}` : `${least} to ${most}`;
}
/** Half-way between none and a smile on the contract's scale (0 normal, 50 smile, 100 laugh). */
export const smileFrom = 25;
/** Where pitch and yaw are clamped (docs/contract.md §3.1): labels beyond count as this. */
const turnMax = 30;
/** Yaw and pitch are averaged over labels in steps of this many degrees. */
const step = 15;

/** Measures gender. */
export function gender(evidence: Evidence): Findings {
  const figures = (name: string, of: readonly LabelledFace[]): Figure[] => {
    const labelled = of.filter(({ label }) => label.gender === 'm' || label.gender === 'f');
    const right = ({ label, attributes }: LabelledFace): boolean => attributes.gender > 50 === (label.gender === 'm');
    const only = (wanted: string): LabelledFace[] => labelled.filter(({ label }) => label.gender === wanted);
    return [
      shareOf(`${name}: accuracy`, labelled, right, { least: 0.95 }),
      shareOf(`${name}: women`, only('f'), right),
      shareOf(`${name}: men`, only('m'), right),
    ];
  };
  const adults = labelledFaces(evidence, 'ages').filter(({ label }) => Number(label.age) >= adult);
  return {
    figures: [
      ...(evidence.rows('gender').length > 0 ? figures('gender.csv', labelledFaces(evidence, 'gender')) : []),
      ...(adults.length > 0 ? figures(`ages.csv from ${adult} on`, adults) : []),
    ],
    remarks: [],
  };
}

/** Measures age: the error in years. */
export function age(evidence: Evidence): Findings {
  const all = labelledFaces(evidence, 'ages')
    .filter(({ label }) => label.age !== '')
    .map(({ label, attributes, person }) => {
      // The contract ends at 100.
      const years = Math.min(100, Number(label.age));
      return { years, off: attributes.age - years, person };
    });
  const within = ([least, most]: readonly [number, number]): typeof all =>
    all.filter(({ years }) => years >= least && years <= most);
  return {
    figures: [
      meanFigure('mean error, all ages', 'years', all, ({ off }) => Math.abs(off), { most: 6 }),
      ...brackets.map((one) =>
        meanFigure(`mean error, ${bracketName(one)}`, 'years', within(one), ({ off }) => Math.abs(off)),
      ),
      ...brackets.map((one) =>
        meanFigure(`estimated too old by, ${bracketName(one)}`, 'years', within(one), ({ off }) => off),
      ),
    ],
    plots: [agePlot(decadesOf(all))],
    remarks: [],
  };
}

/** The expression, from 1 to 100, from which on most faces are labelled as smiling, and the share that is told right by it. */
export function bestThreshold(of: readonly Rated[]): { readonly threshold: number; readonly accuracy: number } {
  const accuracies = Array.from(
    { length: 100 },
    (_, i) => of.filter(({ positive, value }) => value >= i + 1 === positive).length / Math.max(1, of.length),
  );
  const accuracy = Math.max(...accuracies);
  return { threshold: accuracies.indexOf(accuracy) + 1, accuracy };
}

/** The error by decade; the last decade holds everybody older. */
function decadesOf(
  all: readonly { readonly years: number; readonly off: number; readonly person: string }[],
): AgePoint[] {
  const decades = Map.groupBy(all, ({ years }) => Math.min(9, Math.floor(years / 10)));
  return [...decades]
    .toSorted(([a], [b]) => a - b)
    .flatMap(([decade, own]) => {
      const { value, interval } = meanFigure('error', 'years', own, ({ off }) => Math.abs(off));
      const name = decade === 9 ? '90 +' : `${10 * decade}–${10 * decade + 9}`;
      return value === null || interval === null ? [] : [{ decade: name, error: value, interval }];
    });
}

/** Measures the expression: whether it separates smiles, and rises with their degree. */
export function smile(evidence: Evidence): Findings {
  const smiles = labelledFaces(evidence, 'smile').map(({ label, attributes, person }) => ({
    positive: label.smile === '1',
    value: attributes.expression,
    person,
  }));
  const { threshold: best } = bestThreshold(smiles);
  const degrees = labelledFaces(evidence, 'smile_degree');
  const names = [
    ['0', 'no smile'],
    ['1', 'a slight one'],
    ['2', 'a broad one'],
  ] as const;
  return {
    figures: [
      shareOf(
        `accuracy at an expression of ${smileFrom}`,
        smiles,
        ({ positive, value }) => value >= smileFrom === positive,
      ),
      shareOf(
        `accuracy at an expression of ${best}, the best threshold`,
        smiles,
        ({ positive, value }) => value >= best === positive,
      ),
      { ...areaFigure('area under the curve', smiles), goal: { least: 0.955 } },
      ...names.map(([degree, name]) =>
        meanFigure(
          `mean expression, ${name}`,
          'points',
          degrees.filter(({ label }) => label.degree === degree),
          ({ attributes }) => attributes.expression,
        ),
      ),
    ],
    remarks: [],
  };
}

/** Measures glasses. */
export function glasses(evidence: Evidence): Findings {
  const all = labelledFaces(evidence, 'glasses').map(({ label, attributes, rawAttributes, person }) => ({
    kind: label.glasses!,
    positive: label.glasses !== '0',
    reported: attributes.glass,
    value: rawAttributes.glasses,
    person,
  }));
  const of = (kind: string) => all.filter((one) => one.kind === kind);
  const isReported = (one: { readonly reported: boolean }): boolean => one.reported;
  return {
    figures: [
      shareOf('accuracy', all, ({ positive, reported }) => reported === positive, { least: 0.96 }),
      areaFigure('area under the curve', all),
      shareOf('clear glasses detected', of('1'), isReported),
      shareOf('sunglasses and tinted glasses detected', of('2'), isReported),
      shareOf('glasses reported where there are none', of('0'), isReported),
    ],
    remarks: [],
  };
}

/** Measures the pose: the error in degrees, by axis. */
export function pose(evidence: Evidence): Findings {
  const all = labelledFaces(evidence, 'pose');
  return { figures: (['pitch', 'yaw', 'roll'] as const).flatMap((axis) => axisFigures(axis, all)), remarks: [] };
}

function axisFigures(axis: 'pitch' | 'yaw' | 'roll', all: readonly LabelledFace[]): Figure[] {
  const most = axis === 'roll' ? 180 : turnMax;
  const clamp = (value: number): number => Math.max(-most, Math.min(most, value));
  const known = all
    .filter(({ label }) => (label[axis] ?? '') !== '')
    .map(({ label, attributes, rawAttributes, person }) => {
      const [angle, off] = [Number(label[axis]), attributes[axis] - clamp(Number(label[axis]))];
      // The error of a roll is less than half a turn.
      return { angle, off: axis === 'roll' ? ((off + 540) % 360) - 180 : off, raw: rawAttributes[axis], person };
    });
  if (known.length === 0) return [];
  const mean = meanOf(known.map(({ off }) => off));
  const groups = Map.groupBy(known, ({ angle }) => step * Math.round(angle / step));
  const steps = axis === 'roll' ? [] : [...groups].toSorted(([a], [b]) => a - b);
  return [
    meanFigure(`${axis}: mean error`, 'degrees', known, ({ off }) => Math.abs(off), { most: axis === 'roll' ? 3 : 6 }),
    meanFigure(`${axis}: mean signed error`, 'degrees', known, ({ off }) => off),
    // Labels measured from another direction than the camera's are all off by the same angle.
    meanFigure(`${axis}: mean error without this bias`, 'degrees', known, ({ off }) => Math.abs(off - mean)),
    ...steps.map(([angle, of]) =>
      meanFigure(`${axis}: mean where the label is about ${angle}`, 'degrees', of, ({ raw }) => raw),
    ),
  ];
}
