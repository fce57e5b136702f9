/** The commands that write the statement of a month, and close months. */
import { type Command, Option } from 'commander';
import { isMonth } from '../app/calendar.ts';
import { openData } from '../app/create-app.ts';
import { describePlace, openReport, registerExists } from '../app/report.ts';
import {
  closeMonth,
  MonthError,
  PriceTableError,
  readPrices,
  renderStatement,
  type StatementFormat,
  type StatementLanguage,
  statementFormats,
  statementLanguages,
  statementOf,
} from '../app/statements.ts';
import type { Bind, CommandBody, Flags, Terminal } from './command.ts';
import { printJson, printTable } from './print.ts';
import { placeSettings, registerSettings } from './setting-option.ts';

/** Adds `statement` and `statement close`. */
export function addStatementCommands(root: Command, bind: Bind): void {
  const statement = bind(
    root
      .command('statement')
      .description('write the statement of a month: what an appid called, and what it costs')
      .option('--month <month>', 'calendar month, as 2026-11')
      .option('--appid <digits>', 'whose statement')
      .option('--prices <file>', 'price table (JSON); the published list of the service if absent')
      .addOption(new Option('--language <language>', 'of the words').choices(statementLanguages).default('en'))
      .addOption(new Option('--format <format>', 'how to write it').choices(statementFormats).default('text')),
    [...placeSettings, 'timeZone'],
    statementCommand,
  );
  bind(
    statement
      .command('close')
      .description('close a month that is over: its statements are kept, and never change')
      .option('--month <month>', 'calendar month, as 2026-11')
      .option('--appid <digits>', 'of this appid only')
      .option('--prices <file>', 'price table (JSON); the published list of the service if absent')
      .option('--json', 'print JSON'),
    [...registerSettings, 'timeZone'],
    closeMonthCommand,
  );
}

/** `statement`: what an appid called in a month, and what it costs. */
const statementCommand: CommandBody = async (settings, flags, { output, errors }) => {
  const { month, appid, format, language } = flags as Readonly<Record<string, string | undefined>>;
  if (!checkMonth(month, errors)) return 2;
  if (appid === undefined) {
    errors.write('--appid is missing: a statement is of one appid\n');
    return 2;
  }
  const prices = await pricesOf(flags, errors);
  if (prices === 'wrong') return 2;
  await using register = await openReport(settings);
  if (register === undefined) {
    errors.write(`there is no register in ${await describePlace(settings)}\n`);
    return 1;
  }
  const source = { usage: register, statements: register.statements };
  try {
    const statement = await statementOf(source, { appid, month, prices, timeZone: settings.timeZone });
    output.write(renderStatement(statement, format as StatementFormat, language as StatementLanguage));
    return 0;
  } catch (error) {
    return tell(error, errors);
  }
};

/** `statement close`: what it keeps never changes. */
const closeMonthCommand: CommandBody = async (settings, flags, { output, errors }) => {
  const { month, appid } = flags as Readonly<Record<string, string | undefined>>;
  if (!checkMonth(month, errors)) return 2;
  const prices = await pricesOf(flags, errors);
  if (prices === 'wrong') return 2;
  if (!(await registerExists(settings))) {
    errors.write(`there is no register in ${await describePlace(settings)}\n`);
    return 1;
  }
  await using stores = await openData(settings);
  try {
    const { timeZone } = settings;
    const { statements, before } = await closeMonth(stores, { month, appid, prices, timeZone }, Date.now());
    const rows = statements.map(({ appid, total, currency }) => ({ appid, month, total, currency }));
    if (flags.json === true) {
      printJson(output, { closed: rows, before });
      return 0;
    }
    if (rows.length > 0) printTable(output, rows);
    else output.write(`Nothing of ${month} was to be closed.\n`);
    if (before.length > 0) output.write(`It was closed before for ${before.join(', ')}.\n`);
    return 0;
  } catch (error) {
    return tell(error, errors);
  }
};

function checkMonth(month: string | undefined, errors: Terminal['errors']): month is string {
  if (month !== undefined && isMonth(month)) return true;
  errors.write(month === undefined ? '--month is missing\n' : `--month ${month}: spell it as 2026-11\n`);
  return false;
}

/** The price table of a file; undefined if none is named. What is wrong with it is told. */
async function pricesOf({ prices }: Flags, errors: Terminal['errors']) {
  if (prices === undefined) return undefined;
  try {
    return await readPrices(prices as string);
  } catch (error) {
    if (!(error instanceof PriceTableError)) throw error;
    errors.write(`${error.message}\n`);
    return 'wrong';
  }
}

function tell(error: unknown, errors: Terminal['errors']): number {
  if (!(error instanceof MonthError)) throw error;
  errors.write(`${error.message}\n`);
  return 1;
}
