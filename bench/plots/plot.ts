/** Draws plots as SVG, in Node and without a browser: a Vega-Lite description in, a picture for light and dark pages out. */
import { mkdir, writeFile } from 'node:fs/promises';
import { parse, View } from 'vega';
import { type Config, compile, type TopLevelSpec } from 'vega-lite';

/** The colours of a plot on a light page. A description uses no others. */
export const colours = {
  paper: '#fefefe',
  ink: '#24292f',
  grid: '#d8dee4',
  first: '#0969da',
  second: '#bc4c00',
  third: '#8250df',
  quiet: '#57606a',
} as const;

/** The same on a dark page. */
const dark: Readonly<Record<keyof typeof colours, string>> = {
  paper: '#0d1117',
  ink: '#e6edf3',
  grid: '#30363d',
  first: '#58a6ff',
  second: '#f0883e',
  third: '#bc8cff',
  quiet: '#9198a1',
};

/** What a page shows: the picture `docs/plots/<name>.svg`, and what is said of it where it cannot be seen. */
export interface Plot {
  /** The name of its file, without folder and ending. */
  readonly name: string;
  /** One sentence that says what the plot shows. */
  readonly alt: string;
  readonly spec: TopLevelSpec;
}

const font = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif';

/** Lines and letters of every plot. */
const config: Config = {
  background: colours.paper,
  font,
  padding: 12,
  view: { stroke: null },
  title: { color: colours.ink, fontSize: 15, fontWeight: 600, anchor: 'start', offset: 12 },
  axis: {
    domainColor: colours.quiet,
    tickColor: colours.quiet,
    gridColor: colours.grid,
    labelColor: colours.ink,
    titleColor: colours.ink,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 400,
    titlePadding: 8,
    labelLimit: 300,
  },
  legend: {
    labelColor: colours.ink,
    titleColor: colours.ink,
    labelFontSize: 12,
    titleFontSize: 12,
    titleFontWeight: 400,
    orient: 'top',
    direction: 'horizontal',
    symbolStrokeWidth: 2,
    titleLimit: 400,
  },
  header: { labelColor: colours.ink, titleColor: colours.ink, labelFontSize: 12, titleFontSize: 12 },
  range: { category: [colours.first, colours.second, colours.third] },
  mark: { color: colours.first },
  rule: { color: colours.first },
  line: { strokeWidth: 2 },
  point: { size: 45, filled: true, opacity: 1 },
  text: { color: colours.ink, fontSize: 12, font },
};

/**
 * The plot as SVG. Its paper and its ink change together where the reader prefers dark pages, so that it can be read on
 * any page, also by programs that know no media queries.
 * @throws Error if the description names a colour that is none of {@link colours}.
 */
export async function renderPlot({ alt, spec }: Plot): Promise<string> {
  const { spec: compiled } = compile(spec, { config });
  const view = new View(parse(compiled), { renderer: 'none' });
  const svg = await view.toSVG();
  view.finalize();
  const known = new Set<string>(Object.values(colours));
  const foreign = [...svg.matchAll(/(?:fill|stroke)="(#[^"]+|[a-z]+)"/g)]
    .map(([, colour]) => colour!)
    .filter((colour) => !known.has(colour) && !['none', 'transparent'].includes(colour));
  if (foreign.length > 0) throw new Error(`a plot is drawn in ${[...new Set(foreign)].join(', ')}`);
  const open = svg.indexOf('>') + 1;
  return `${svg.slice(0, open)}<title>${escaped(alt)}</title><style>${darkRules()}</style>${svg.slice(open)}\n`;
}

/** Writes each plot to `docs/plots/`. */
export async function writePlots(plots: readonly Plot[]): Promise<void> {
  const folder = new URL('../../docs/plots/', import.meta.url);
  await mkdir(folder, { recursive: true });
  for (const plot of plots) await writeFile(new URL(`${plot.name}.svg`, folder), await renderPlot(plot));
}

/** Rules that replace each colour where the reader prefers dark pages. */
function darkRules(): string {
  const rules = (Object.keys(colours) as (keyof typeof colours)[]).map(
    (name) => `[fill="${colours[name]}"]{fill:${dark[name]}}[stroke="${colours[name]}"]{stroke:${dark[name]}}`,
  );
  return `@media (prefers-color-scheme:dark){${rules.join('')}}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
