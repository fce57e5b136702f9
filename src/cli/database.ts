/** The commands that spread a register in PostgreSQL over several machines. */

import type { Command } from 'commander';
import { distributeRegister, rebalanceRegister, shardsByDefault } from '../app/database.ts';
import type { SettingName } from '../app/settings.ts';
import type { Bind, CommandBody } from './command.ts';
import { printJson } from './print.ts';

/** More parts than any cluster has machines. */
const shardsMax = 1_024;

/** `database distribute`: says what it did; given again, it does what is left to do. */
const distributeCommand: CommandBody = async (settings, flags, { output, errors }) => {
  const shards = flags.shards === undefined ? shardsByDefault : Number(flags.shards);
  if (!Number.isInteger(shards) || shards < 1 || shards > shardsMax) {
    errors.write(`--shards is a number from 1 to ${shardsMax}, and not ${String(flags.shards)}\n`);
    return 2;
  }
  const done = await distributeRegister(settings, shards);
  if (flags.json === true) printJson(output, done);
  else {
    const { spread, divided, everywhere } = done;
    output.write(spread.length === 0 ? 'Every table was spread before; nothing was done.\n' : '');
    output.write(`Divided by appid into ${done.shards} parts on ${machines(done.workers)}: ${divided.join(', ')}.\n`);
    output.write(`Whole on each machine: ${everywhere.join(', ')}.\n`);
    if (spread.length > 0) output.write('Restart the servers one by one, so that they know.\n');
  }
  return 0;
};

/** `database rebalance`: Citus works in the background. */
const rebalanceCommand: CommandBody = async (settings, flags, { output }) => {
  const done = await rebalanceRegister(settings);
  if (flags.json === true) printJson(output, done);
  else output.write(`${told[done.state](machines(done.workers))}\n`);
  return 0;
};

const howFar = '`select * from citus_rebalance_status()` in the database says how far it is';
const told = {
  began: (on: string) => `Citus moves parts of the tables, so that ${on} hold as much as each other; ${howFar}.`,
  running: (on: string) => `Citus is moving parts of the tables between ${on} since before; ${howFar}.`,
  even: (on: string) => `There is nothing to move: the parts of the tables are even on ${on}.`,
} as const;

function machines(count: number): string {
  return `${count} ${count === 1 ? 'worker' : 'workers'}`;
}

/** Adds the commands that spread a register over machines. */
export function addCitusCommands(database: Command, bind: Bind, settings: readonly SettingName[]): void {
  bind(
    database
      .command('distribute')
      .description('divide the tables by appid among the workers of a Citus cluster; what is divided stays as it is')
      .option('--shards <number>', 'into how many parts, if they are not divided yet; 32 if absent')
      .option('--json', 'print JSON'),
    settings,
    distributeCommand,
  );
  bind(
    database
      .command('rebalance')
      .description('have Citus move parts, so that each worker holds as much as the others')
      .option('--json', 'print JSON'),
    settings,
    rebalanceCommand,
  );
}
