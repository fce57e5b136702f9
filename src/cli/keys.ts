/** The commands that manage keys. */
import { openData } from '../app/create-app.ts';
import { makeKey } from '../app/first-key.ts';
import type { CommandBody, Flags } from './command.ts';
import { printJson, printTable } from './print.ts';

/** What clients put into their configuration; every character must survive a signature's `k=v&k=v`. */
const credential = /^[\w.-]{1,128}$/;

/** `keys add`: prints the key, SecretKey included, once. */
export const addKeyCommand: CommandBody = async (settings, flags, { output, errors }) => {
  const given = {
    appid: textOf(flags, 'appid'),
    secretId: textOf(flags, 'secretId'),
    secretKey: textOf(flags, 'secretKey'),
  };
  for (const [name, value] of Object.entries(given)) {
    if (value !== undefined && !credential.test(value)) {
      errors.write(`${name} must be 1 to 128 letters, digits, dots, dashes or underscores\n`);
      return 2;
    }
  }
  const key = makeKey(Date.now(), given);
  const buckets = (flags.bucket ?? []) as readonly string[];
  await using stores = await openData(settings);
  if (!(await stores.keys.addKey(key, buckets))) {
    errors.write(`there is a key with the SecretId ${key.secretId} already\n`);
    return 1;
  }
  const shown = { appid: key.appid, secret_id: key.secretId, secret_key: key.secretKey };
  if (flags.json === true) printJson(output, { ...shown, buckets });
  else printTable(output, [shown]);
  return 0;
};

/** `keys list`: never prints a SecretKey. */
export const listKeysCommand: CommandBody = async (settings, flags, { output }) => {
  await using stores = await openData(settings);
  const keys = (await stores.keys.listKeys()).map((key) => ({
    appid: key.appid,
    secret_id: key.secretId,
    created: new Date(key.createdAt).toISOString(),
    revoked: key.revokedAt === null ? '' : new Date(key.revokedAt).toISOString(),
  }));
  if (flags.json === true)
    printJson(
      output,
      keys.map((key) => ({ ...key, revoked: key.revoked || null })),
    );
  else if (keys.length === 0) output.write('There are no keys; `familiar keys add` makes one.\n');
  else printTable(output, keys);
  return 0;
};

/** `keys revoke`: takes effect with the next call, in a running server too. */
export const revokeKeyCommand: CommandBody = async (settings, flags, { output, errors }, [secretId = '']) => {
  await using stores = await openData(settings);
  if (!(await stores.keys.revokeKey(secretId, Date.now()))) {
    errors.write(`there is no key with the SecretId ${secretId}, or it is revoked already\n`);
    return 1;
  }
  if (flags.json === true) printJson(output, { secret_id: secretId, revoked: true });
  else output.write(`${secretId} is revoked.\n`);
  return 0;
};

function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}
