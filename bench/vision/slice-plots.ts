/** Draws what depends on the size of a face, and the error of ages. */
import type { TopLevelSpec } from 'vega-lite';
import type { Plot } from '../plots/plot.ts';
import { type Interval, wilson } from '../statistics.ts';
import { frame, perCent } from './recognition-plots.ts';
import type { SliceCounts } from './slices.ts';

/** The share of one person's pairs that is accepted, by the size of one of the faces. */
export function slicePlot(counts: readonly SliceCounts[], thresholds: readonly number[]): Plot {
  const values = counts.flatMap(({ name, friends, accepted }) =>
    thresholds.map((threshold, i) => ({
      ...{ size: name, threshold: `at ${threshold}`, share: accepted[i]! / friends },
      ...wilson(accepted[i]!, friends),
    })),
  );
  return {
    name: 'recognition-by-size',
    alt: 'Pairs of one person that are accepted, by the size of one of the two faces.',
    spec: byCategory(values, {
      title: 'Pairs of one person accepted, by the size of one of the faces',
      x: { field: 'size', title: 'side of the face in pixels', sort: [...counts.map(({ name }) => name)].reverse() },
      y: { field: 'share', title: 'accepted', axis: perCent },
      color: { field: 'threshold', title: null },
    }),
  };
}

/** Recall in pictures of one size. */
export interface RecallPoint {
  readonly size: number;
  readonly canvas: string;
  readonly share: number;
  readonly interval: Interval;
}

/** The share of faces that are found, by their size. */
export function recallPlot(points: readonly RecallPoint[]): Plot {
  const values = points.map(({ size, canvas, share, interval }) => ({
    size: String(size),
    canvas,
    share,
    ...interval,
  }));
  const sizes = [...new Set(points.map(({ size }) => size))].sort((a, b) => a - b).map(String);
  return {
    name: 'recall-by-size',
    alt: 'Faces found, by their size.',
    spec: byCategory(values, {
      title: 'Faces found, by their size',
      x: { field: 'size', title: 'side of the face in pixels', sort: sizes },
      y: { field: 'share', title: 'found', axis: perCent },
      color: { field: 'canvas', title: 'picture' },
    }),
  };
}

/** The error of the ages of one decade. */
export interface AgePoint {
  readonly decade: string;
  readonly error: number;
  readonly interval: Interval;
}

/** The mean error of ages, by decade. */
export function agePlot(points: readonly AgePoint[]): Plot {
  const values = points.map(({ decade, error, interval }) => ({ decade, error, ...interval }));
  return {
    name: 'age-error',
    alt: 'Mean error of the estimated age, by decade.',
    spec: byCategory(values, {
      title: 'Error of the estimated age',
      x: { field: 'decade', title: 'age in years', sort: points.map(({ decade }) => decade) },
      y: { field: 'error', title: 'mean error in years' },
    }),
  };
}

/** How values with bounds are laid out. */
interface Layout {
  readonly title: string;
  readonly x: { readonly field: string; readonly title: string; readonly sort: string[] };
  readonly y: { readonly field: string; readonly title: string; readonly axis?: { readonly labelExpr: string } };
  readonly color?: { readonly field: string; readonly title: string | null };
}

/** Points over categories, joined by a line, each with the bounds `low` and `high`. */
function byCategory(values: readonly object[], { title, x, y, color }: Layout): TopLevelSpec {
  const scale = { type: 'quantitative', scale: { zero: false } } as const;
  const offset = color ? { xOffset: { field: color.field, type: 'nominal' } as const } : {};
  return {
    ...frame,
    title,
    data: { values: [...values] },
    encoding: {
      x: { ...x, type: 'nominal', axis: { labelAngle: 0 } },
      ...(color && { color: { ...color, type: 'nominal' } as const }),
      ...offset,
    },
    layer: [
      {
        mark: { type: 'rule', strokeWidth: 1.5 },
        encoding: { y: { ...scale, ...y, field: 'low' }, y2: { field: 'high' } },
      },
      { mark: 'point', encoding: { y: { ...scale, ...y } } },
    ],
  };
}
