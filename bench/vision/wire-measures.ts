/** Measures recognition of a running server, by the calls that users make: compare, newperson and identify. */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { RefusalError } from '../../src/client/client.ts';
import { strangersAccepted } from '../../src/contract/score-meaning.ts';
import { createRandom } from '../statistics.ts';
import { abreastOf } from './analyses.ts';
import type { WireEvidence } from './evidence.ts';
import { countFigure, type Findings, shareFigure } from './figures.ts';
import { type GalleryCounts, galleryFindings, rankOneGoal, shuffle } from './identification.ts';
import { misnamed, pathsOf, spread } from './manifests.ts';
import type { ScoredPair } from './pairs.ts';
import {
  accuracyFigures,
  byFold,
  meaningful,
  meantInTheMiddle,
  trueAcceptsAtMatch,
  withoutInterval,
} from './recognition.ts';
import { alter, alterations, count, groupingsOf, nameOf, newCounts, sliceFindings } from './slices.ts';
import { confidenceThere } from './wire.ts';

/** So many pairs have one picture changed: each change is another call. */
const alteredMax = 60;
/** So many members and so many strangers are searched for. */
const probesMax = 400;

/** Measures verification by the labelled pairs: those of strangers are all that compare is asked about. */
export async function verificationThere(evidence: WireEvidence): Promise<Findings> {
  const pairs = await scoredPairs(evidence);
  const of = (same: boolean) => pairs.filter((pair) => pair.same === same);
  const rows = evidence.rows('pairs');
  return {
    figures: [
      ...accuracyFigures(pairs),
      trueAcceptsAtMatch(of(true)),
      ...meaningful.map(({ score, share }) =>
        withoutInterval(
          shareFigure(
            `labelled pairs of strangers at ${score}, ${100 * share} % by the contract`,
            of(false).filter((pair) => pair.score >= score).length,
            of(false).length,
          ),
        ),
      ),
      countFigure('labelled pairs left out because compare refuses them', rows.length - pairs.length, rows.length),
      meantInTheMiddle(evidence),
    ],
    remarks: byFold(pairs),
  };
}

async function scoredPairs(evidence: WireEvidence): Promise<ScoredPair[]> {
  const pairs: ScoredPair[] = [];
  await abreastOf(evidence.abreast, evidence.rows('pairs'), async ({ pathA, pathB, same, fold = '' }) => {
    if ([pathA, pathB].some((path) => evidence.analysed.get(path!)?.missing !== false)) return;
    const score = await evidence.confidence(pathA!, pathB!);
    if (score === undefined) return;
    pairs.push({ paths: [pathA!, pathB!], score, same: same === '1', fold, person: evidence.people.of(pathA!) });
  });
  return pairs;
}

/** Measures recognition by slices of the labelled pairs. */
export async function slicesThere(evidence: WireEvidence): Promise<Findings> {
  const pairs = await scoredPairs(evidence);
  const grouped = groupingsOf(evidence).map(({ title, groups, of, pair }) => {
    const counts = new Map(groups.map((name) => [name, newCounts(name)]));
    for (const { paths, score, same } of pairs) {
      const [a, b] = [of(paths[0]), of(paths[1])];
      if (a !== undefined && b !== undefined) count(counts.get(pair(a, b))!, same ? 'friends' : 'strangers', score);
    }
    return { title, counts: [...counts.values()] };
  });
  const all = alterations.map((alteration) => ({ alteration, counts: newCounts(nameOf(alteration)) }));
  const chosen = [true, false].flatMap((same) =>
    spread(
      pairs.filter((pair) => pair.same === same),
      alteredMax,
    ),
  );
  const tasks = all.flatMap((one) => chosen.map((pair) => ({ ...one, pair })));
  await abreastOf(evidence.abreast, tasks, async ({ alteration, counts, pair: { paths, same } }) => {
    const [known, changed] = paths;
    const face = evidence.analysed.get(changed)?.face;
    if (!face) return;
    const confidence =
      alteration.to === undefined
        ? await evidence.confidence(known, changed)
        : await confidenceThere(
            evidence.client,
            await evidence.picture(known),
            await alter(join(evidence.data, changed), face.box, alteration),
          );
    count(counts, same ? 'friends' : 'strangers', confidence ?? Number.NEGATIVE_INFINITY);
  });
  const altered = (kind: string) => all.filter((one) => one.alteration.kind === kind).map(({ counts }) => counts);
  return sliceFindings([
    ...grouped,
    { title: 'size of one of the two faces, in pixels', counts: altered('size') },
    { title: 'JPEG quality of one of the two pictures', counts: altered('quality') },
  ]);
}

