/** Measures recognition by slices, true and false accepts at the same thresholds: for whom and for which pictures it works less well. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { Box } from '../../src/domain/face-analyzer.ts';
import { abreastOf, type DescribedFace, type Face } from './analyses.ts';
import type { Evidence, InnerEvidence } from './evidence.ts';
import { type Findings, type Grid, shareFigure } from './figures.ts';
import { misnamed, spread } from './manifests.ts';
import { type ScoredPair, scoredPairs, strangersOf } from './pairs.ts';
import { meaningful, withoutInterval } from './recognition.ts';
import { slicePlot } from './slice-plots.ts';

const thresholds = meaningful.map(({ score }) => score);

/** A change to one picture of a pair. */
export interface Alteration {
  readonly kind: 'size' | 'quality';
  /** The side of the face in pixels, or the quality of the JPEG from 1 to 100; none for the picture as it is. */
  readonly to?: number;
}

/** What one picture of each pair is changed to. */
export const alterations: readonly Alteration[] = [
  { kind: 'size' },
  ...[96, 64, 48, 32, 24].map((to) => ({ kind: 'size', to }) as const),
  ...[60, 30, 15, 8].map((to) => ({ kind: 'quality', to }) as const),
];

/** So many pairs have one picture changed. */
const alteredMax = 300;

/** What was accepted of a slice. */
export interface SliceCounts {
  readonly name: string;
  /** Pairs of one person, and at each threshold those that reach it. */
  readonly friends: number;
  readonly accepted: readonly number[];
  /** Pairs of strangers likewise. */
  readonly strangers: number;
  readonly over: readonly number[];
}

/** Measures recognition of women and men, with and without glasses, by yaw, by the size of a face and by JPEG quality. */
export async function slices(evidence: InnerEvidence): Promise<Findings> {
  const groupings = groupingsOf(evidence);
  const friends = scoredPairs(evidence).filter(({ same }) => same);
  const strangers = strangersOf(evidence);
  const names = groupings.map(({ of }) => strangers.portraits.map(({ path }) => of(path)));
  const counters = groupings.map(({ groups, pair }) => ({
    pair,
    counts: new Map(groups.map((name) => [name, newCounts(name)])),
  }));
  for (const { paths, score } of friends) {
    groupings.forEach(({ of, pair }, g) => {
      const [a, b] = [of(paths[0]), of(paths[1])];
      const counts = a !== undefined && b !== undefined && counters[g]!.counts.get(pair(a, b));
      if (counts) count(counts, 'friends', score);
    });
  }
  strangers.each((i, j, score) => {
    for (const [g, { pair, counts: own }] of counters.entries()) {
      const [a, b] = [names[g]![i], names[g]![j]];
      const counts = a !== undefined && b !== undefined && own.get(pair(a, b));
      if (counts) count(counts, 'strangers', score);
    }
  });
  const altered = await alteredCounts(evidence, friends);
  return sliceFindings([
    ...groupings.map(({ title }, g) => ({ title, counts: [...counters[g]!.counts.values()] })),
    { title: 'size of one of the two faces, in pixels', counts: altered.get('size')! },
    { title: 'JPEG quality of one of the two pictures', counts: altered.get('quality')! },
  ]);
}

/** Tells the counts as tables and as a plot. */
export function sliceFindings(
  sliced: readonly { readonly title: string; readonly counts: readonly SliceCounts[] }[],
): Findings {
  const filled = sliced.map(({ title, counts }) => ({
    title,
    counts: counts.filter(({ friends, strangers }) => friends + strangers > 0),
  }));
  const sized = filled.find(({ title }) => title.startsWith('size'));
  return {
    figures: [],
    grids: filled.filter(({ counts }) => counts.length > 0).map(({ title, counts }) => gridOf(title, counts)),
    plots: sized && sized.counts.length > 0 ? [slicePlot(sized.counts, thresholds)] : [],
    remarks: [
      'Sex and glasses are as labelled; where no label says it, glasses are as analysed. Yaw is as analysed, of the face that is turned more. Of a changed picture the other of its pair is as it was; where no face is found in it, the pair is not accepted.',
    ],
  };
}

function gridOf(title: string, counts: readonly SliceCounts[]): Grid {
  return {
    title: `By ${title}`,
    head: [
      title,
      'pairs of one person',
      ...thresholds.map((score) => `accepted at ${score}`),
      'pairs of strangers',
      ...thresholds.map((score) => `strangers at ${score}`),
    ],
    rows: counts.map(({ name, friends, accepted, strangers, over }) => ({
      name,
      cells: [
        friends,
        ...accepted.map((hits) => shareFigure('accepted', hits, friends)),
        strangers,
        ...over.map((hits) => withoutInterval(shareFigure('accepted', hits, strangers))),
      ],
    })),
  };
}

/** How pictures are grouped, and pairs of them. */
interface Grouping {
  readonly title: string;
  /** Of pairs. */
  readonly groups: readonly string[];
  /** The group of a picture; undefined if it is not known. */
  readonly of: (path: string) => string | undefined;
  /** The group of a pair of pictures. */
  readonly pair: (a: string, b: string) => string;
}

