/** The command that reports usage. */
import { openReport } from '../app/report.ts';
import { createMonth, usageReport } from '../app/usage.ts';
import type { CommandBody } from './command.ts';
import { printJson, printTable } from './print.ts';

/** `usage`: one row for each appid and endpoint that was called in the month. */
export const runUsage: CommandBody = async (settings, flags, { output, errors }) => {
  const month = (flags.month as string | undefined) ?? createMonth(settings.timeZone, Date.now)();
  if (!/^\d{4}-(0[1-9]|1[0-2])$/.test(month)) {
    errors.write(`--month ${month}: spell it as 2026-11\n`);
    return 2;
  }
  await using register = await openReport(settings);
  const rows = register === undefined ? [] : await usageReport(register, month, flags.appid as string | undefined);
  if (flags.json === true) printJson(output, rows);
  else if (rows.length === 0) output.write(`No calls were counted in ${month}.\n`);
  else
    printTable(
      output,
      rows.map(({ products, ...row }) => ({ ...row, charged: products.join(', ') })),
    );
  return 0;
};
