/** The command that runs the server until it is stopped. */
import { existsSync, realpathSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type App, createApp } from '../app/create-app.ts';
import { firstKeyFile } from '../app/first-key.ts';
import { keepMasterKey } from '../app/master-key.ts';
import { openNewRegister } from '../app/register.ts';
import { readSettings, type SettingName, type Settings } from '../app/settings.ts';
import { signedCurl } from '../app/signed-curl.ts';
import type { CommandBody, Flags, Terminal } from './command.ts';
import { type ProgressView, showProgress } from './progress.ts';

/** `serve`: ends with 0 after SIGTERM or SIGINT, once the requests in flight are answered. */
export const serve: CommandBody = async (settings, flags, terminal) => {
  const encrypting = showProgress(terminal, 'encrypting the register', 2_000);
  const networks = showProgress(terminal, 'importing the networks', 0);
  let faces: ProgressView | undefined;
  const onIndexing = (done: number, total: number): void => {
    // The networks are there by then.
    networks.stop();
    faces ??= showProgress(terminal, 'filing the registered faces', 2_000);
    faces.update(done, total);
  };
  let running: App | undefined;
  // A start has just read everything.
  terminal.onReload(() => void running?.reload(() => readAgain(flags)));
  const open = flags.newRegister === true ? { openStores: openNewRegister } : {};
  const onProgress = networks.update;
  const parts = { onEncrypting: encrypting.update, onProgress, onIndexing, ...open };
  await using app = await createApp(settings, parts).finally(encrypting.stop);
  terminal.output.write(`familiar listens on ${[app.url, ...(app.httpsUrl ? [app.httpsUrl] : [])].join(' and ')}\n`);
  terminal.output.write(`metrics are at ${app.adminUrl}/metrics\n`);
  running = app;
  const stopped = terminal.stopping.then((signal) => ({ signal }));
  const first = await Promise.race([app.ready.then(() => undefined), stopped]).finally(() => {
    networks.stop();
    faces?.stop();
  });
  if (first === undefined) {
    // In one write, so that whoever waits for `ready` has the rest as well.
    terminal.output.write(`ready\n${greeting(app, settings.data, terminal.output.isTTY === true)}`);
  }
  const { signal } = await stopped;
  terminal.output.write(`${signal}: finishing the requests in flight\n`);
  terminal.onSecondStop((again) =>
    terminal.output.write(`${again}: ${listInFlight(app)}; a third signal ends at once\n`),
  );
  return await finish(app, settings.drainTimeoutMs, terminal);
};

/** The settings as the command line, the environment and the file say them now. */
function readAgain(flags: Flags): Settings {
  return readSettings(flags as Partial<Record<SettingName, unknown>>, flags.config as string | undefined);
}

async function finish(app: App, timeoutMs: number, terminal: Terminal): Promise<number> {
  const late = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => late.resolve('late'), timeoutMs);
  const outcome = await Promise.race([app.drain(), late.promise]);
  clearTimeout(timer);
  if (outcome !== 'late') return 0;
  terminal.errors.write(`some requests did not finish within ${timeoutMs} ms and are dropped\n`);
  return 1;
}

/** What the server still waits for: `still in flight: 2 newperson, 1 getinfo, for up to 12 s`. */
function listInFlight(app: App): string {
  const requests = app.inFlight();
  if (requests.length === 0) return 'nothing is in flight, closing';
  const names = Map.groupBy(requests, ({ name }) => name);
  const counts = [...names].map(([name, { length }]) => `${length} ${name}`).join(', ');
  const longest = Math.round(Math.max(...requests.map(({ ms }) => ms)) / 1000);
  return `still in flight: ${counts}, for up to ${longest} s`;
}

/**
 * The greeting of the first start: the credentials, and calls to paste. What is no terminal may be kept for ever, so it is
 * given neither a SecretKey nor a signature.
 */
function greeting(app: App, data: string, isTerminal: boolean): string {
  const { masterKeyMade } = app;
  const made = masterKeyMade === undefined ? '' : `\n${keepMasterKey(masterKeyMade)}`;
  return greetingOfFirstKey(app, data, isTerminal) + made;
}

function greetingOfFirstKey({ url, firstKey }: App, data: string, isTerminal: boolean): string {
  if (firstKey === undefined) return '';
  const file = join(data, firstKeyFile);
  if (!isTerminal) {
    return `
This data folder was empty, so a first key was made, for the appid ${firstKey.appid}.
Its SecretId and SecretKey are in ${file}. Delete that file once you have read it.
`;
  }
  const photograph = samplePhotograph();
  return `
This data folder was empty, so a first key was made. It is in ${file} too; delete that file once you have read it.

  appid       ${firstKey.appid}
  SecretId    ${firstKey.secretId}
  SecretKey   ${firstKey.secretKey}

Register a person from a photograph (this signature is good for 90 days):

${signedCurl(url, firstKey, 'newperson', Date.now(), { person_id: 'ada', 'group_ids[0]': 'friends' }, photograph)}

and read the person back:

${signedCurl(url, firstKey, 'getinfo', Date.now(), { person_id: 'ada' })}

`;
}

/** One of the photographs that come with the networks, relative to the current folder if possible. */
function samplePhotograph(): string {
  const path = fileURLToPath(import.meta.resolve('@vladmandic/face-api/package.json')).replace(
    /package\.json$/,
    join('demo', 'sample1.jpg'),
  );
  const near = relative(realpathSync('.'), path);
  return existsSync(near) && !near.startsWith('..') ? near : path;
}
