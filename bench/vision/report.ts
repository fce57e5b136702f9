/** Renders the findings as lines for a terminal, or as a page of the documentation. */
import { table } from '../../tools/markdown.ts';
import type { Figure, Findings, Goal } from './figures.ts';

/** The results of a run. */
export interface Report {
  /** By measure, in the order of the table. */
  readonly findings: Readonly<Record<string, Findings>>;
  /** Manifests that are not in the folder. */
  readonly missingManifests: readonly string[];
  /** Pictures that manifests name and that are not there. */
  readonly missingPictures: readonly string[];
}

/** One line a figure. */
export function renderLines({ findings, missingManifests, missingPictures }: Report): string {
  const blocks = Object.entries(findings).map(([measure, { figures, remarks }]) => {
    const width = Math.max(0, ...figures.map(({ name }) => name.length));
    const lines = figures.map(
      (figure) =>
        `  ${figure.name.padEnd(width)}  ${valueText(figure)}${intervalOf(figure)}${ofOf(figure)}${goalOf(figure)}`,
    );
    return [measure, ...lines, ...remarks.map((remark) => `  ${remark}`), ''].join('\n');
  });
  const missing = missingManifests.map((name) => `not measured: there is no manifests/${name}.csv`);
  if (missingPictures.length > 0) {
    missing.push(`${missingPictures.length} pictures are not there: ${missingPictures.slice(0, 5).join(', ')} …`);
  }
  return `${[...blocks, ...missing].join('\n')}\n`;
}

/**
 * The page of results.
 * @param about where, when and on which photographs they were measured.
 */
export function renderPage({ findings }: Report, about: string): string {
  const sections = Object.entries(findings).map(([measure, { figures, remarks }]) => {
    const rows = figures.map((figure) => [
      figure.name,
      valueText(figure),
      intervalOf(figure).trim() || '—',
      figure.of.toLocaleString('en'),
      goalOf(figure).replace(/^, goal /, '') || '—',
    ]);
    const parts = [`## ${measure}`, table(['figure', 'value', '95 % interval', 'of', 'goal'], rows)];
    if (remarks.length > 0) parts.push(remarks.map((remark) => `- ${remark}`).join('\n'));
    return parts.join('\n\n');
  });
  return `${[introduction, about, ...sections].join('\n\n')}\n`;
}

const introduction = `# Accuracy

This page is written by \`npm run eval -- --data <folder> --write\`, which analyses labelled photographs as the server does. None of
the photographs is in this repository. Rates have Wilson's interval; means, areas and true accept rates have an interval by
bootstrap over people; times have one by order statistics. False accept rates have none, since their pairs share people. What was
fitted on these photographs (the scale of scores, the threshold of the picture hash, the small probes) is a little more accurate
here than on others; the files in \`src/vision/parameters\` have the accuracy of each on people who were not in its training.`;

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
