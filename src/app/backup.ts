/** Makes, checks and restores backups of an installation. */
import { join, resolve } from 'node:path';
import { makeBackup } from '../ops/backup/make.ts';
import type { Manifest } from '../ops/backup/manifest.ts';
import { findBackup, openBackup, restoreBackup } from '../ops/backup/restore.ts';
import { checkValues, type DamagedRow, findIncomplete, type OnChecking } from '../store/check-values.ts';
import { inspect } from '../store/inspect.ts';
import { packNameInUse } from '../vision/packs/folder.ts';
import { builtinName } from '../vision/packs/manifest.ts';
import { describeDamage } from './damage.ts';
import { findMasterKey } from './master-key.ts';
import { packsFolder } from './models.ts';
import { type Told, telling } from './operator/told.ts';
import { placeOf } from './register.ts';
import { registerExists } from './report.ts';
import { flagOf, type Settings } from './settings.ts';
import { programVersion } from './version.ts';

export type { Manifest } from '../ops/backup/manifest.ts';

/**
 * Backs the register up; servers go on meanwhile. The backup holds the line of the audit that tells of its beginning.
 * @throws Error for the operator if there is no register, it is in PostgreSQL, or the backup cannot be made.
 */
export async function backUp(settings: Settings, target: string, onProgress: OnChecking): Promise<Told<Manifest>> {
  const place = await placeOf(settings);
  if (place.kind === 'server') {
    throw new Error(
      `The register is in ${place.name}: back it up as any PostgreSQL database, with pg_dump or by continuous archiving, ` +
        'or copy a small one into a folder and back that up: familiar copy --keep-source --from URL --to FOLDER',
    );
  }
  if (!(await registerExists(settings))) throw new Error(`there is no register in ${settings.data}`);
  const inUse = await packNameInUse(join(settings.data, packsFolder));
  const pack = inUse === builtinName ? null : inUse;
  const { file } = place;
  const options = { file, target, version: programVersion(), pack, now: new Date(), onProgress };
  return telling(settings, 'backup', { target: resolve(target) }, () => makeBackup(options));
}

/** What came of checking a backup. */
export interface CheckedBackup {
  readonly manifest: Manifest;
  /** False if the master key is not at hand, so that only files and pages were checked. */
  readonly isDecrypted: boolean;
}

/**
 * Checks a backup: its files, its pages, and, with the master key that the settings name, every encrypted value.
 * @throws Error that says what is wrong with it.
 */
export async function checkBackup(settings: Settings, path: string, onProgress: OnChecking): Promise<CheckedBackup> {
  await using backup = await openBackup(path);
  const { manifest, database } = backup;
  const key = manifest.masterKey === null ? undefined : await keyFor(settings, manifest.masterKey);
  if (key === undefined) return { manifest, isDecrypted: manifest.masterKey === null };
  await using register = await inspect(database);
  const damaged: readonly DamagedRow[] = [
    ...(await checkValues(register.db, key, { onProgress })),
    ...(await findIncomplete(register.db)),
  ];
  if (damaged.length > 0) throw new Error(`${path}: ${describeDamage(damaged)}`);
  return { manifest, isDecrypted: true };
}

/**
 * Restores a backup into the data folder.
 * @param path of a backup; of a folder of backups if `asOf` is given, of which the newest that is not later is taken.
 * @returns the backup's path and what it says of itself.
 */
export async function restore(
  settings: Settings,
  path: string,
  asOf?: Date,
): Promise<{ readonly path: string; readonly manifest: Manifest }> {
  if ((await placeOf(settings)).kind === 'server') {
    throw new Error(
      `a backup is restored into a folder: leave ${flagOf('database')} out, and then move it with familiar copy --from FOLDER --to URL`,
    );
  }
  const chosen = asOf === undefined ? path : await findBackup(path, asOf);
  return { path: chosen, manifest: await restoreBackup(chosen, resolve(settings.data)) };
}

async function keyFor(settings: Settings, fingerprint: string) {
  const key = await findMasterKey(settings, fingerprint);
  return key?.fingerprint === fingerprint ? key : undefined;
}
