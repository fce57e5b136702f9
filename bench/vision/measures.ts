/** Knows what to measure of the eye: one function a question, each from labels and gazes to a few numbers. */
import type { Attributes, Eyes } from '../../src/domain/eyes.ts';
import { overUnion } from '../../src/vision/kernels/nms.ts';
import type { Gaze } from './gaze.ts';
import { areaUnderCurve } from './logistic.ts';
import { misnamed, personOf, type Row } from './manifests.ts';

/** What every measure is given. */
export interface Evidence {
  readonly eyes: Eyes;
  readonly rows: (manifest: string) => readonly Row[];
  readonly gazes: ReadonlyMap<string, Gaze>;
}

/** Names and numbers, for people to read. */
export type Figures = Readonly<Record<string, number | string>>;

/** Labelled pictures that show a face: the label, and what is told of the face. */
function labelled({ rows, gazes }: Evidence, manifest: string): { readonly label: Row; readonly told: Attributes }[] {
  return rows(manifest).flatMap((label) => {
    const { path } = label;
    const face = gazes.get(path!)?.face;
    return face ? [{ label, told: face.attributes }] : [];
  });
}

const share = <T>(of: readonly T[], holds: (item: T) => boolean): number =>
  Number((of.filter(holds).length / of.length).toFixed(4));

const mean = (values: readonly number[]): number =>
  Number((values.reduce((sum, value) => sum + value, 0) / values.length).toFixed(2));

/** Are two photographs of one person? LFW's protocol: the threshold of the other folds, and the errors of this one. */
export function verification(evidence: Evidence): Figures {
  const pairs = evidence.rows('pairs').flatMap(({ pathA, pathB, same, fold }) => {
    const a = evidence.gazes.get(pathA!)?.face;
    const b = evidence.gazes.get(pathB!)?.face;
    return a && b ? [{ score: evidence.eyes.similarity(a.embedding, b.embedding), same: same === '1', fold }] : [];
  });
  const folds = [...new Set(pairs.map(({ fold }) => fold))].map((fold) => {
    const threshold = bestThreshold(pairs.filter((pair) => pair.fold !== fold));
    return share(
      pairs.filter((pair) => pair.fold === fold),
      ({ score, same }) => score >= threshold === same,
    );
  });
  const strangers = pairs.filter(({ same }) => !same).map(({ score }) => score);
  const strict = strangers.toSorted((a, b) => b - a)[Math.floor(strangers.length * 0.002)]!;
  const friends = pairs.filter(({ same }) => same);
  return {
    pairs: pairs.length,
    accuracy: mean(folds.map((fold) => 100 * fold)),
    folds: folds.map((fold) => (100 * fold).toFixed(1)).join(' '),
    trueAcceptsAtFar0002: share(friends, ({ score }) => score > strict),
    friendsAbove75: share(friends, ({ score }) => score >= 75),
    ...strangersAbove(evidence),
  };
}

function bestThreshold(pairs: readonly { readonly score: number; readonly same: boolean }[]): number {
  const right = (threshold: number): number => pairs.filter(({ score, same }) => score >= threshold === same).length;
  return pairs.reduce((best, { score }) => (right(score) > right(best) ? score : best), 50);
}

/** Which share of all pairs of strangers passes the scores that the contract gives a meaning (§3.2). */
function strangersAbove({ eyes, gazes }: Evidence): Figures {
  const people = [...gazes].flatMap(([path, { face }]) =>
    face && path.startsWith('lfw/') && !misnamed.has(path) ? [{ person: personOf(path), face }] : [],
  );
  const above = { 70: 0, 75: 0, 80: 0, 90: 0 };
  let pairs = 0;
  people.forEach((a, i) => {
    for (const b of people.slice(0, i)) {
      if (a.person === b.person) continue;
      const score = eyes.similarity(a.face.embedding, b.face.embedding);
      pairs++;
      for (const least of [70, 75, 80, 90] as const) if (score >= least) above[least]++;
    }
  });
  const rates = Object.entries(above).map(([least, count]) => [
    `strangersAbove${least}`,
    (count / pairs).toExponential(1),
  ]);
  return { strangerPairs: pairs, ...Object.fromEntries(rates) };
}

