/** Copies a register from one place to another: a data folder or a PostgreSQL database each. */
import { mkdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { noteIn } from '../store/audit/note-in.ts';
import { type CopyReport, copyRegister, reopenRegister } from '../store/copy/copy.ts';
import { type CopyPlace, openSource, openTarget } from '../store/copy/open.ts';
import type { Database } from '../store/database.ts';
import { dialectOf } from '../store/dialects/dialect.ts';
import { type MasterKey, openMasterKey } from '../store/encryption/master-key.ts';
import { packInUseOf } from '../store/packs/state.ts';
import type { VectorIndex } from '../store/vectors.ts';
import { builtinName } from '../vision/packs/manifest.ts';
import { type KeySettings, masterKeySource } from './master-key.ts';
import { packNameOf } from './packs/agreed-analyzer.ts';
import { type Place, type PlaceSettings, placeOf, rememberRegister } from './register.ts';
import { isDatabaseUrl } from './setting-schemas.ts';
import type { Settings } from './settings.ts';

export type { CopyReport } from '../store/copy/copy.ts';

/** One end of a copy, as the operator names it. */
export interface CopyEnd {
  /** A data folder, or the url of a PostgreSQL database; empty if the url is in a file. */
  readonly place: string;
  /** A file with the url; empty if there is none. */
  readonly urlFile: string;
  /** The file of the master key; empty for the usual place. */
  readonly masterKeyFile: string;
}

/** What is asked for. */
export interface CopyOrder {
  readonly from: CopyEnd;
  readonly to: CopyEnd;
  /** Whether servers go on with the first register when the copy is made. */
  readonly staysInUse: boolean;
  readonly onProgress: (done: number, total: number, what: string) => void;
  /** Told of the file of a master key that is made. */
  readonly onMasterKeyMade: (file: string) => void;
}

/** What became of it. */
export interface CopyResult extends CopyReport {
  readonly from: string;
  readonly to: string;
  /** The pack of networks that the first register uses; undefined for the built-in ones. */
  readonly pack: string | undefined;
  /** How the first register searches vectors, which are not copied; undefined if it has none, or the copy can have none. */
  readonly vectors: VectorIndex | undefined;
}

/**
 * Copies a register; interrupted, it goes on when it is asked for again.
 * @throws Error for the operator.
 */
export async function copy(settings: Settings, order: CopyOrder): Promise<CopyResult> {
  const [from, to] = [await placeAt(settings, order.from), await placeAt(settings, order.to)];
  if (from.name === to.name) throw new Error(`${from.name} is both ends of the copy`);
  await using source = await named(from, openSource(copyPlaceOf(from)));
  const fromKey = await named(from, keyOf(source, keySettings(settings, order.from), order.onMasterKeyMade));
  if (to.kind === 'file') await mkdir(resolve(to.file, '..'), { recursive: true, mode: 0o700 });
  await using target = await named(to, openTarget(copyPlaceOf(to)));
  if (to.kind === 'file') await rememberRegister(resolve(to.file, '..'), to.file);
  const { masterKeyFile } = order.to;
  // Servers of a database share the key that those of the folder had, unless another one is named.
  const sharesKey = to.kind === 'server' && masterKeyFile === '';
  const toKey = await named(
    to,
    sharesKey
      ? openMasterKey(target.writer, async () => fromKey)
      : keyOf(target, keySettings(settings, order.to), order.onMasterKeyMade),
  );
  const detail = { from: from.name, to: to.name };
  const deed = (code: number | null) => ({ action: 'copy', detail, code });
  // One that takes no writes any more was told of it when this copy was begun.
  const noteInSource = (code: number | null) => noteIn(source, fromKey, deed(code)).catch(() => {});
  await noteInSource(null);
  const copying = copyRegister({
    from: { database: source, masterKey: fromKey, name: from.name },
    to: { database: target, masterKey: toKey, name: to.name },
    staysInUse: order.staysInUse,
    onProgress: order.onProgress,
  });
  const report = await copying.catch(async (error: unknown) => {
    await noteInSource(1);
    throw error;
  });
  await (order.staysInUse ? noteInSource(0) : noteIn(target, toKey, deed(0)));
  const inUse = await packNameOf(
    { data: from.kind === 'file' ? resolve(from.file, '..') : settings.data },
    { find: () => packInUseOf(source.reader), isShared: from.kind === 'server' },
  );
  const pack = inUse === builtinName ? undefined : inUse;
  const canSearch = dialectOf(target.reader).vectors !== undefined;
  const vectors = canSearch ? await dialectOf(source.reader).vectors?.indexOf(source.reader) : undefined;
  return { ...report, from: from.name, to: to.name, pack, vectors };
}

/**
 * Has a register that was moved take calls again.
 * @returns false if it took them all the time.
 * @throws Error for the operator.
 */
export async function reopen(settings: PlaceSettings): Promise<boolean> {
  const place = await placeOf(settings);
  await using database = await named(place, openSource(copyPlaceOf(place)));
  return await reopenRegister(database);
}

function placeAt(settings: Settings, { place, urlFile }: CopyEnd): Promise<Place> {
  if (place !== '' && urlFile !== '') throw new Error(`${place} and ${urlFile} name one end of the copy both`);
  const database = isDatabaseUrl(place) ? place : '';
  return placeOf({ data: database === '' && place !== '' ? place : settings.data, database, databaseUrlFile: urlFile });
}

/** The key of a folder is beside it; that of a database, beside the data folder of the settings. */
function keySettings({ data, masterKey }: Settings, { place, urlFile, masterKeyFile }: CopyEnd): KeySettings {
  const folder = urlFile === '' && !isDatabaseUrl(place) ? place : data;
  return { data: folder, masterKeyFile, masterKey: masterKeyFile === '' ? masterKey : '' };
}

function keyOf(database: Database, settings: KeySettings, onMade: (file: string) => void): Promise<MasterKey> {
  return openMasterKey(database.writer, masterKeySource(settings, onMade));
}

function copyPlaceOf(place: Place): CopyPlace {
  return place.kind === 'file' ? { file: place.file } : { url: place.url };
}

async function named<T>({ name }: Place, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new Error(`${name}: ${(cause as Error).message}`, { cause });
  }
}
