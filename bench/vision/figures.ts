/** A measured figure: a value with its interval, the number of samples, and its goal; tables and plots of them. */
import type { Plot } from '../plots/plot.ts';
import {
  bootstrap,
  bootstrapCounts,
  type Interval,
  meanOf,
  quantile,
  quantileInterval,
  type Rated,
  weightedArea,
  wilson,
} from '../statistics.ts';

/** The unit of a figure; a share is stored as 0 to 1 and printed in per cent. */
export type Unit = 'share' | 'area' | 'years' | 'degrees' | 'points' | 'milliseconds' | 'count';

/** The goal of a figure. */
export type Goal = { readonly least: number } | { readonly most: number };

/** One figure of the evaluation. */
export interface Figure {
  readonly name: string;
  /** Null where there was nothing to measure. */
  readonly value: number | null;
  readonly unit: Unit;
  /** The 95 % interval and where it comes from; counts have none. */
  readonly interval: (Interval & { readonly from: 'Wilson' | 'bootstrap' | 'order statistics' }) | null;
  /** Of how many pictures, pairs or faces. */
  readonly of: number;
  readonly goal?: Goal;
}

/** A table of figures that belong together: what is measured across, and for whom or what down. */
export interface Grid {
  readonly title: string;
  /** What the rows are of, then what stands in each column. */
  readonly head: readonly [string, ...string[]];
  readonly rows: readonly {
    readonly name: string;
    /** As many as the head has after the first; a number says how many there are of something. */
    readonly cells: readonly (Figure | number)[];
  }[];
}

/** The results of one measure. */
export interface Findings {
  readonly figures: readonly Figure[];
  readonly grids?: readonly Grid[];
  readonly plots?: readonly Plot[];
  /** Pictures to check by eye, and other notes for the reader. */
  readonly remarks: readonly string[];
}

/** A labelled item and its person: the bootstrap draws the items of one person together. */
export interface Sampled {
  readonly person: string;
}

/** A goal, where there is one. */
function withGoal(figure: Figure, goal: Goal | undefined): Figure {
  return goal ? { ...figure, goal } : figure;
}

/** The share of the items for which `holds` is true, with Wilson's interval. */
export function shareOf<T>(name: string, items: readonly T[], holds: (item: T) => boolean, goal?: Goal): Figure {
  const [hits, of] = [items.filter(holds).length, items.length];
  return withGoal(shareFigure(name, hits, of), goal);
}

/** A share that was counted elsewhere. */
export function shareFigure(name: string, hits: number, of: number): Figure {
  if (of === 0) return { name, value: null, unit: 'share', interval: null, of };
  return { name, value: hits / of, unit: 'share', interval: { ...wilson(hits, of), from: 'Wilson' }, of };
}

/** The mean over the items, with an interval by bootstrap over people. */
export function meanFigure<T extends Sampled>(
  name: string,
  unit: Unit,
  items: readonly T[],
  measured: (item: T) => number,
  goal?: Goal,
): Figure {
  if (items.length === 0) return { name, value: null, unit, interval: null, of: 0 };
  const values = items.map((item) => ({ person: item.person, value: measured(item) }));
  const mean = (sample: readonly { readonly value: number }[]): number => meanOf(sample.map(({ value }) => value));
  const interval = { ...bootstrap(byPerson(values), mean), from: 'bootstrap' } as const;
  return withGoal({ name, value: mean(values), unit, interval, of: values.length }, goal);
}

/** The area under the ROC curve, with an interval by bootstrap over people. */
export function areaFigure<T extends Sampled & Rated>(name: string, items: readonly T[]): Figure {
  const people = new Map([...new Set(items.map(({ person }) => person))].map((person, i) => [person, i]));
  const sorted = items.map((item) => ({ ...item, at: people.get(item.person)! })).sort((a, b) => a.value - b.value);
  const value = weightedArea(sorted, () => 1);
  if (!Number.isFinite(value)) return { name, value: null, unit: 'area', interval: null, of: items.length };
  const interval = bootstrapCounts(people.size, (counts) => weightedArea(sorted, ({ at }) => counts[at]!));
  return { name, value, unit: 'area', interval: { ...interval, from: 'bootstrap' }, of: items.length };
}

/** The value below which a share of the sample lies. */
export function quantileFigure(name: string, unit: Unit, sample: readonly number[], share: number): Figure {
  if (sample.length === 0) return { name, value: null, unit, interval: null, of: 0 };
  const interval = { ...quantileInterval(sample, share), from: 'order statistics' } as const;
  return { name, value: quantile(sample, share), unit, interval, of: sample.length };
}

/** A plain count. */
export function countFigure(name: string, count: number, of: number): Figure {
  return { name, value: count, unit: 'count', interval: null, of };
}

/** The items of each person. */
export function byPerson<T extends Sampled>(items: readonly T[]): readonly (readonly T[])[] {
  return [...Map.groupBy(items, ({ person }) => person).values()];
}
