/** The commands that manage keys. */
import { openData } from '../app/create-app.ts';
import { makeKey } from '../app/first-key.ts';
import { keepMasterKey, masterKeyFileOf, rotateMasterKey } from '../app/master-key.ts';
import { describePlace, openReport, registerExists } from '../app/report.ts';
import type { Settings } from '../app/settings.ts';
import type { CommandBody, Flags, Terminal } from './command.ts';
import { printJson, printTable } from './print.ts';
import { showProgress } from './progress.ts';

/** What clients put into their configuration; every character must survive a signature's `k=v&k=v`. */
const credential = /^[\w.-]{1,128}$/;

/** `keys add`: prints the key, SecretKey included, once. */
export const addKeyCommand: CommandBody = async (settings, flags, terminal) => {
  const { output, errors } = terminal;
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
  await using stores = await openWithProgress(settings, terminal);
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
  await using register = await openReport(settings);
  const keys = ((await register?.listKeys()) ?? []).map((key) => ({
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
export const revokeKeyCommand: CommandBody = async (settings, flags, terminal, [secretId = '']) => {
  const { output, errors } = terminal;
  const isRevoked = (await registerExists(settings)) && (await revoke(settings, terminal, secretId));
  if (!isRevoked) {
    errors.write(`there is no key with the SecretId ${secretId}, or it is revoked already\n`);
    return 1;
  }
  if (flags.json === true) printJson(output, { secret_id: secretId, revoked: true });
  else output.write(`${secretId} is revoked.\n`);
  return 0;
};

/** `keys rotate-master`: servers that run go on, but must be restarted before an appid is added. */
export const rotateMasterCommand: CommandBody = async (settings, flags, terminal) => {
  if (!(await registerExists(settings))) {
    terminal.errors.write(`there is no register in ${await describePlace(settings)}\n`);
    return 1;
  }
  await using stores = await openWithProgress(settings, terminal);
  const key = await rotateMasterKey(settings, stores, textOf(flags, 'newKeyFile'));
  const file = masterKeyFileOf(settings);
  if (flags.json === true) printJson(terminal.output, { fingerprint: key.fingerprint, file: file ?? null });
  else {
    terminal.output.write(
      `The master key is ${key.fingerprint} now, ${file === undefined ? 'the new one' : `in ${file}`}.\n`,
    );
    terminal.output.write('Backups that were made before need the key of their time. Restart servers that run.\n');
  }
  return 0;
};

/** Opens the register, and shows how far it is if it must be encrypted first. */
function openWithProgress(settings: Settings, terminal: Terminal): ReturnType<typeof openData> {
  const progress = showProgress(terminal, 'encrypting the register', 2_000);
  const onMasterKeyMade = (file: string) => void terminal.errors.write(keepMasterKey(file));
  return openData(settings, { onEncrypting: progress.update, onMasterKeyMade }).finally(progress.stop);
}

async function revoke(settings: Settings, terminal: Terminal, secretId: string): Promise<boolean> {
  await using stores = await openWithProgress(settings, terminal);
  return stores.keys.revokeKey(secretId, Date.now());
}

function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}
