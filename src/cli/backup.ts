/** The commands that make, check and restore backups. */
import type { Command } from 'commander';
import { backUp, checkBackup, type Manifest, restore } from '../app/backup.ts';
import { masterKeyFileOf } from '../app/master-key.ts';
import type { Bind, CommandBody } from './command.ts';
import { printJson } from './print.ts';
import { showProgress } from './progress.ts';
import { registerSettings } from './setting-option.ts';

/** Adds `backup` and `restore`. */
export function addBackupCommands(root: Command, bind: Bind): void {
  const backup = bind(
    root
      .command('backup')
      .description('back the register up while the server runs: into a new folder, or a new file that ends in .tar')
      .argument('<target>', 'the folder or file; nothing is ever replaced')
      .option('--json', 'print JSON'),
    registerSettings,
    backupCommand,
  );
  bind(
    backup
      .command('verify')
      .description('check a backup: its files, its pages, and with the master key every value')
      .argument('<backup>', 'the folder or file')
      .option('--json', 'print JSON'),
    registerSettings,
    verifyBackupCommand,
  );
  bind(
    root
      .command('restore')
      .description('put a backup into an empty data folder')
      .argument('<backup>', 'the folder or file; with --as-of a folder of backups')
      .option('--as-of <moment>', 'take the newest backup that was made then or before, as 2026-11-29T12:00:00Z')
      .option('--json', 'print JSON'),
    registerSettings,
    restoreCommand,
  );
}

/** `backup`: the server may run; nothing is ever replaced. */
const backupCommand: CommandBody = async (settings, flags, terminal, [target = '']) => {
  const progress = showProgress(terminal, 'copying the register', 2_000);
  const { result: manifest, isTold } = await backUp(settings, target, progress.update).finally(progress.stop);
  if (!isTold) terminal.errors.write('The audit does not tell of this backup: the master key is not at hand.\n');
  if (flags.json === true) printJson(terminal.output, { backup: target, ...manifest });
  else {
    terminal.output.write(`${target} ${holds(manifest)}.\n`);
    if (manifest.masterKey !== null) terminal.output.write(`${keyNote(manifest.masterKey)}\n`);
  }
  return 0;
};

/** `backup verify`: exit code 1 with the reason if anything in it is not as it was. */
const verifyBackupCommand: CommandBody = async (settings, flags, terminal, [path = '']) => {
  const progress = showProgress(terminal, 'reading every value', 2_000);
  const { manifest, isDecrypted } = await checkBackup(settings, path, progress.update).finally(progress.stop);
  if (flags.json === true) printJson(terminal.output, { backup: path, decrypted: isDecrypted, ...manifest });
  else {
    const what = isDecrypted
      ? 'every page is well and every value can be decrypted'
      : `every page is well; what is encrypted was not checked, since the master key ${manifest.masterKey} is not at hand (--master-key-file)`;
    terminal.output.write(`${path}, made at ${manifest.madeAt}: ${what}.\n`);
  }
  return 0;
};

/** `restore`: into an empty folder; a server must not be running on it. */
const restoreCommand: CommandBody = async (settings, flags, terminal, [path = '']) => {
  const asOf = typeof flags.asOf === 'string' ? new Date(flags.asOf) : undefined;
  if (asOf !== undefined && Number.isNaN(asOf.getTime())) {
    terminal.errors.write(`--as-of is a moment as 2026-11-29T12:00:00Z, and not ${flags.asOf}\n`);
    return 2;
  }
  const restored = await restore(settings, path, asOf);
  const { masterKey, pack } = restored.manifest;
  if (flags.json === true)
    printJson(terminal.output, { backup: restored.path, data: settings.data, ...restored.manifest });
  else {
    const { output } = terminal;
    output.write(`${settings.data} ${holds(restored.manifest)}.\n`);
    if (masterKey !== null) {
      const file = masterKeyFileOf(settings);
      output.write(`Its master key is ${masterKey}; the server looks for it in ${file ?? 'the environment'}.\n`);
    }
    if (pack !== null)
      output.write(`Its faces were embedded by the pack ${pack}: add and use it before the first start.\n`);
  }
  return 0;
};

/** `holds 1 person and 3 faces as of 2026-11-29T12:00:00.000Z`. */
function holds({ contents: { persons, faces }, madeAt }: Manifest): string {
  const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`;
  return `holds ${counted(persons, 'person')} and ${counted(faces, 'face')} as of ${madeAt}`;
}

function keyNote(fingerprint: string): string {
  return `It opens with the master key ${fingerprint} only; keep that key in another place.`;
}
