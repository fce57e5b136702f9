/** The commands and flags of `familiar`. */
import { Command, CommanderError, Option } from 'commander';
import { actingByCommand } from '../app/operator/act.ts';
import { readSettings, type SettingName, type SettingRow, SettingsError, settingsTable } from '../app/settings.ts';
import { statementFormats, statementLanguages } from '../app/statements.ts';
import { usageBy } from '../app/usage.ts';
import { addKeyCommands, addTenantCommands } from './accounts.ts';
import { addAuditCommands } from './audit.ts';
import { backupCommand, restoreCommand, verifyBackupCommand } from './backup.ts';
import { addCheckCommands } from './check.ts';
import type { Bind, Flags, Terminal } from './command.ts';
import { addConsoleCommands } from './console.ts';
import { addCopyCommands } from './copy.ts';
import { addCitusCommands } from './database.ts';
import { runDoctor } from './doctor.ts';
import { addModelCommand, listModelsCommand, useModelCommand, verifyModelsCommand } from './models.ts';
import { addPersonCommands } from './persons.ts';
import { serve } from './serve.ts';
import { placeSettings, registerSettings, settingOption } from './setting-option.ts';
import { closeMonthCommand, statementCommand } from './statement.ts';
import { addTransferCommands } from './transfer.ts';
import { addUpgradeCommands } from './upgrade.ts';
import { runUsage, usageFormats } from './usage.ts';
import { addVectorCommand } from './vectors.ts';

const serverSettings = (Object.entries(settingsTable) as [SettingName, SettingRow][])
  .filter(([, row]) => row.isSecret !== true)
  .map(([name]) => name);

/**
 * Runs a command line.
 * @param argv the words after the program's name.
 * @returns the exit code: 0 done, 1 failed, 2 not understood.
 */
export async function run(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode = 0;
  const bind: Bind = (command, names, body) => {
    for (const name of names) command.addOption(settingOption(name));
    command.option('--config <file>', 'JSON file of settings by name, under the flags and the environment');
    return command.action(async () => {
      const flags: Flags = command.opts();
      const { config } = flags;
      const settings = readSettings(flags as Partial<Record<SettingName, unknown>>, config as string | undefined);
      exitCode = await actingByCommand(nameOf(command), () => body(settings, flags, terminal, command.args));
    });
  };
  try {
    await program(terminal, bind).parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2;
    terminal.errors.write(`${error instanceof Error ? error.message : String(error)}\n`);
    return error instanceof SettingsError ? 2 : 1;
  }
}

function program({ output, errors }: Terminal, bind: Bind): Command {
  const root = new Command('familiar')
    .description('A face registry that speaks the face API of the retired 万象优图 service.')
    .configureOutput({ writeOut: (text) => output.write(text), writeErr: (text) => errors.write(text) })
    .showHelpAfterError('(--help shows what there is)')
    .helpCommand(false)
    // What follows a command is said to it, though the one that it belongs to has flags of the same names.
    .enablePositionalOptions()
    .exitOverride();
  const command = (parent: Command, name: string, about: string) => parent.command(name).description(about);

  bind(
    command(root, 'serve', 'start the server; an empty data folder gets a first key').option(
      '--new-register',
      'make an empty register although there was one whose file is gone',
    ),
    serverSettings,
    serve,
  );

  addKeyCommands(root, bind);
  const backup = bind(
    command(
      root,
      'backup',
      'back the register up while the server runs: into a new folder, or a new file that ends in .tar',
    )
      .argument('<target>', 'the folder or file; nothing is ever replaced')
      .option('--json', 'print JSON'),
    registerSettings,
    backupCommand,
  );
  bind(
    command(backup, 'verify', 'check a backup: its files, its pages, and with the master key every value')
      .argument('<backup>', 'the folder or file')
      .option('--json', 'print JSON'),
    registerSettings,
    verifyBackupCommand,
  );
  bind(
    command(root, 'restore', 'put a backup into an empty data folder')
      .argument('<backup>', 'the folder or file; with --as-of a folder of backups')
      .option('--as-of <moment>', 'take the newest backup that was made then or before, as 2026-11-29T12:00:00Z')
      .option('--json', 'print JSON'),
    registerSettings,
    restoreCommand,
  );
  addTenantCommands(root, bind);
  addTransferCommands(root, bind);
  bind(
    command(root, 'usage', 'report the calls that were counted, by appid and what you name')
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
  const statement = bind(
    command(root, 'statement', 'write the statement of a month: what an appid called, and what it costs')
      .option('--month <month>', 'calendar month, as 2026-11')
      .option('--appid <digits>', 'whose statement')
      .option('--prices <file>', 'price table (JSON); the published list of the service if absent')
      .addOption(new Option('--language <language>', 'of the words').choices(statementLanguages).default('en'))
      .addOption(new Option('--format <format>', 'how to write it').choices(statementFormats).default('text')),
    [...placeSettings, 'timeZone'],
    statementCommand,
  );
  bind(
    command(statement, 'close', 'close a month that is over: its statements are kept, and never change')
      .option('--month <month>', 'calendar month, as 2026-11')
      .option('--appid <digits>', 'of this appid only')
      .option('--prices <file>', 'price table (JSON); the published list of the service if absent')
      .option('--json', 'print JSON'),
    [...registerSettings, 'timeZone'],
    closeMonthCommand,
  );
  bind(
    command(root, 'doctor', 'say what is wrong with this installation and how to mend it; change nothing')
      .option('--deep', 'check every page of the register, and every value that is encrypted')
      .option('--forget-damaged', 'with --deep: erase the faces whose embedding or crop is damaged')
      .option('--json', 'print JSON'),
    [...registerSettings, 'host', 'port'],
    runDoctor,
  );
  addAuditCommands(
    command(root, 'audit', 'tell who changed what, and check that nobody changed the answer'),
    bind,
    registerSettings,
  );
  addPersonCommands(root, bind);
  addCheckCommands(root, bind);
  addConsoleCommands(root, bind);
  addCopyCommands(root, bind, placeSettings);
  const database = command(root, 'database', 'what concerns a register in PostgreSQL alone');
  addVectorCommand(database, bind, registerSettings);
  addCitusCommands(database, bind, placeSettings);
  const models = command(
    root,
    'models',
    'list, add, use and verify packs of networks, and upgrade the register to one',
  );
  addModelCommands(models, bind);
  addUpgradeCommands(models, bind);
  return root;
}

/** The words that call a command: `keys add`. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

function addModelCommands(models: Command, bind: Bind): void {
  const command = (name: string, about: string) =>
    models.command(name).description(about).option('--json', 'print JSON');
  bind(
    command('list', 'list the packs that are installed, and those that can be added by name'),
    placeSettings,
    listModelsCommand,
  );
  bind(
    command('add', 'download or copy a pack; every file must have the SHA-256 that its manifest names')
      .argument('<pack>', 'a name from the list, a manifest (JSON), or a folder with a pack.json')
      .option('--from <folder>', 'take the files from here; what is not there is downloaded'),
    registerSettings,
    addModelCommand,
  );
  bind(
    command(
      'use',
      "switch to a pack, from the server's next start on (with `--database` of all its servers, which must be stopped); faces of other packs are kept, and not compared",
    ).argument('<name>', 'an installed pack; `builtin` switches back'),
    registerSettings,
    useModelCommand,
  );
  bind(
    command('verify', 'check the SHA-256 of every file; exit code 1 if one is wrong').argument(
      '[name]',
      'of this pack only',
    ),
    placeSettings,
    verifyModelsCommand,
  );
}
