/** The commands and flags of `familiar`. */
import { Command, CommanderError } from 'commander';
import { actingByCommand } from '../app/operator/act.ts';
import { readSettings, type SettingName, type SettingRow, SettingsError, settingsTable } from '../app/settings.ts';
import { addKeyCommands, addTenantCommands } from './accounts.ts';
import { addAuditCommands } from './audit.ts';
import { addBackupCommands } from './backup.ts';
import { addCheckCommands } from './check.ts';
import type { Bind, Flags, Terminal } from './command.ts';
import { addCompareCommand } from './compare-packs.ts';
import { addConsoleCommands } from './console.ts';
import { addCopyCommands } from './copy.ts';
import { addCitusCommands } from './database.ts';
import { addDoctorCommand } from './doctor.ts';
import { addModelCommands } from './models.ts';
import { addPersonCommands } from './persons.ts';
import { serve } from './serve.ts';
import { placeSettings, registerSettings, settingOption } from './setting-option.ts';
import { addStatementCommands } from './statement.ts';
import { addTransferCommands } from './transfer.ts';
import { addUpgradeCommands } from './upgrade.ts';
import { addUsageCommand } from './usage.ts';
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
  addBackupCommands(root, bind);
  addTenantCommands(root, bind);
  addTransferCommands(root, bind);
  addUsageCommand(root, bind);
  addStatementCommands(root, bind);
  addDoctorCommand(root, bind);
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
  addCompareCommand(models, bind);
  return root;
}

/** The words that call a command: `keys add`. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent === null || parent.parent === null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}
