/** The commands that manage keys. */
import { readFile } from 'node:fs/promises';
import { openData } from '../app/create-app.ts';
import { keepMasterKey, masterKeyFileOf, rotateMasterKey } from '../app/master-key.ts';
import {
  addKey,
  type KeyReport,
  type KeyWords,
  notToRevoke,
  prepareKey,
  readKeyWords,
  reportKey,
  reportKeys,
  revokeKey,
  setKey,
  unknownKey,
} from '../app/operator/keys.ts';
import { describePlace, openReport, registerExists } from '../app/report.ts';
import type { Settings } from '../app/settings.ts';
import { type CommandBody, type Flags, ordered, type Terminal } from './command.ts';
import { printFields, printJson, printTable } from './print.ts';
import { showProgress } from './progress.ts';

/** `keys add`: prints the key, SecretKey included, once. */
export const addKeyCommand: CommandBody = ordered(async (settings, flags, terminal) => {
  const { output } = terminal;
  const secretKey = textOf(flags, 'secretKey') ?? (await secretIn(textOf(flags, 'secretKeyFile')));
  const given = { appid: textOf(flags, 'appid'), secretId: textOf(flags, 'secretId'), secretKey };
  const key = prepareKey({ ...given, ...wordsOf(flags) }, Date.now());
  const buckets = (flags.bucket ?? []) as readonly string[];
  await using stores = await openWithProgress(settings, terminal);
  await addKey(stores, key, buckets);
  const shown = { appid: key.appid, secret_id: key.secretId, secret_key: key.secretKey };
  if (flags.json === true) printJson(output, { ...shown, ...settable(key), buckets });
  else printTable(output, [shown]);
  return 0;
});

/** `keys list`: never prints a SecretKey. */
export const listKeysCommand: CommandBody = async (settings, flags, { output }) => {
  await using register = await openReport(settings);
  const keys = register === undefined ? [] : await reportKeys(register, textOf(flags, 'appid'));
  if (flags.json === true) printJson(output, keys.map(jsonOf));
  else if (keys.length === 0) output.write('There are no keys; `familiar keys add` makes one.\n');
  else printTable(output, keys.map(rowOf));
  return 0;
};

/** `keys show`: never prints a SecretKey. */
export const showKeyCommand: CommandBody = ordered(async (settings, flags, { output }, [secretId = '']) => {
  await using register = await openReport(settings);
  if (register === undefined) throw unknownKey(secretId);
  const key = await reportKey(register, secretId);
  if (flags.json === true) printJson(output, jsonOf(key));
  else printFields(output, rowOf(key));
  return 0;
});

/** `keys set`: takes effect within a second, in servers that run, too. */
export const setKeyCommand: CommandBody = ordered(async (settings, flags, terminal, [secretId = '']) => {
  const change = readKeyWords(wordsOf(flags));
  if (!(await registerExists(settings))) throw unknownKey(secretId);
  await using stores = await openWithProgress(settings, terminal);
  await setKey(stores, secretId, change);
  const source = { listKeys: () => stores.keys.listKeys(), keyUses: () => stores.keyUses() };
  const key = await reportKey(source, secretId);
  if (flags.json === true) printJson(terminal.output, jsonOf(key));
  else printFields(terminal.output, rowOf(key));
  return 0;
});

/** `keys revoke`: takes effect within a second, in servers that run, too. */
export const revokeKeyCommand: CommandBody = ordered(async (settings, flags, terminal, [secretId = '']) => {
  if (!(await registerExists(settings))) throw notToRevoke(secretId);
  await using stores = await openWithProgress(settings, terminal);
  await revokeKey(stores, secretId, Date.now());
  if (flags.json === true) printJson(terminal.output, { secret_id: secretId, revoked: true });
  else terminal.output.write(`${secretId} is revoked.\n`);
  return 0;
});

/** `keys rotate-master`: servers that run go on, but must read the key again before an appid is added. */
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
    terminal.output.write(
      'Backups that were made before need the key of their time. Send servers that run SIGHUP, or restart them.\n',
    );
  }
  return 0;
};

/** Opens the register, and shows how far it is if it must be encrypted first. */
function openWithProgress(settings: Settings, terminal: Terminal): ReturnType<typeof openData> {
  const progress = showProgress(terminal, 'encrypting the register', 2_000);
  const onMasterKeyMade = (file: string) => void terminal.errors.write(keepMasterKey(file));
  return openData(settings, { onEncrypting: progress.update, onMasterKeyMade }).finally(progress.stop);
}

/** What is said of a key by flags. */
function wordsOf(flags: Flags): KeyWords {
  return {
    name: textOf(flags, 'name'),
    expires: textOf(flags, 'expires'),
    endpoints: textOf(flags, 'endpoints')
      ?.split(',')
      .map((word) => word.trim()),
  };
}

/** The one line of a file with a secret: command lines are seen by every user of the machine. */
async function secretIn(file: string | undefined): Promise<string | undefined> {
  return file === undefined ? undefined : (await readFile(file, 'utf8')).trim();
}

/** What may be set of a key, as JSON says it. */
function settable({ name, expiresAt, endpoints }: Pick<KeyReport, 'name' | 'expiresAt' | 'endpoints'>) {
  return {
    name: name ?? null,
    expires: expiresAt === undefined ? null : isoOf(expiresAt),
    endpoints: endpoints ?? null,
  };
}

function jsonOf(key: KeyReport) {
  return {
    appid: key.appid,
    secret_id: key.secretId,
    ...settable(key),
    created: isoOf(key.createdAt),
    last_used: key.usedAt === undefined ? null : isoOf(key.usedAt),
    revoked: key.revokedAt === null ? null : isoOf(key.revokedAt),
  };
}

function rowOf(key: KeyReport) {
  const { endpoints, ...shown } = jsonOf(key);
  const texts = Object.entries(shown).map(([column, value]) => [column, value ?? '']);
  return {
    ...(Object.fromEntries(texts) as Record<keyof typeof shown, string>),
    endpoints: endpoints?.join(',') ?? 'all',
  };
}

function isoOf(ms: number): string {
  return new Date(ms).toISOString();
}

function textOf(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === 'string' ? value : undefined;
}
