/** The operator's order to write all persons of an appid into an archive. */
import { resolve } from 'node:path';
import type { ArchiveManifest } from '../../ops/archive/format.ts';
import { writeArchive } from '../../ops/archive/write.ts';
import type { ArchivedParts } from '../../store/archive/archived.ts';
import type { Stores } from '../../store/open.ts';
import { builtinName } from '../../vision/packs/manifest.ts';
import { packNameOf } from '../packs/agreed-analyzer.ts';
import { describePlace } from '../report.ts';
import type { Settings } from '../settings.ts';
import { programVersion } from '../version.ts';
import { unknownTenant } from './tenants.ts';
import { telling } from './told.ts';

export type { ArchiveManifest } from '../../ops/archive/format.ts';

/** What is exported, and where to. */
export interface ExportOrder {
  readonly appid: string;
  /** A new file. */
  readonly target: string;
  readonly parts: ArchivedParts;
  /** Called with how many of how many persons are written. */
  readonly onProgress: (done: number, total: number) => void;
}

/**
 * Writes all persons of an appid, as they are at one moment; servers go on meanwhile. The audit tells of it.
 * @returns what the archive says of itself.
 * @throws OrderRefused if there is no such appid; Error for the operator, with nothing left at the target, if there is no register
 *   that can be read, or the archive cannot be written.
 */
export async function exportPersons(settings: Settings, order: ExportOrder): Promise<ArchiveManifest> {
  const { appid, target, parts } = order;
  const detail = { appid, target: resolve(target), ...parts };
  const { result } = await telling(settings, 'export', detail, async (stores) =>
    exportFrom(await needStores(settings, stores), settings, order),
  );
  return result;
}

/** The same from stores that are open; the audit does not tell of it. */
export async function exportFrom(
  stores: Stores,
  settings: Pick<Settings, 'data'>,
  { appid, target, parts, onProgress }: ExportOrder,
): Promise<ArchiveManifest> {
  const [tenant] = await stores.tenants.list(appid);
  if (tenant === undefined) throw unknownTenant(appid);
  return writeArchive({
    archive: stores.archiveOf(appid),
    appid,
    parts,
    target,
    version: programVersion(),
    pack: await packOf(settings, stores),
    now: new Date(),
    onProgress: (done) => onProgress(done, Math.max(done, tenant.kept.persons)),
  });
}

/** The pack of networks in use; null for the built-in ones. */
export async function packOf(settings: Pick<Settings, 'data'>, stores: Stores): Promise<string | null> {
  const name = await packNameOf(settings, stores.packs);
  return name === builtinName ? null : name;
}

/** @throws Error that says why nothing can be read or written. */
export async function needStores(settings: Settings, stores: Stores | undefined): Promise<Stores> {
  if (stores !== undefined) return stores;
  const place = await describePlace(settings);
  throw new Error(
    `there is no register in ${place} that can be opened: it is there once a server was started, and needs its master key`,
  );
}
