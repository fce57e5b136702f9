/** Measures whether copies of a photograph are told from other photographs of the person. */
import { agreement, type ComparableCrop, copyMin, readCrop } from '../../src/vision/pipeline/same-picture.ts';
import { abreastOf } from './analyses.ts';
import type { Evidence, InnerEvidence, WireEvidence } from './evidence.ts';
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

/** From this confidence on compare says that two pictures are almost the same (docs/contract.md §3.2). */
const samePicture = 99;

/** A labelled pair whose pictures both exist, and whether it is called a copy. */
interface CalledPair {
  readonly person: string;
  readonly kind: string;
  readonly level: string;
  readonly copy: boolean;
  readonly called: boolean;
}

/** The same with how well its crops agree: up to 1; -1 where the embeddings rule a copy out, or a picture shows no face. */
interface Pair extends CalledPair {
  readonly agreement: number;
}

/** Is an edited picture almost the same, and another picture of the person not, be it of the same minute? */
export async function copies(evidence: InnerEvidence): Promise<Findings> {
  const crops = new Map<string, ComparableCrop>();
  const pairs: Pair[] = [];
  for (const row of labelled(evidence)) {
    const agreed = await agreementOf(evidence, crops, row);
    if (agreed !== undefined) pairs.push({ ...pairOf(evidence, row), agreement: agreed, called: agreed >= copyMin });
  }
  const { figures, remarks } = copyFindings(pairs);
  return { figures: [...figures, ...byFolds(pairs)], remarks };
}

/** The same over the wire, by what compare says of each pair. */
export async function copiesThere(evidence: WireEvidence): Promise<Findings> {
  const pairs: CalledPair[] = [];
  await abreastOf(evidence.abreast, labelled(evidence), async (row) => {
    const { pathA, pathB } = row;
    if ([pathA, pathB].some((path) => evidence.analysed.get(path!)?.missing !== false)) return;
    const confidence = await evidence.confidence(pathA!, pathB!);
    pairs.push({ ...pairOf(evidence, row), called: confidence !== undefined && confidence >= samePicture });
  });
  return copyFindings(pairs);
}

function copyFindings(pairs: readonly CalledPair[]): Findings {
  const isCalled = ({ called }: CalledPair): boolean => called;
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

/** What the label says of a pair. */
function pairOf({ people }: Evidence, { pathA, dup, kind, level }: Row): Omit<CalledPair, 'called'> {
  return { person: people.of(pathA!), kind: kind!, level: level!, copy: dup === '1' };
}

/** How well the crops agree; undefined if a picture is not there. */
async function agreementOf(
  { analyzer, analysed }: InnerEvidence,
  crops: Map<string, ComparableCrop>,
  { pathA, pathB }: Row,
): Promise<number | undefined> {
  const [a, b] = [analysed.get(pathA!), analysed.get(pathB!)];
  if (!a || !b || a.missing || b.missing) return undefined;
  const mayBe = a.face && b.face && analyzer.compare(a.face.embedding, b.face.embedding).mayBeCopy;
  const cropOf = async (path: string): Promise<ComparableCrop> => {
    const known = crops.get(path) ?? (await readCrop(analysed.get(path)!.face!.crop));
    crops.set(path, known);
    return known;
  };
  return mayBe ? agreement(await cropOf(pathA!), await cropOf(pathB!)) : -1;
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

function missed(pairs: readonly CalledPair[]): string[] {
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