/**
 * Measures identification in a gallery of everybody who has two pictures: one of each is enrolled in a group of its own,
 * which is erased afterwards, whatever happens.
 */
export async function identificationThere(evidence: WireEvidence): Promise<Findings> {
  const { people, client, abreast } = evidence;
  if (!people.known) return { figures: [], remarks: ['The names of the files do not say who is shown.'] };
  const paths = pathsOf(evidence.rows('pairs')).filter(
    (path) => evidence.analysed.get(path)?.face && !misnamed.has(path),
  );
  const subjects = [...Map.groupBy(paths, people.of).values()];
  const group = `eval-${randomBytes(8).toString('hex')}`;
  const members = new Map<string, readonly string[]>();
  try {
    const enrolled = subjects.filter((own) => own.length > 1).map((own, i) => ({ id: `${group}-${i}`, own }));
    await abreastOf(abreast, enrolled, async ({ id, own }) => {
      const picture = await evidence.picture(own[0]!);
      const person = await refusedAs(undefined, client.newperson({ person_id: id, group_ids: [group], picture }));
      if (person) members.set(id, own);
    });
    return members.size === 0
      ? { figures: [], remarks: ['Nobody could be enrolled.'] }
      : await searchIn(
          evidence,
          group,
          members,
          subjects.filter((own) => own.length === 1),
        );
  } finally {
    // The server is asked who is there: a call whose answer was lost may have enrolled somebody.
    const { person_ids } = await refusedAs({ person_ids: [] }, client.getpersonids({ group_id: group }));
    await abreastOf(abreast, person_ids, async (id) => {
      await refusedAs(undefined, client.delperson({ person_id: id }));
    });
  }
}

async function searchIn(
  evidence: WireEvidence,
  group: string,
  members: ReadonlyMap<string, readonly string[]>,
  strangers: readonly (readonly string[])[],
): Promise<Findings> {
  const counts = { known: 0, first: 0, strangers: 0, over: meaningful.map(() => 0) };
  const random = createRandom(members.size);
  const best = async (path: string) => {
    const picture = await evidence.picture(path);
    const found = await refusedAs(undefined, evidence.client.identify({ group_ids: [group], picture }));
    return found?.candidates[0];
  };
  await abreastOf(evidence.abreast, shuffle([...members], random).slice(0, probesMax), async ([id, own]) => {
    const candidate = await best(own[1]!);
    counts.known++;
    if (candidate?.person_id === id) counts.first++;
  });
  await abreastOf(evidence.abreast, shuffle(strangers, random).slice(0, probesMax), async ([path]) => {
    const confidence = (await best(path!))?.confidence ?? 0;
    counts.strangers++;
    meaningful.forEach(({ score }, i) => {
      if (confidence >= score) counts.over[i]!++;
    });
  });
  const distinct = { known: counts.known, strangers: counts.strangers };
  const gallery: GalleryCounts = { persons: members.size, ...counts, distinct };
  const name = `everybody with two pictures enrolled, ${members.size.toLocaleString('en')} persons: rank-1 rate`;
  return {
    ...galleryFindings([gallery]),
    figures: [{ ...shareFigure(name, counts.first, counts.known), goal: rankOneGoal }],
    remarks: [
      `Of strangers ${meaningful.map(({ score }) => `${(100 * strangersAccepted(score, members.size)).toPrecision(2)} % are predicted at ${score}`).join(', ')}.`,
    ],
  };
}

/** What a call answers, or something else where the server refuses it. */
async function refusedAs<T, D>(instead: D, call: Promise<T>): Promise<T | D> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof RefusalError) return instead;
    throw error;
  }
}