/** Is an edited picture almost the same, and another picture of the person not? */
export function nearDuplicates(evidence: Evidence): Figures {
  const pairs = evidence.rows('near_dups').flatMap(({ pathA, pathB, kind, level, dup }) => {
    const a = evidence.gazes.get(pathA!)?.face;
    const b = evidence.gazes.get(pathB!)?.face;
    const score = a && b ? evidence.eyes.similarity(a.embedding, b.embedding) : 0;
    return [{ kind: kind!, group: dup === '1' ? level! : kind!, score, dup: dup === '1' }];
  });
  const above = (of: typeof pairs): number => share(of, ({ score }) => score >= 99);
  const groups = Object.groupBy(pairs, ({ group }) => group);
  const kinds = Object.groupBy(
    pairs.filter(({ dup }) => dup),
    ({ kind }) => kind,
  );
  const missed = Object.entries(kinds).filter(([, of]) => above(of!) < 1);
  return Object.fromEntries([
    ...Object.entries(groups).map(([group, of]) => [group, above(of!)]),
    ...missed.map(([kind, of]) => [`only ${kind}`, above(of!)]),
  ]);
}

/** Man or woman? */
export function gender(evidence: Evidence): Figures {
  const figures = (name: string, of: ReturnType<typeof labelled>): Figures => {
    const right = of.map(({ label: { gender }, told }) => ({ gender, ok: told.gender > 50 === (gender === 'm') }));
    return {
      [`${name} accuracy`]: share(right, ({ ok }) => ok),
      [`${name} women`]: share(
        right.filter(({ gender }) => gender === 'f'),
        ({ ok }) => ok,
      ),
    };
  };
  const adults = labelled(evidence, 'ages').filter(({ label: { age } }) => Number(age) >= 18);
  return { ...figures('lfw', labelled(evidence, 'gender')), ...figures('utk adults', adults) };
}

/** Glasses or none? */
export function glasses(evidence: Evidence): Figures {
  const all = labelled(evidence, 'glasses').map(({ label: { glasses }, told }) => ({
    worn: glasses !== '0',
    told: told.glass,
  }));
  return {
    pictures: all.length,
    accuracy: share(all, ({ worn, told }) => worn === told),
    found: share(
      all.filter(({ worn }) => worn),
      ({ told }) => told,
    ),
    falsely: share(
      all.filter(({ worn }) => !worn),
      ({ told }) => told,
    ),
  };
}

/** Does the scale of expressions rise with the smile? */
export function expression(evidence: Evidence): Figures {
  const degrees = labelled(evidence, 'smile_degree').map(({ label: { degree }, told }) => ({
    degree,
    told: told.expression,
  }));
  const meanOf = (wanted: string): number =>
    mean(degrees.filter(({ degree }) => degree === wanted).map(({ told }) => told));
  const smiles = labelled(evidence, 'smile').map(({ label: { smile }, told }) => ({
    smiles: smile === '1',
    told: told.expression,
  }));
  const toldOf = (wanted: boolean): number[] => smiles.filter((one) => one.smiles === wanted).map(({ told }) => told);
  return {
    smileAuc: Number(areaUnderCurve(toldOf(true), toldOf(false)).toFixed(4)),
    smileAccuracyAt40: share(smiles, (one) => one.told >= 40 === one.smiles),
    meanNone: meanOf('0'),
    meanSlight: meanOf('1'),
    meanBroad: meanOf('2'),
  };
}

/** How many years off? */
export function age(evidence: Evidence): Figures {
  const errors = labelled(evidence, 'ages').map(({ label: { age }, told }) => ({
    age: Number(age),
    off: told.age - Math.min(100, Number(age)),
  }));
  const within = (least: number, most: number): string => {
    const offs = errors.filter(({ age }) => age >= least && age <= most).map(({ off }) => off);
    return `${mean(offs.map(Math.abs))} (${mean(offs)})`;
  };
  return {
    pictures: errors.length,
    meanError: mean(errors.map(({ off }) => Math.abs(off))),
    to12: within(0, 12),
    from13to20: within(13, 20),
    from21to40: within(21, 40),
    from41to60: within(41, 60),
    from61: within(61, 120),
  };
}

