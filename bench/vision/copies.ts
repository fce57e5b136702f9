/** Measures whether copies of a photograph are told from other photographs of the person. */
import { agreement, type ComparableCrop, copyMin, readCrop } from '../../src/vision/pipeline/same-picture.ts';
import type { Evidence } from './evidence.ts';
import { type Findings, shareOf } from './figures.ts';
import type { Row } from './manifests.ts';

/** People are divided into so many parts; what is learned on the others is tried on each. */
const folds = 5;
/** The share of copies, and of other photographs, that a threshold of the other folds lies between. */
const [copiesBelow, othersAbove] = [0.015, 0.025];

/** What may be called a copy of pictures that are not, where it is not 0.5 %. Frames may really be alike. */
const goals: Readonly<Record<string, { readonly most: number } | undefined>> = {
  'same-person-same-session-other-expression': { most: 0.05 },
  'neighbouring frames': { most: 1 },
};

/** A labelled pair whose pictures both exist. */
interface Pair {
  readonly person: string;
  readonly kind: string;
  readonly level: string;
  readonly copy: boolean;
  /** Of the crops, up to 1; -1 where the embeddings rule a copy out, or a picture shows no face. */
  readonly agreement: number;
  readonly called: boolean;
}

/** Is an edited picture almost the same, and another picture of the person not, be it of the same minute? */
export async function copies(evidence: Evidence): Promise<Findings> {
  const pairs: Pair[] = [];
  const crops = new Map<string, ComparableCrop>();
  for (const row of labelled(evidence)) {
    const pair = await pairOf(evidence, crops, row);
    if (pair) pairs.push(pair);
  }
  const isCalled = ({ called }: Pair): boolean => called;
  const edits = (level: string) => pairs.filter((pair) => pair.copy && pair.level === level);
  const others = Map.groupBy(
    pairs.filter(({ copy }) => !copy),
    ({ kind }) => kind,
  );
  return {
    figures: [
      shareOf('precision: what is called a copy is one', pairs.filter(isCalled), ({ copy }) => copy),
      shareOf('recall, edits that must be recognised', edits('must'), isCalled, { least: 0.98 }),
      shareOf('recall, harder edits', edits('hard'), isCalled, { least: 0.95 }),
      ...[...others].map(([kind, of]) =>
        shareOf(`called a copy: ${kind}`, of, isCalled, goals[kind] ?? { most: 0.005 }),
      ),
      ...byFolds(pairs),
    ],
    remarks: missed(pairs),
  };
}

/** The labelled pairs, pairs of one person's photographs among them, and neighbouring frames where pictures are numbered ones. */
function labelled({ rows }: Evidence): Row[] {
  const friends = rows('pairs').filter(({ same }) => same === '1');
  const frames = rows('pose').map(({ path }) => path!);
  const neighbours = frames.flatMap((path) => {
    const next = path.replace(/_(\d+)_/, (_, number) => `_${String(Number(number) + 1).padStart(number.length, '0')}_`);
    return next !== path && frames.includes(next) ? { pathA: path, pathB: next } : [];
  });
  const other = { dup: '0', level: '' };
  return [
    ...rows('near_dups'),
    ...rows('sessions'),
    ...friends.map((row) => ({ ...other, pathA: row.pathA!, pathB: row.pathB!, kind: 'labelled pair of one person' })),
    ...neighbours.map((pair) => ({ ...other, ...pair, kind: 'neighbouring frames' })),
  ];
}

async function pairOf(
  { analyzer, analysed, people }: Evidence,
  crops: Map<string, ComparableCrop>,
  { pathA, pathB, dup, kind, level }: Row,
): Promise<Pair | undefined> {
  const [a, b] = [analysed.get(pathA!), analysed.get(pathB!)];
  if (!a || !b || a.missing || b.missing) return undefined;
  const mayBe = a.face && b.face && analyzer.compare(a.face.embedding, b.face.embedding).mayBeCopy;
  const cropOf = async (path: string): Promise<ComparableCrop> => {
    const known = crops.get(path) ?? (await readCrop(analysed.get(path)!.face!.crop));
    crops.set(path, known);
    return known;
  };
  const agreed = mayBe ? agreement(await cropOf(pathA!), await cropOf(pathB!)) : -1;
  const pair = { kind: kind!, level: level!, copy: dup === '1', agreement: agreed, called: agreed >= copyMin };
  return { ...pair, person: people.of(pathA!) };
}

/** The shares that a threshold gives which other people's pictures set. */
function byFolds(pairs: readonly Pair[]): Findings['figures'] {
  const persons = [...new Set(pairs.map(({ person }) => person))].sort();
  const foldOf = (pair: Pair): number => persons.indexOf(pair.person) % folds;
  const thresholds = Array.from({ length: folds }, (_, fold) =>
    thresholdOf(pairs.filter((pair) => foldOf(pair) !== fold)),
  );
  const isCalled = (pair: Pair): boolean => pair.agreement >= thresholds[foldOf(pair)]!;
  const session = pairs.filter(({ copy, kind }) => !copy && kind.includes('session'));
  if (session.length === 0) return [];
  return [
    shareOf(
      `by ${folds} folds over people: recall of all edits`,
      pairs.filter(({ copy }) => copy),
      isCalled,
    ),
    shareOf(`by ${folds} folds over people: one session wrongly called a copy`, session, isCalled),
  ];
}

/** Half-way, in what is missing from full agreement, between the copies that agree least and the others that agree most. */
function thresholdOf(pairs: readonly Pair[]): number {
  const sorted = (of: readonly Pair[]) => of.map((pair) => pair.agreement).sort((a, b) => a - b);
  const edits = sorted(pairs.filter(({ copy }) => copy));
  const others = sorted(pairs.filter(({ copy, kind }) => !copy && kind.includes('session')));
  const low = edits[Math.floor(copiesBelow * edits.length)] ?? 1;
  const high = others[Math.ceil((1 - othersAbove) * others.length) - 1] ?? 0;
  return 1 - Math.sqrt((1 - low) * (1 - high));
}

function missed(pairs: readonly Pair[]): string[] {
  const kinds = Map.groupBy(
    pairs.filter(({ copy }) => copy),
    ({ kind }) => kind,
  );
  const short = [...kinds].flatMap(([kind, of]) => {
    const found = of.filter(({ called }) => called).length;
    return found === of.length ? [] : [`${kind} ${found} of ${of.length}`];
  });
  return short.length > 0 ? [`Not all recognised: ${short.join(', ')}.`] : [];
}
