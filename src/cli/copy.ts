/** The commands that move a register from one place to another. */
import type { Command } from 'commander';
import { type CopyEnd, copy, reopen } from '../app/copy.ts';
import { keepMasterKey } from '../app/master-key.ts';
import { describePlace } from '../app/report.ts';
import type { SettingName } from '../app/settings.ts';
import type { Bind, CommandBody, Flags } from './command.ts';
import { printJson } from './print.ts';
import { showProgress } from './progress.ts';

/** `copy`: servers may go on with the first register until the last seconds. */
const copyCommand: CommandBody = async (settings, flags, terminal) => {
  const [from, to] = [endOf(flags, 'from'), endOf(flags, 'to')];
  for (const [name, end] of Object.entries({ from, to })) {
    if (end.place !== '' || end.urlFile !== '') continue;
    terminal.errors.write(
      `--${name} names a data folder or the url of a PostgreSQL database; --${name}-url-file a file with that\n`,
    );
    return 2;
  }
  const progress = showProgress(terminal, 'persons', 2_000);
  const staysInUse = flags.keepSource === true;
  const onMasterKeyMade = (file: string) => void terminal.errors.write(keepMasterKey(file));
  const order = { from, to, staysInUse, onProgress: progress.update, onMasterKeyMade };
  const { appids, readOnlyMs, pack, vectors, ...places } = await copy(settings, order).finally(progress.stop);
  if (flags.json === true) {
    printJson(terminal.output, {
      ...places,
      pack: pack ?? null,
      vectors: vectors ?? null,
      read_only_ms: Math.round(readOnlyMs),
      appids,
    });
    return 0;
  }
  const { output } = terminal;
  for (const { appid, counts, sha256 } of appids) {
    output.write(`${appid}  ${counts.persons} persons  ${counts.faces} faces  sha256 ${sha256}\n`);
  }
  output.write(`${places.to} holds what ${places.from} holds, and was compared with it.\n`);
  output.write(
    staysInUse
      ? `${places.from} took no writes for ${Math.ceil(readOnlyMs / 1_000)} s; what is written to it from now on is not in the copy.\n`
      : `${places.from} takes no calls any more: start the servers with ${places.to}. \`familiar copy reopen\` takes it up again.\n`,
  );
  if (vectors !== undefined)
    output.write(
      `Vectors are not copied: \`familiar database vectors on --index ${vectors}\` writes them into ${places.to}.\n`,
    );
  if (pack !== undefined)
    output.write(`Its faces were embedded by the pack ${pack}: add and use it where the servers run.\n`);
  return 0;
};

/** `copy reopen`: undoes that a register was moved. */
const reopenCommand: CommandBody = async (settings, flags, { output }) => {
  const wasMoved = await reopen(settings);
  const place = await describePlace(settings);
  if (flags.json === true) printJson(output, { place, reopened: wasMoved });
  else
    output.write(wasMoved ? `${place} takes calls and writes again.\n` : `${place} was not moved; nothing was done.\n`);
  return 0;
};

/** Adds the commands. */
export function addCopyCommands(root: Command, bind: Bind, settings: readonly SettingName[]): void {
  const command = bind(
    root
      .command('copy')
      .description(
        'copy a register into an empty folder or database, and have servers move to it; they may run meanwhile',
      )
      .option('--from <place>', 'the data folder, or the url of the PostgreSQL database')
      .option('--to <place>', 'the same of what is made; it must be empty, or a part of this copy')
      .option('--from-url-file <file>', 'file with the url, since every user of the machine sees command lines')
      .option('--to-url-file <file>', 'the same of what is made')
      .option('--from-master-key-file <file>', 'the master key, if it is not beside the data folder')
      .option('--to-master-key-file <file>', 'another master key for what is made')
      .option('--keep-source', 'have the first register take writes again when the copy is made')
      .option('--json', 'print JSON'),
    ['data'],
    copyCommand,
  );
  bind(
    command
      .command('reopen')
      .description('have a register that was moved take calls again: what was written to its copy is not in it')
      .option('--json', 'print JSON'),
    settings,
    reopenCommand,
  );
}

function endOf(flags: Flags, name: 'from' | 'to'): CopyEnd {
  const text = (flag: string): string => (typeof flags[flag] === 'string' ? flags[flag] : '');
  return { place: text(name), urlFile: text(`${name}UrlFile`), masterKeyFile: text(`${name}MasterKeyFile`) };
}
