/** Renders the findings as lines for a terminal, or as a page of the documentation. */
import { table } from '../../tools/markdown.ts';
import { replacePart } from '../../tools/parts.ts';
import type { Plot } from '../plots/plot.ts';
import type { Figure, Findings, Goal, Grid } from './figures.ts';
import { type GivenManifest, renderGiven } from './given.ts';

/** The results of a run. */
export interface Report {
  /** By measure, in the order of the table. */
  readonly findings: Readonly<Record<string, Findings>>;
  /** The manifests that were measured. */
  readonly given: readonly GivenManifest[];
  /** Manifests that are not in the folder. */
  readonly missingManifests: readonly string[];
  /** Pictures that manifests name and that are not there. */
  readonly missingPictures: readonly string[];
}

/** One line a figure. */
export function renderLines({ findings, missingManifests, missingPictures }: Report): string {
  const blocks = Object.entries(findings).map(([measure, { figures, grids = [], remarks }]) => {
    const width = Math.max(0, ...figures.map(({ name }) => name.length));
    const lines = figures.map(
      (figure) =>
        `  ${figure.name.padEnd(width)}  ${valueText(figure)}${intervalOf(figure)}${ofOf(figure)}${goalOf(figure)}`,
    );
    return [measure, ...lines, ...grids.map(gridLines), ...remarks.map((remark) => `  ${remark}`), ''].join('\n');
  });
  const missing = missingManifests.map((name) => `not measured: there is no manifests/${name}.csv`);
  if (missingPictures.length > 0) {
    missing.push(`${missingPictures.length} pictures are not there: ${missingPictures.slice(0, 5).join(', ')} …`);
  }
  return `${[...blocks, ...missing].join('\n')}\n`;
}

function gridLines({ title, head, rows }: Grid): string {
  const lines = [head, ...rows.map(({ name, cells }) => [name, ...cells.map(cellText)])];
  const widths = head.map((_, i) => Math.max(...lines.map((cells) => cells[i]!.length)));
  return [
    `  ${title}`,
    ...lines.map((cells) => `    ${cells.map((cell, i) => cell.padEnd(widths[i]!)).join('  ')}`),
  ].join('\n');
}

/**
 * The page of results.
 * @param about where, when and with what they were measured.
 */
export function renderPage({ findings, given }: Report, about: string): string {
  const sections = Object.entries(findings).map(([measure, { figures, grids = [], plots = [], remarks }]) => {
    const rows = figures.map((figure) => [
      figure.name,
      valueText(figure),
      intervalOf(figure).trim() || '—',
      figure.of.toLocaleString('en'),
      goalOf(figure).replace(/^, goal /, '') || '—',
    ]);
    const parts = [`## ${measure}`, ...plots.map((plot) => renderImage(plot, 'plots'))];
    if (rows.length > 0) parts.push(table(['figure', 'value', '95 % interval', 'of', 'goal'], rows));
    parts.push(...grids.map(renderGrid));
    if (remarks.length > 0) parts.push(remarks.map((remark) => `- ${remark}`).join('\n'));
    return parts.join('\n\n');
  });
  return `${[introduction, about, renderGiven(given), ...sections].join('\n\n')}\n`;
}

/**
 * The page on thresholds with its measured parts.
 * @param page as it is.
 * @param about as for {@link renderPage}.
 */
export function renderThresholds(page: string, { findings }: Report, about: string): string {
  const part = (measure: string): string => {
    const { grids = [], plots = [], remarks = [] } = findings[measure] ?? {};
    const blocks = [...plots.map((plot) => renderImage(plot, 'plots')), ...grids.map(renderGrid)];
    return [...blocks, remarks.map((remark) => `- ${remark}`).join('\n')].join('\n\n');
  };
  const measured = replacePart(page, 'identification', `${about}\n\n${part('identification')}`);
  return replacePart(measured, 'several faces', part('several faces of a person'));
}

/** A table of figures, with its title above it. */
function renderGrid({ title, head, rows }: Grid): string {
  return `${title}:\n\n${table(
    head,
    rows.map(({ name, cells }) => [name, ...cells.map(cellText)]),
  )}`;
}

/**
 * A plot in a page.
 * @param folder where the plots are, seen from the page.
 */
export function renderImage({ name, alt }: Plot, folder: string): string {
  return `![${alt}](${folder}/${name}.svg)`;
}

const introduction = `# Accuracy

This page is written by \`npm run eval -- --data <folder> --write\`, which analyses labelled photographs as the server does: the face
of a picture is the one that the API means, and scores are the API's. None of the photographs is in this repository. Rates have
Wilson's interval; means, areas and true accept rates have an interval by bootstrap over people; times have one by order
statistics. False accept rates have none, since their pairs share people. Where something was fitted on these photographs, a
section of its own shows it fitted anew on other people. With \`--against <url>\` the same command measures a running server over the
wire.`;

function cellText(cell: Figure | number): string {
  return typeof cell === 'number' ? cell.toLocaleString('en') : `${valueText(cell)}${intervalOf(cell)}`;
}

function valueText({ value, unit }: Figure): string {
  if (value === null) return 'nothing to measure';
  if (unit === 'share') return percent(value);
  if (unit === 'count') return String(value);
  return `${value.toFixed(unit === 'area' ? 4 : 1)}${units[unit]}`;
}

const units = { area: '', years: ' years', degrees: '°', points: '', milliseconds: ' ms' } as const;

function intervalOf({ interval, unit }: Figure): string {
  if (!interval) return '';
  const bound = (value: number): string => (unit === 'share' ? percent(value) : value.toFixed(unit === 'area' ? 4 : 1));
  return ` (${bound(interval.low)} to ${bound(interval.high)})`;
}

function ofOf({ of }: Figure): string {
  return ` of ${of.toLocaleString('en')}`;
}

function goalOf({ goal, value, unit }: Figure): string {
  if (!goal || value === null) return '';
  const [word, bound] = 'least' in goal ? ['at least', goal.least] : ['at most', goal.most];
  return `, goal ${word} ${unit === 'share' ? percent(bound) : bound}: ${isMet(value, goal) ? 'met' : 'not met'}`;
}

function isMet(value: number, goal: Goal): boolean {
  return 'least' in goal ? value >= goal.least : value <= goal.most;
}

/** With more digits for small shares. */
function percent(share: number): string {
  const value = 100 * share;
  if (value !== 0 && value < 0.1) return `${Number(value.toPrecision(2))} %`;
  return `${value.toFixed(2)} %`;
}
