/** The commands and flags for keys and appids. */
import type { Command } from 'commander';
import { endpointSets } from '../app/operator/endpoint-sets.ts';
import { limitNames, limitTable, wordFor, wordsOf } from '../app/operator/tenant-limits.ts';
import type { Bind } from './command.ts';
import {
  addKeyCommand,
  listKeysCommand,
  revokeKeyCommand,
  rotateMasterCommand,
  setKeyCommand,
  showKeyCommand,
} from './keys.ts';
import { placeSettings, registerSettings } from './setting-option.ts';
import {
  addTenantCommand,
  listTenantsCommand,
  removeTenantCommand,
  setTenantCommand,
  showTenantCommand,
} from './tenants.ts';

/** Adds `keys`. */
export function addKeyCommands(root: Command, bind: Bind): void {
  const keys = root.command('keys').description('add, show, change and revoke the keys that callers sign with');
  const command = (name: string, about: string) => keys.command(name).description(about);
  bind(
    withKeyWords(command('add', 'add a key: the one you have, or a new one'))
      .option('--appid <digits>', 'the appid it belongs to; made if absent')
      .option('--secret-id <text>', 'the SecretId; made if absent')
      .option('--secret-key <text>', 'the SecretKey; made if absent')
      .option('--secret-key-file <file>', 'file with the SecretKey on one line: command lines are seen by every user')
      .option('--bucket <names...>', 'buckets that the appid declares; signatures for others are refused (code 16)')
      .option('--json', 'print JSON'),
    registerSettings,
    addKeyCommand,
  );
  bind(
    command('list', 'list the keys, without their SecretKeys')
      .option('--appid <digits>', 'of this appid only')
      .option('--json', 'print JSON'),
    placeSettings,
    listKeysCommand,
  );
  bind(
    command('show', 'show a key, without its SecretKey')
      .argument('<secret-id>', 'the SecretId')
      .option('--json', 'print JSON'),
    placeSettings,
    showKeyCommand,
  );
  bind(
    withKeyWords(command('set', 'change a key; servers that run follow within a second'))
      .argument('<secret-id>', 'the SecretId')
      .option('--json', 'print JSON'),
    registerSettings,
    setKeyCommand,
  );
  bind(
    command('revoke', 'revoke a key: calls signed with it are refused from now on (code 11)')
      .argument('<secret-id>', 'the SecretId')
      .option('--json', 'print JSON'),
    registerSettings,
    revokeKeyCommand,
  );
  bind(
    command('rotate-master', 'change the master key, which encrypts the key of each appid')
      .option('--new-key-file <file>', 'file with the next key, 32 bytes in base64 on one line; made if absent')
      .option('--json', 'print JSON'),
    registerSettings,
    rotateMasterCommand,
  );
}

/** Adds `tenants`. */
export function addTenantCommands(root: Command, bind: Bind): void {
  const tenants = root.command('tenants').description('add, show, limit and end appids');
  const command = (name: string, about: string) => tenants.command(name).description(about);
  bind(
    withTenantWords(command('add', 'add an appid, without a key').argument('<appid>', 'the appid')),
    [...registerSettings, 'timeZone'],
    addTenantCommand,
  );
  bind(
    command('list', 'list the appids').option('--json', 'print JSON'),
    [...placeSettings, 'timeZone'],
    listTenantsCommand,
  );
  bind(
    command('show', 'show an appid: its limits and what it keeps')
      .argument('<appid>', 'the appid')
      .option('--json', 'print JSON'),
    [...placeSettings, 'timeZone'],
    showTenantCommand,
  );
  bind(
    withTenantWords(
      command('set', 'change an appid; servers that run follow within a second').argument('<appid>', 'the appid'),
    ),
    [...registerSettings, 'timeZone'],
    setTenantCommand,
  );
  bind(
    command('remove', 'end an appid for ever: destroy its data key, erase its keys, persons and faces')
      .argument('<appid>', 'the appid')
      .option('--json', 'print JSON'),
    registerSettings,
    removeTenantCommand,
  );
}

function withKeyWords(command: Command): Command {
  const sets = Object.keys(endpointSets).join(' or ');
  return command
    .option('--name <text>', 'what you call it')
    .option(
      '--expires <moment>',
      'when it is refused from, as 2027-01-31 or 2027-01-31T12:00:00Z (code 11); never if absent',
    )
    .option(
      '--endpoints <names>',
      `what it may call, else code 11: endpoints or ${sets}, separated by commas; all if absent`,
    );
}

function withTenantWords(command: Command): Command {
  for (const name of limitNames) {
    command.option(
      `--${wordsOf(name).join('-')} <${wordFor(name)}>`,
      `${limitTable[name].about}; default for the server’s settings`,
    );
  }
  return command
    .option('--bucket <names...>', 'all buckets that it declares; signatures for others are refused (code 16)')
    .option('--no-buckets', 'it declares no buckets, and every one passes')
    .option('--note <text>', 'a line for you')
    .option('--json', 'print JSON');
}
