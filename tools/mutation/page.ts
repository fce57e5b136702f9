/** The page of what tests notice: docs/tests.md. */
import type { Harmless } from './harmless.ts';
import { rules } from './rules.ts';
import { isNoticed, type Result, scoreOf, wilson } from './score.ts';

/** The part of the page with the scores. */
export function renderScores(results: readonly Result[], command: string): string {
  const rows = results.map((result) => {
    const { name, goal, total, tried, leftOut } = result;
    const hits = tried.filter(isNoticed).length;
    const unreached = tried.filter(({ fate }) => fate === 'unreached').length;
    const sampled = tried.length < total;
    const [low, high] = wilson(hits, tried.length);
    const interval = sampled ? `${low.toFixed(1)}–${high.toFixed(1)} %` : 'all tried';
    const cells = [
      ...[`\`${name}\``, `${goal} %`, `**${scoreOf(result).toFixed(1)} %**`, interval, `${tried.length} of ${total}`],
      ...[tried.length - hits - unreached, unreached, leftOut.byCompiler, leftOut.byRule, leftOut.harmless],
    ];
    return `| ${cells.join(' | ')} |`;
  });
  const heads = [
    ...['layer', 'goal', 'noticed', '95 % interval', 'mutants tried', 'survived', 'no test reaches'],
    ...['compiler refuses', 'left out by rule', 'harmless'],
  ];
  return [`Made by \`${command}\`.`, '', `| ${heads.join(' | ')} |`, `|${'---|'.repeat(heads.length)}`, ...rows].join(
    '\n',
  );
}

/** The part of the page with what counts neither way. */
export function renderLeftOut(table: readonly Harmless[]): string {
  const code = (text: string): string => {
    const flat = text.replace(/\s+/g, ' ').trim().replaceAll('|', '\\|');
    return flat === '' ? 'nothing' : `\`${flat}\``;
  };
  const judged = table.map(
    ({ file, right, wrong, why }) =>
      `| \`${file}\` | ${code(right)} | ${code(wrong)} | ${why.replaceAll('|', '\\|')} |`,
  );
  return [
    'By rule:',
    '',
    ...rules.map(({ about }) => `- ${about}`),
    '',
    ...(judged.length === 0 ? ['One by one: none so far.'] : ['One by one:', '']),
    ...(judged.length === 0
      ? []
      : ['| file | code | as the mutant has it | why nobody loses anything |', '|---|---|---|---|']),
    ...judged,
  ].join('\n');
}
