/** The page about what tests notice, docs/tests.md. */
import { table } from '../markdown.ts';
import type { Harmless } from './harmless.ts';
import { rules } from './rules.ts';
import { isNoticed, percentInterval, type Result, scoreOf } from './score.ts';

/** The part of the page with the scores. */
export function renderScores(results: readonly Result[], command: string): string {
  const rows = results.map((result) => {
    const { name, goal, total, tried, leftOut } = result;
    const hits = tried.filter(isNoticed).length;
    const unreached = tried.filter(({ fate }) => fate === 'unreached').length;
    const sampled = tried.length < total;
    const [low, high] = percentInterval(hits, tried.length);
    const interval = sampled ? `${low.toFixed(1)}–${high.toFixed(1)} %` : 'all tried';
    return [
      ...[`\`${name}\``, `${goal} %`, `**${scoreOf(result).toFixed(1)} %**`, interval, `${tried.length} of ${total}`],
      ...[tried.length - hits - unreached, unreached, leftOut.byCompiler, leftOut.byRule, leftOut.harmless],
    ];
  });
  const heads = [
    ...['layer', 'goal', 'noticed', '95 % interval', 'mutants tried', 'survived', 'no test reaches'],
    ...['compiler refuses', 'left out by rule', 'harmless'],
  ];
  return `Made by \`${command}\`.\n\n${table(heads, rows)}`;
}

/** The part of the page with the mutants that are not counted. */
export function renderLeftOut(entries: readonly Harmless[]): string {
  const code = (text: string): string => {
    const flat = text.replace(/\s+/g, ' ').trim();
    return flat === '' ? 'nothing' : `\`${flat}\``;
  };
  const heads = ['file', 'code', 'as the mutant has it', 'why nobody loses anything'];
  const judged = entries.map(({ file, right, wrong, why }) => [`\`${file}\``, code(right), code(wrong), why]);
  return [
    'By rule:',
    '',
    ...rules.map(({ about }) => `- ${about}`),
    '',
    judged.length === 0 ? 'One by one: none so far.' : `One by one:\n\n${table(heads, judged)}`,
  ].join('\n');
}