/** The groupings by what labels and analyses say of a picture. */
export function groupingsOf({ rows, analysed, people }: Evidence): Grouping[] {
  const sexes = new Map(rows('gender').map(({ path, gender }) => [people.of(path!), gender]));
  const labelled = new Map(rows('glasses').map(({ path, glasses }) => [path!, glasses !== '0']));
  const face = (path: string): DescribedFace | undefined => analysed.get(path)?.face;
  const turns = ['less than 10°', '10° to 20°', '20° to 30°', '30° and more'];
  return [
    {
      title: 'sex',
      groups: ['two women', 'two men', 'a woman and a man'],
      of: (path) => sexes.get(people.of(path)),
      pair: (a, b) => (a !== b ? 'a woman and a man' : a === 'f' ? 'two women' : 'two men'),
    },
    {
      title: 'glasses',
      groups: ['none', 'one of the two', 'both'],
      of: (path) => {
        const worn = labelled.get(path) ?? face(path)?.attributes.glass;
        return worn === undefined ? undefined : String(worn);
      },
      pair: (a, b) => (a !== b ? 'one of the two' : a === 'true' ? 'both' : 'none'),
    },
    {
      title: 'yaw',
      groups: turns,
      of: (path) => {
        const yaw = face(path)?.rawAttributes.yaw;
        return yaw === undefined ? undefined : turns[Math.min(3, Math.floor(Math.abs(yaw) / 10))];
      },
      pair: (a, b) => (turns.indexOf(a) > turns.indexOf(b) ? a : b),
    },
  ];
}

/** Pairs of one person of which one picture is changed; its face is also compared with a face of every other person. */
async function alteredCounts(
  evidence: InnerEvidence,
  friends: readonly ScoredPair[],
): Promise<Map<Alteration['kind'], SliceCounts[]>> {
  const { analyzer, analysed, abreast, data, people } = evidence;
  const pairs = spread(
    friends.filter(({ paths }) => paths.every((path) => !misnamed.has(path))),
    alteredMax,
  );
  const others = [...new Map(strangersOf(evidence).portraits.map((one) => [one.person, one])).values()];
  const all = alterations.map((alteration) => ({ alteration, counts: newCounts(nameOf(alteration)) }));
  const tasks = all.flatMap(({ alteration, counts }) => pairs.map((pair) => ({ alteration, counts, pair })));
  await abreastOf(abreast, tasks, async ({ alteration, counts, pair: { paths } }) => {
    const [known, changed] = paths.map((path) => analysed.get(path)!.face!) as [Face, Face];
    const embedding =
      alteration.to === undefined
        ? changed.embedding
        : await embeddingOf(evidence, await alter(join(data, paths[1]), changed.box, alteration));
    if (!embedding) {
      counts.friends++;
      return;
    }
    count(counts, 'friends', analyzer.compare(known.embedding, embedding).score);
    for (const other of others) {
      if (other.person === people.of(paths[1])) continue;
      count(counts, 'strangers', analyzer.compare(other.embedding, embedding).score);
    }
  });
  return Map.groupBy(all, ({ alteration }) => alteration.kind)
    .entries()
    .reduce(
      (map, [kind, own]) =>
        map.set(
          kind,
          own.map(({ counts }) => counts),
        ),
      new Map(),
    );
}

async function embeddingOf({ analyzer }: InnerEvidence, picture: Uint8Array): Promise<Float32Array | undefined> {
  const { faces } = await analyzer.evaluate(picture, { facesMax: 1, parts: ['embedding'] });
  return faces[0]?.embedding;
}

/** The picture with its face shrunk to a size, or compressed; a face that is smaller stays as it is. */
export async function alter(file: string, face: Box, { kind, to = 100 }: Alteration): Promise<Uint8Array<ArrayBuffer>> {
  const picture = sharp(await readFile(file)).rotate();
  if (kind === 'quality') return Uint8Array.from(await picture.jpeg({ quality: to }).toBuffer());
  const upright = await picture.png().toBuffer({ resolveWithObject: true });
  const scale = Math.min(1, to / Math.sqrt(face.width * face.height));
  const width = Math.max(1, Math.round(upright.info.width * scale));
  return Uint8Array.from(await sharp(upright.data).resize(width).png().toBuffer());
}

/** How a changed picture is named in the tables. */
export function nameOf({ to }: Alteration): string {
  return to === undefined ? 'as it is' : String(to);
}

/** Counts that can be added to. */
export interface OpenCounts extends SliceCounts {
  friends: number;
  readonly accepted: number[];
  strangers: number;
  readonly over: number[];
}

/** Counts of nothing. */
export function newCounts(name: string): OpenCounts {
  return { name, friends: 0, accepted: thresholds.map(() => 0), strangers: 0, over: thresholds.map(() => 0) };
}

/** Adds a pair of one person, or of strangers. */
export function count(counts: OpenCounts, kind: 'friends' | 'strangers', score: number): void {
  counts[kind]++;
  const reached = kind === 'friends' ? counts.accepted : counts.over;
  for (let i = 0; i < thresholds.length; i++) if (score >= thresholds[i]!) reached[i]!++;
}
