/** The command that lets somebody into the console. */
import type { Command } from 'commander';
import { makeLink, roles } from '../app/operator/links.ts';
import { type Bind, type CommandBody, ordered } from './command.ts';
import { printJson } from './print.ts';
import { registerSettings } from './setting-option.ts';

/** Adds `console`. */
export function addConsoleCommands(root: Command, bind: Bind): void {
  const parent = root.command('console').description('let operators sign in on the operator’s listener');
  bind(
    parent
      .command('link')
      .description('print a link by which somebody sets a password and signs in; it works once, within an hour')
      .option('--name <name>', 'who it is for; an operator of this name gets a new password', 'admin')
      .option('--role <role>', `what they may do: ${roles.join(', ')}`, 'owner')
      .option('--appid <digits>', 'with this appid only; with all of them, and the installation, if absent')
      .option('--json', 'print JSON'),
    [...registerSettings, 'adminHost', 'adminPort'],
    linkCommand,
  );
}

const linkCommand: CommandBody = ordered(async (settings, flags, { output, errors }) => {
  const { name, role, appid } = flags as { name: string; role: string; appid: string | undefined };
  const link = await makeLink(settings, { name, role, appid }, Date.now());
  if (flags.json === true) printJson(output, link);
  else output.write(`${link.url}\n`);
  if (!link.isServed)
    errors.write('no server runs on this data folder: start it, and open the link at its operator’s listener\n');
  return 0;
});