/** How many degrees off? Labels beyond ±30 count as ±30, as the contract clamps. */
export function pose(evidence: Evidence): Figures {
  const clamp = (value: number): number => Math.max(-30, Math.min(30, value));
  const all = labelled(evidence, 'pose').map(({ label: { yaw, roll }, told }) => ({ yaw: yaw!, roll: roll!, told }));
  const yaws = all.filter(({ yaw }) => yaw !== '');
  const rolls = all.filter(({ roll }) => roll !== '');
  const meanYawAt = (wanted: string): number =>
    mean(yaws.filter(({ yaw }) => yaw === wanted).map(({ told }) => told.yaw));
  return {
    rollMeanError: mean(rolls.map(({ roll, told }) => Math.abs(told.roll - Number(roll)))),
    yawMeanError: mean(yaws.map(({ yaw, told }) => Math.abs(told.yaw - clamp(Number(yaw))))),
    ...Object.fromEntries(
      ['-45.0', '-30.0', '-15.0', '0.0', '15.0', '30.0', '45.0'].map((yaw) => [`yaw ${yaw}`, meanYawAt(yaw)]),
    ),
  };
}

/** Are all faces found, and nothing else? */
export function detection({ rows, gazes }: Evidence): Figures {
  const found = rows('detection').map(({ path, count, count_max, boxes }) => {
    const seen = gazes.get(path!)?.boxes ?? [];
    const expected: number[][] = boxes ? JSON.parse(boxes) : [];
    const best = expected.map(([x, y, width, height]) =>
      Math.max(0, ...seen.map((box) => overUnion(box, { x: x!, y: y!, width: width!, height: height! }))),
    );
    return { path, ok: seen.length >= Number(count) && seen.length <= Number(count_max), best };
  });
  return {
    pictures: found.length,
    right: share(found, ({ ok }) => ok),
    meanOverlap: mean(found.flatMap(({ best }) => best)),
    wrong: found.flatMap(({ path, ok }) => (ok ? [] : [path])).join(' '),
  };
}

/** Does every odd file get a clean answer, and one that is expected? */
export function oddFiles({ rows, gazes }: Evidence): Figures {
  const results = rows('odd').map(({ path, expected }) => {
    const { boxes, trouble } = gazes.get(path!)!;
    const got = trouble === undefined ? `ok:${boxes.length}` : trouble.startsWith('BUG') ? trouble : 'reject';
    // `ok:0|1` stands for `ok:0|ok:1`.
    const accepted = expected!.replace(/\|(?=\d)/g, '|ok:').split('|');
    const ok =
      accepted.includes(got) ||
      (accepted.includes('ok:any') && got.startsWith('ok')) ||
      (accepted.includes('nocrash') && !got.startsWith('BUG'));
    return { path, ok, got };
  });
  return {
    files: results.length,
    right: share(results, ({ ok }) => ok),
    wrong: results.flatMap(({ path, ok, got }) => (ok ? [] : [`${path} ${got}`])).join(', '),
  };
}

/** How long does each stage take, in the middle and at the 95th of a hundred pictures? */
export function timings({ gazes }: Evidence): Figures {
  const stages: Record<string, number[]> = {};
  for (const { timings: spent } of gazes.values()) {
    for (const [stage, ms] of Object.entries(spent)) stages[stage] = [...(stages[stage] ?? []), ms];
  }
  return Object.fromEntries(
    Object.entries(stages).map(([stage, all]) => {
      const sorted = all.toSorted((a, b) => a - b);
      const at = (part: number): string => sorted[Math.floor(sorted.length * part)]!.toFixed(1);
      return [stage, `${at(0.5)} ${at(0.95)}`];
    }),
  );
}
