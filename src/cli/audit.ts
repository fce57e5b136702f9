/** The commands that read, check and prune the audit. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import {
  type AuditLine,
  type CheckedChain,
  exportAudit,
  findInAudit,
  type LineQuery,
  listAudit,
  parseAnchors,
  pruneAudit,
  verifyAudit,
} from '../app/operator/audit.ts';
import { describePlace, registerExists } from '../app/report.ts';
import type { SettingName, Settings } from '../app/settings.ts';
import type { CommandBody, Flags, Terminal } from './command.ts';
import { printJson, printTable } from './print.ts';
import { showProgress } from './progress.ts';

/** Lines that are listed if nothing else is said. */
const listedMax = 100;
/** The characters of a hash that a table shows of an id that is erased. */
const shortHash = 8;

/** Adds the commands under `audit`. */
export function addAuditCommands(
  audit: Command,
  bind: (command: Command, names: readonly SettingName[], body: CommandBody) => Command,
  settings: readonly SettingName[],
): void {
  const filtered = (name: string, about: string) =>
    audit
      .command(name)
      .description(about)
      .option('--appid <digits>', 'of this appid only')
      .option('--actor <text>', 'of this SecretId, or of this account of the operating system')
      .option('--endpoint <name>', 'of this endpoint or command, as `delperson` or `"keys add"`')
      .option('--id <text>', 'that touch this id of a person, a face or a group, erased or not; with --appid')
      .option('--from <moment>', 'from then on, as 2026-11-29T12:00:00Z')
      .option('--to <moment>', 'before then');
  bind(
    filtered('list', 'list the newest lines of the audit: who changed what')
      .option('--limit <number>', 'how many lines', String(listedMax))
      .option('--json', 'print JSON'),
    settings,
    listCommand,
  );
  bind(
    filtered('export', 'write every line as JSON, one a line, chain by chain').argument(
      '[file]',
      'a new file; printed if absent',
    ),
    settings,
    exportCommand,
  );
  bind(
    audit
      .command('verify')
      .description('check that no line was changed, taken out or put in; exit code 1 with the first broken one')
      .option('--against <file>', 'what an earlier `verify --json` printed: no chain may be shorter, or another one')
      .option('--appid <digits>', 'with --id: the appid')
      .option('--id <text>', 'tell also what the audit knows of this id, and whether it is erased')
      .option('--json', 'print JSON'),
    settings,
    verifyCommand,
  );
  bind(
    audit
      .command('prune')
      .description('take out old lines; a sealed stump is left, from which the rest can be checked')
      .requiredOption('--before <moment>', 'lines before then, as 2025-11-29T12:00:00Z')
      .option('--json', 'print JSON'),
    settings,
    pruneCommand,
  );
}

const listCommand: CommandBody = async (settings, flags, terminal) => {
  const limit = Number(flags.limit ?? listedMax);
  if (!Number.isInteger(limit) || limit < 1) return misspelt(terminal, `--limit ${flags.limit}: a number from 1`);
  const query = queryOf(flags, terminal);
  if (query === undefined) return 2;
  const lines = await listAudit(settings, query, limit);
  if (lines === undefined) return noRegister(settings, terminal);
  if (flags.json === true) printJson(terminal.output, lines.map(toJson));
  else if (lines.length === 0) terminal.output.write('No line of the audit is so.\n');
  else printTable(terminal.output, lines.map(toRow));
  return 0;
};

const exportCommand: CommandBody = async (settings, flags, terminal, [file]) => {
  const query = queryOf(flags, terminal);
  if (query === undefined) return 2;
  if (!(await registerExists(settings))) return noRegister(settings, terminal);
  if (file === undefined) {
    await exportAudit(settings, query, (line) => void terminal.output.write(`${JSON.stringify(toJson(line))}\n`));
    return 0;
  }
  const out = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  await once(out, 'open');
  const lines = await exportAudit(settings, query, async (line) => {
    if (!out.write(`${JSON.stringify(toJson(line))}\n`)) await once(out, 'drain');
  });
  out.end();
  await once(out, 'close');
  terminal.errors.write(`${file} holds ${counted(lines ?? 0, 'line')}.\n`);
  return 0;
};

const verifyCommand: CommandBody = async (settings, flags, terminal) => {
  const { appid, id } = flags;
  if (typeof id === 'string' && typeof appid !== 'string') return misspelt(terminal, '--id: give --appid as well');
  const anchors = typeof flags.against === 'string' ? await readAnchors(flags.against) : [];
  const chains = await verifyAudit(settings, anchors);
  if (chains === undefined) return noRegister(settings, terminal);
  const found = typeof id === 'string' ? await findInAudit(settings, String(appid), id) : undefined;
  const broken = chains.filter((chain) => chain.broken !== undefined);
  if (flags.json === true) {
    const ofId = found && { id, registered: found.registered, lines: found.lines.map(toJson) };
    printJson(terminal.output, { chains: chains.map(chainToJson), ...(ofId !== undefined && { found: ofId }) });
  } else {
    for (const chain of broken) terminal.output.write(`${describeBroken(chain)}\n`);
    terminal.output.write(summaryOf(chains, broken.length));
    if (found !== undefined) {
      terminal.output.write(describeId(String(id), found.registered, found.lines.length));
      if (found.lines.length > 0) printTable(terminal.output, found.lines.map(toRow));
    }
  }
  return broken.length === 0 ? 0 : 1;
};

