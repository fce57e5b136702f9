/** The command that reports usage. */
import { type Command, Option } from 'commander';
import { createDay, daysOf, isDay, isMonth } from '../app/calendar.ts';
import { openReport } from '../app/report.ts';
import { countsLeftOut, type ReportRow, type UsageBy, usageBy, usageReport } from '../app/usage.ts';
import type { Bind, CommandBody, Flags } from './command.ts';
import { printCsv, printJson, printTable } from './print.ts';
import { placeSettings } from './setting-option.ts';

/** How the rows may be printed. */
const usageFormats = ['table', 'json', 'csv'];

/** Adds `usage`. */
export function addUsageCommand(root: Command, bind: Bind): void {
  bind(
    root
      .command('usage')
      .description('report the calls that were counted, by appid and what you name')
      .option('--by <names>', `some of ${usageBy.join(', ')}, separated by commas`, 'endpoint')
      .option('--month <month>', 'calendar month, as 2026-11; this month if absent')
      .option('--from <day>', 'instead of a month: the first day, as 2026-11-01')
      .option('--to <day>', 'the last day, as 2026-11-30')
      .option('--appid <digits>', 'of this appid only')
      .addOption(new Option('--format <format>', 'how to print it').choices(usageFormats).default('table'))
      .option('--json', 'print JSON, as --format json does'),
    [...placeSettings, 'timeZone'],
    runUsage,
  );
}

/** `usage`: one row for each appid and what it is asked to be told by. */
const runUsage: CommandBody = async (settings, flags, { output, errors }) => {
  const asked = readSpan(flags, createDay(settings.timeZone, Date.now)().slice(0, 7));
  const by = readBy(flags);
  const fault = typeof asked === 'string' ? asked : typeof by === 'string' ? by : undefined;
  if (fault !== undefined) {
    errors.write(`${fault}\n`);
    return 2;
  }
  const request = { ...(asked as Span), appid: flags.appid as string | undefined, by: by as readonly UsageBy[] };
  await using register = await openReport(settings);
  const rows = register === undefined ? [] : await usageReport(register, request);
  for (const { month, calls } of register === undefined ? [] : await countsLeftOut(register, request)) {
    errors.write(`${calls} calls of ${month} are left out: their days are not known, so ask for all of the month\n`);
  }
  const format = flags.json === true ? 'json' : flags.format;
  if (format === 'json') printJson(output, rows);
  else if (format === 'csv') printCsv(output, columnsOf(request.by), rows.map(flat));
  else if (rows.length === 0) output.write(`No calls were counted in ${request.title}.\n`);
  else printTable(output, rows.map(flat));
  return 0;
};

interface Span {
  readonly from: string;
  readonly to: string;
  /** For messages. */
  readonly title: string;
}

/** The span of days that is asked for, or what is wrong with it. */
function readSpan(flags: Flags, thisMonth: string): Span | string {
  const { from, to, month = from === undefined && to === undefined ? thisMonth : undefined } = flags;
  if (month === undefined) {
    for (const [name, day] of [
      ['from', from],
      ['to', to],
    ] as const) {
      if (day === undefined) return `--${name} is missing: a span has a first and a last day`;
      if (!isDay(day as string)) return `--${name} ${day}: spell it as 2026-11-30`;
    }
    if ((from as string) > (to as string)) return `--from ${from} comes after --to ${to}`;
    return { from: from as string, to: to as string, title: `${from} to ${to}` };
  }
  if (from !== undefined || to !== undefined) return '--month and --from, --to exclude each other';
  if (!isMonth(month as string)) return `--month ${month}: spell it as 2026-11`;
  return { ...daysOf(month as string), title: month as string };
}

/** What rows are told apart by, or what is wrong with it. */
function readBy(flags: Flags): readonly UsageBy[] | string {
  const names = (flags.by as string).split(',');
  const wrong = names.find((name, i) => !usageBy.includes(name as UsageBy) || names.indexOf(name) !== i);
  if (wrong !== undefined) return `--by ${flags.by}: name some of ${usageBy.join(', ')}, each once`;
  return names as UsageBy[];
}

function columnsOf(by: readonly UsageBy[]): readonly string[] {
  const charged = by.includes('endpoint') && !by.includes('product') ? ['charged'] : [];
  return ['appid', ...by, 'ok', 'failed', 'pictures', 'faces', ...charged];
}

function flat({ products, ...row }: ReportRow) {
  return { ...row, ...(products !== undefined && { charged: products.join(', ') }) };
}
