/** Measures the attributes by sex, age group and ethnic label: for whom they work less well. */
import { adult, bracketName, brackets, smileFrom } from './description.ts';
import { type Evidence, type LabelledFace, labelledFaces } from './evidence.ts';
import { areaFigure, type Findings, type Grid, meanFigure, shareOf } from './figures.ts';

/** The ethnic labels of UTKFace, by the digit in its file names: `[age]_[gender]_[label]_[date]`. */
const ethnicLabels = ['White', 'Black', 'Asian', 'Indian', 'other'] as const;
/** A file name of UTKFace. */
const utkName = /(?:^|\/)\d+_[01]_([0-4])_\d+[^/]*$/;

/** A group of people, and which labelled faces are theirs. */
interface Group {
  readonly name: string;
  readonly has: (one: LabelledFace) => boolean;
}

/** Measures age, gender, smile and glasses by groups of people. */
export function forWhom(evidence: Evidence): Findings {
  const aged = labelledFaces(evidence, 'ages').filter(({ label }) => label.age !== '');
  const grids = [agesAndGenders(aged), smilesAndGlasses(evidence)].filter(({ rows }) => rows.length > 0);
  return {
    figures: [],
    grids,
    remarks: aged.some((one) => ethnicLabelOf(one) !== undefined)
      ? [
          'The ethnic labels are those in the file names of UTKFace, whose own labels were estimated and checked by people.',
        ]
      : [],
  };
}

/** Age and gender, on the faces with a labelled age. */
function agesAndGenders(aged: readonly LabelledFace[]): Grid {
  const age = ({ label }: LabelledFace): number => Math.min(100, Number(label.age));
  const groups: Group[] = [
    { name: 'women', has: ({ label }) => label.gender === 'f' },
    { name: 'men', has: ({ label }) => label.gender === 'm' },
    ...brackets.map(([least, most]) => ({
      name: `${bracketName([least, most])} years`,
      has: (one: LabelledFace) => age(one) >= least && age(one) <= most,
    })),
    ...ethnicLabels.map((name) => ({ name: `label ${name}`, has: (one: LabelledFace) => ethnicLabelOf(one) === name })),
  ];
  const row = ({ name, has }: Group) => {
    const own = aged.filter(has);
    const adults = own.filter((one) => age(one) >= adult && ['m', 'f'].includes(one.label.gender!));
    return {
      name,
      cells: [
        own.length,
        meanFigure('mean error', 'years', own, (one) => Math.abs(one.attributes.age - age(one))),
        meanFigure('too old by', 'years', own, (one) => one.attributes.age - age(one)),
        adults.length,
        shareOf('gender', adults, ({ label, attributes }) => attributes.gender > 50 === (label.gender === 'm')),
      ],
    };
  };
  return {
    title: 'Age and gender',
    head: ['people', 'faces', 'age: mean error', 'estimated too old by', `faces from ${adult} on`, 'gender right'],
    rows: groups.map(row).filter(({ cells }) => cells[0] !== 0),
  };
}

/** Smile and glasses, on the faces of people whose sex is labelled. */
function smilesAndGlasses(evidence: Evidence): Grid {
  const { rows, people } = evidence;
  const sexes = new Map(rows('gender').map(({ path, gender }) => [people.of(path!), gender]));
  const [smiles, glasses] = [labelledFaces(evidence, 'smile'), labelledFaces(evidence, 'glasses')];
  const row = ({ name, has }: Group) => {
    const [smiling, worn] = [smiles.filter(has), glasses.filter(has)];
    const rated = smiling.map(({ label, attributes, person }) => {
      return { positive: label.smile === '1', value: attributes.expression, person };
    });
    return {
      name,
      cells: [
        smiling.length,
        areaFigure('smile', rated),
        shareOf('smile', rated, ({ positive, value }) => value >= smileFrom === positive),
        worn.length,
        shareOf('glasses', worn, ({ label, attributes }) => attributes.glass === (label.glasses !== '0')),
      ],
    };
  };
  const sex = (wanted: string) => (one: LabelledFace) => sexes.get(one.person) === wanted;
  return {
    title: 'Smile and glasses',
    head: [
      'people',
      'faces',
      'smile: area under the curve',
      `smile: accuracy at ${smileFrom}`,
      'faces',
      'glasses right',
    ],
    rows: [
      { name: 'women', has: sex('f') },
      { name: 'men', has: sex('m') },
    ]
      .map(row)
      .filter(({ cells }) => cells[0] !== 0 || cells[3] !== 0),
  };
}

function ethnicLabelOf({ label }: LabelledFace): (typeof ethnicLabels)[number] | undefined {
  const digit = utkName.exec(label.path!)?.[1];
  return digit === undefined ? undefined : ethnicLabels[Number(digit)];
}