const pruneCommand: CommandBody = async (settings, flags, terminal) => {
  const before = momentOf(flags.before);
  if (before === undefined) return misspelt(terminal, `--before ${flags.before}: spell it as 2025-11-29T12:00:00Z`);
  if (before > Date.now()) return misspelt(terminal, `--before ${flags.before}: it is still to come`);
  if (!(await registerExists(settings))) return noRegister(settings, terminal);
  const progress = showProgress(terminal, 'pruning the audit', 2_000);
  const lines = await pruneAudit(settings, before, (done) => progress.update(done, done)).finally(progress.stop);
  if (flags.json === true) printJson(terminal.output, { before: new Date(before).toISOString(), lines });
  else terminal.output.write(`${counted(lines, 'line')} of the audit pruned.\n`);
  return 0;
};

/** Undefined, and the terminal told why, if a flag is not understood. */
function queryOf(flags: Flags, terminal: Terminal): LineQuery | undefined {
  for (const name of ['from', 'to'] as const) {
    if (flags[name] === undefined || momentOf(flags[name]) !== undefined) continue;
    misspelt(terminal, `--${name} ${flags[name]}: spell it as 2026-11-29T12:00:00Z`);
    return undefined;
  }
  const text = (name: string) => flags[name] as string | undefined;
  if (text('id') !== undefined && text('appid') === undefined) {
    misspelt(terminal, '--id: give --appid as well');
    return undefined;
  }
  const [from, to] = [momentOf(flags.from), momentOf(flags.to)];
  return { appid: text('appid'), actor: text('actor'), action: text('endpoint'), id: text('id'), from, to };
}

function momentOf(value: Flags[string]): number | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

async function readAnchors(file: string) {
  try {
    return parseAnchors(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new Error(`${file}: ${(cause as Error).message}`, { cause });
  }
}

function misspelt({ errors }: Terminal, message: string): number {
  errors.write(`${message}\n`);
  return 2;
}

async function noRegister(settings: Settings, { errors }: Terminal): Promise<number> {
  errors.write(`there is no register in ${await describePlace(settings)}\n`);
  return 1;
}

/** A line as it is exported: the names of its columns. */
function toJson({ at, requestId, detail, ...line }: AuditLine): Record<string, unknown> {
  return { at: new Date(at).toISOString(), ...line, detail: detail ?? null, request_id: requestId };
}

function toRow(line: AuditLine): Record<string, string | number> {
  const ids = Object.values(line.ids).flat();
  const told = ids.map(({ id, digest }) => id ?? `#${digest.slice(0, shortHash)}`).join(' ');
  return {
    time: new Date(line.at).toISOString(),
    appid: line.appid,
    actor: line.actor,
    action: line.kind === 'stump' ? '(pruned up to here)' : line.action,
    code: line.code ?? '',
    touched: line.detail === undefined || line.kind === 'stump' ? told : JSON.stringify(line.detail),
  };
}

function describeBroken({ appid, chain, broken }: CheckedChain): string {
  const of = appid === '' ? 'the installation' : `appid ${appid}`;
  return `BROKEN: line ${broken?.sequence} of ${of}${chain === '' ? '' : `, chain ${chain}`}: ${broken?.reason}`;
}

function summaryOf(chains: readonly CheckedChain[], broken: number): string {
  const lines = chains.reduce((sum, chain) => sum + chain.lines, 0);
  const pruned = chains.reduce((sum, { prunedUpTo }) => sum + prunedUpTo, 0);
  const whole = broken === 0 ? 'all as they were written' : `${counted(broken, 'chain')} broken`;
  const gone = pruned === 0 ? '' : `; ${counted(pruned, 'line')} pruned before`;
  return `${counted(lines, 'line')} in ${counted(chains.length, 'chain')}, ${whole}${gone}.\n`;
}

function counted(count: number, one: string): string {
  return `${count} ${one}${count === 1 ? '' : 's'}`;
}

function chainToJson({ prunedUpTo, broken, ...chain }: CheckedChain): Record<string, unknown> {
  return { ...chain, pruned_up_to: prunedUpTo, broken: broken ?? null };
}

function describeId(id: string, registered: readonly string[], lines: number): string {
  const now = registered.length === 0 ? 'is not registered' : `is registered, as one of the ${registered.join(', ')}`;
  return `${id} ${now}; ${lines === 0 ? 'no line tells' : `${lines} ${lines === 1 ? 'line tells' : 'lines tell'}`} of it.\n`;
}
