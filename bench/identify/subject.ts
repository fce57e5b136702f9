/** Prepares, starts and calls a server whose registry contains made-up people. */
import { execFileSync } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { mkdtemp, rm, symlink } from 'node:fs/promises';
import { cpus, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { fileURLToPath } from 'node:url';
import { modelsFolder, openAnalyzer } from '../../src/app/analyzer.ts';
import { openData } from '../../src/app/create-app.ts';
import { makeKey } from '../../src/app/first-key.ts';
import { masterKeySource } from '../../src/app/master-key.ts';
import { databaseFile } from '../../src/app/register.ts';
import { readSettings } from '../../src/app/settings.ts';
import type { Key } from '../../src/auth/keys.ts';
import type { MasterKey } from '../../src/store/encryption/master-key.ts';
import { type Load, load, type Shot, type Until } from '../load.ts';
import { type Subject, start } from '../process.ts';
import { formShot } from '../shots.ts';
import { median } from '../statistics.ts';
import { fill, type People } from './fill.ts';

/** The repository's folder. */
export const root = fileURLToPath(new URL('../../', import.meta.url));
/** Connections that identify. */
export const identifiers = 4;

/** The imported networks, and the model and length of their embeddings. */
export interface ImportedNetworks extends AsyncDisposable {
  readonly folder: string;
  readonly model: string;
  readonly dimension: number;
}

/** Imports the networks into a folder of their own. */
export async function importNetworks(): Promise<ImportedNetworks> {
  const folder = await mkdtemp(join(tmpdir(), 'familiar-models-'));
  await using analyzer = await openAnalyzer(readSettings({ data: folder, workers: 1 }, undefined, {}));
  const { model, dimension } = analyzer;
  return { folder, model, dimension, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) };
}

/** A data folder with people in it. */
export interface Folder extends AsyncDisposable {
  readonly data: string;
  /** The database in it. */
  readonly file: string;
  readonly key: Key;
  readonly fillSeconds: number;
}

/** Makes a data folder and fills its registry. */
export async function prepare(
  { folder, model, dimension }: ImportedNetworks,
  people: Pick<People, 'faces' | 'groupsOf'>,
): Promise<Folder> {
  const data = await mkdtemp(join(tmpdir(), 'familiar-bench-'));
  await symlink(join(folder, modelsFolder), join(data, modelsFolder));
  const key = makeKey(0);
  const settings = readSettings({ data }, undefined, {});
  {
    await using stores = await openData(settings);
    await stores.keys.addKey(key, []);
  }
  const file = join(data, databaseFile);
  const begun = performance.now();
  const dataKey = dataKeyOf(file, key.appid, await masterKeySource(settings)(undefined));
  fill(file, { appid: key.appid, dataKey, model, dimension, ...people });
  const fillSeconds = (performance.now() - begun) / 1000;
  const remove = async (): Promise<void> => {
    await rm(data, { recursive: true });
    await rm(`${data}.key`);
  };
  return { data, file, key, fillSeconds, [Symbol.asyncDispose]: remove };
}

/** The data key of an appid, as it is in a database that nobody has open. */
export function dataKeyOf(file: string, appid: string, master: MasterKey): KeyObject {
  const database = new DatabaseSync(file, { readOnly: true });
  const row = database.prepare('select wrapped from data_keys where appid = ?').get(appid);
  database.close();
  return master.unwrap(appid, row?.wrapped as Uint8Array);
}

/** Starts a server over a folder, warm. */
export async function serve({ data, key }: Folder, groupId: string): Promise<Subject & AsyncDisposable> {
  const limits = ['--persons-per-group-max', '1000000000', '--groups-max', '1000000000'];
  const server = await start([join(root, 'src/main.ts'), 'serve', '--port', '0', '--data', data, ...limits]);
  await server.printed('ready');
  await load(server.url, 1, { calls: 5 }, () => identifyShot(key, [groupId]));
  return server;
}

/** A load, and the time of its searches from the server's log. */
export interface Measured extends Load {
  /** From the embedding to the candidates, median milliseconds. */
  readonly searchMs: number;
}

/** Identifies among some groups, different ones each time. */
export async function identifying(
  server: Subject,
  key: Key,
  until: Until,
  groupIds: (i: number) => readonly string[],
): Promise<Measured> {
  const before = server.log().length;
  const measured = await load(server.url, identifiers, until, (i) => identifyShot(key, groupIds(i)));
  const lines = server.log().slice(before);
  const calls = lines.map((line) => JSON.parse(line) as { endpoint?: string; stages: Record<string, number> });
  const searches = calls.filter(({ endpoint }) => endpoint === 'identify').map(({ stages }) => stages.search ?? 0);
  return { ...measured, searchMs: median(searches) };
}

function identifyShot(key: Key, groupIds: readonly string[]): Shot {
  return formShot('identify', key, Object.fromEntries(groupIds.map((id, i) => [`group_ids[${i}]`, id])));
}

/** The machine, commit and date of the measurement, for a page. */
export function renderCircumstances({ dimension }: ImportedNetworks): string {
  const git = (...words: string[]) => execFileSync('git', words, { cwd: root, encoding: 'utf8' }).trim();
  return `- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- commit: ${git('rev-parse', '--short', 'HEAD')}
- date: ${new Date().toISOString().slice(0, 10)}
- embeddings: ${dimension} elements`;
}

/** A count with separators. */
export function count(value: number): string {
  return value.toLocaleString('en');
}

/** A load's figures: calls a second, p50, p99, search. */
export function figures({ perSecond, p50, p99, searchMs }: Measured): readonly string[] {
  return [perSecond.toFixed(1), p50.toFixed(0), p99.toFixed(0), searchMs.toFixed(1)];
}
