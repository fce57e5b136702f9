/** Draws recognition: errors against each other, scores, false alarms by gallery size, and what lowers recognition. */
import type { TopLevelSpec } from 'vega-lite';
import { colours, type Plot } from '../plots/plot.ts';
import type { Interval } from '../statistics.ts';
import type { Strangers } from './strangers.ts';

/** True accepts at one false accept rate. */
export interface ErrorPoint {
  /** The share of pairs of strangers that is accepted. */
  readonly rate: number;
  /** The share of pairs of one person that is accepted, and its interval. */
  readonly accepted: number;
  readonly interval: Interval;
  /** How many pairs of one person there are. */
  readonly pairs: number;
}

/** Width and height of a plot in pixels. */
export const frame = { width: 520, height: 300 } as const;

/** The detection error trade-off: misses against false accepts, both on logarithmic axes. */
export function detectionErrorPlot(curve: readonly ErrorPoint[]): Plot {
  // A rate of 0 has no place on a logarithmic axis; half a pair is less than can be measured.
  const missed = ({ pairs }: ErrorPoint, accepted: number): number => Math.max(1 - accepted, 0.5 / pairs);
  const values = curve.map((point) => ({
    rate: point.rate,
    missed: missed(point, point.accepted),
    low: missed(point, point.interval.high),
    high: missed(point, point.interval.low),
  }));
  const bounds = [Math.min(...values.map(({ low }) => low)) / 1.2, Math.max(...values.map(({ high }) => high)) * 1.2];
  const x = { field: 'rate', type: 'quantitative', scale: { type: 'log', nice: false } } as const;
  const y = { type: 'quantitative' as const, scale: { type: 'log' as const, domain: bounds, nice: false } };
  const misses = { ...perCent, values: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5] };
  const spec: TopLevelSpec = {
    ...frame,
    title: 'Strangers accepted, and people missed, with 95 % interval',
    data: { values },
    encoding: {
      x: { ...x, title: 'pairs of strangers accepted', axis: { ...perCent, values: [1e-5, 1e-4, 1e-3, 1e-2] } },
    },
    layer: [
      {
        mark: { type: 'area', opacity: 0.2, color: colours.first },
        encoding: {
          y: { ...y, field: 'low', title: 'pairs of one person missed', axis: misses },
          y2: { field: 'high' },
        },
      },
      { mark: { type: 'line', point: true, color: colours.first }, encoding: { y: { ...y, field: 'missed' } } },
    ],
  };
  return {
    name: 'detection-error',
    alt: 'Detection error trade-off: pairs of one person missed against pairs of strangers accepted.',
    spec,
  };
}

/** How scores are distributed, in steps of two points. */
export function scoresPlot(friends: readonly number[], strangers: Strangers): Plot {
  const step = 2;
  const bins = Array.from({ length: 100 / step }, (_, i) => i * step);
  const of = (above: (score: number) => number, all: number, who: string) =>
    bins.map((from) => ({
      who,
      from,
      to: from + step,
      // The outermost bins hold what lies beyond them.
      share: ((from === 0 ? all : above(from)) - (from === 100 - step ? 0 : above(from + step))) / all,
    }));
  const values = [
    ...of((score) => friends.filter((one) => one >= score).length, friends.length, 'one person'),
    ...of(strangers.above, strangers.pairs, 'strangers'),
  ];
  const spec: TopLevelSpec = {
    ...frame,
    title: 'Scores of pairs of photographs',
    data: { values },
    mark: { type: 'bar', opacity: 0.7, binSpacing: 0 },
    encoding: {
      x: {
        field: 'from',
        type: 'quantitative',
        bin: { binned: true, step },
        title: 'score',
        axis: { values: bins.filter((from) => from % 10 === 0) },
      },
      x2: { field: 'to' },
      y: { field: 'share', type: 'quantitative', stack: null, title: 'pairs', axis: perCent },
      color: { field: 'who', type: 'nominal', title: null },
    },
  };
  return { name: 'scores', alt: 'Scores of pairs of one person and of pairs of strangers.', spec };
}

/** False alarms in a gallery of one size, at one threshold. */
export interface AlarmPoint {
  readonly persons: number;
  readonly threshold: number;
  readonly measured: number;
  readonly interval: Interval;
  readonly predicted: number;
}

/** False positives of identification by the size of the gallery, measured and predicted. */
export function alarmsPlot(points: readonly AlarmPoint[]): Plot {
  const values = points.map(({ persons, threshold, measured, interval, predicted }) => ({
    persons,
    threshold: `at ${threshold}`,
    measured: measured > 0 ? measured : null,
    low: measured > 0 ? interval.low : null,
    high: interval.high,
    predicted,
  }));
  const y = { type: 'quantitative' as const, scale: { type: 'log' as const, domain: [1e-4, 1], clamp: true } };
  const spec: TopLevelSpec = {
    ...frame,
    title: 'Strangers accepted as somebody, by the size of the gallery',
    data: { values },
    encoding: {
      x: {
        field: 'persons',
        type: 'quantitative',
        scale: { type: 'log', nice: false },
        title: 'persons in the gallery',
        axis: { values: [10, 20, 50, 100, 200, 500, 1000] },
      },
      color: { field: 'threshold', type: 'nominal', title: 'lines: predicted, points: measured' },
    },
    layer: [
      {
        mark: { type: 'line', strokeDash: [5, 4] },
        encoding: {
          y: {
            ...y,
            field: 'predicted',
            title: 'strangers accepted',
            axis: { ...perCent, values: [1e-4, 1e-3, 1e-2, 1e-1, 1] },
          },
        },
      },
      { mark: { type: 'rule' }, encoding: { y: { ...y, field: 'low' }, y2: { field: 'high' } } },
      { mark: { type: 'point' }, encoding: { y: { ...y, field: 'measured' } } },
    ],
  };
  return {
    name: 'false-alarms',
    alt: 'False positives of identification by gallery size: measured points beside the predicted lines.',
    spec,
  };
}

/** A share as a figure of an axis: 0.1 %. */
export const perCent = { labelExpr: "format(datum.value * 100, '~g') + ' %'" } as const;
