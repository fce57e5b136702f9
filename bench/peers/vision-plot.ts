/** Draws how long each library takes for a picture. */
import { colours, type Plot } from '../plots/plot.ts';

/** The median processor time of one library for pictures of one kind. */
export interface SpeedPoint {
  readonly library: string;
  readonly pictures: string;
  readonly ms: number;
}

/** Bars of processor time, a group for each kind of pictures. */
export function speedPlot(points: readonly SpeedPoint[]): Plot {
  const libraries = [...new Set(points.map(({ library }) => library))];
  const y = { field: 'library', type: 'nominal', title: null, sort: libraries } as const;
  const x = { field: 'ms', type: 'quantitative', title: 'processor milliseconds for a picture, median' } as const;
  return {
    name: 'vision-peers',
    alt: 'Processor time for a picture: familiar beside other libraries.',
    spec: {
      title: 'Processor time for a picture',
      data: { values: [...points] },
      facet: {
        row: {
          field: 'pictures',
          type: 'nominal',
          title: null,
          header: { labelAngle: 0, labelAnchor: 'start', labelOrient: 'top' },
        },
      },
      resolve: { scale: { x: 'independent' } },
      spec: {
        width: 420,
        height: 90,
        encoding: { x, y },
        layer: [
          {
            mark: { type: 'bar', height: { band: 0.7 } },
            encoding: {
              color: {
                condition: { test: "datum.library === 'familiar'", value: colours.first },
                value: colours.quiet,
              },
            },
          },
          {
            mark: { type: 'text', align: 'left', dx: 5 },
            encoding: { text: { field: 'ms', type: 'quantitative', format: '.0f' } },
          },
        ],
      },
    },
  };
}
