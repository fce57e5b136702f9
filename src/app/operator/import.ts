/** The operator's orders to bring persons in: from an archive, or from pictures. */
import { randomUUID } from 'node:crypto';
import { join, resolve } from 'node:path';
import type { FaceAnalyzer } from '../../domain/face-analyzer.ts';
import { createFaceIds } from '../../domain/ids.ts';
import type { CallerLimits } from '../../http/limits.ts';
import { ArchiveRefused, type ImportReport, importArchive } from '../../ops/archive/import.ts';
import { describeArchive } from '../../ops/archive/read.ts';
import { openCompreFace } from '../../ops/enrolment/compreface.ts';
import { type EnrolOptions, type EnrolReport, enrol } from '../../ops/enrolment/enrol.ts';
import { openFolders } from '../../ops/enrolment/folders.ts';
import { Journal } from '../../ops/enrolment/journal.ts';
import type { PictureSupply } from '../../ops/enrolment/supply.ts';
import { openTable } from '../../ops/enrolment/table.ts';
import type { Stores } from '../../store/open.ts';
import { openAnalyzerFor, type Progress } from '../analyzer.ts';
import { limitsOf } from '../caller-limits.ts';
import { downloadsOf } from '../downloads.ts';
import type { OpenedAnalyzer } from '../packs/opened-analyzer.ts';
import { PackSwitch } from '../packs/pack-switch.ts';
import { type Settings, workersOf } from '../settings.ts';
import { needStores, packOf } from './export.ts';
import { OrderRefused } from './order.ts';
import { unknownTenant } from './tenants.ts';
import { telling } from './told.ts';

/** The folder in the data folder that holds what imports have done, until they have come to their end. */
const journalsFolder = 'imports';

/** What all imports are told. */
export interface ImportOrder {
  /** Whose the persons become; that of the archive, or the only one that there is, if absent. */
  readonly appid: string | undefined;
  readonly isDryRun: boolean;
  readonly onProgress: (done: number, total: number) => void;
  /** Aborts when the import is to stop. */
  readonly signal: AbortSignal;
}

/** What came of an archive. */
export interface ArchiveImported extends ImportReport {
  readonly appid: string;
  /** The pack of networks in use here; null for the built-in ones. */
  readonly pack: string | null;
}

/**
 * Imports an archive, under the ids that it holds; servers may run. The audit tells of it.
 * @throws OrderRefused, with nothing changed, if there is no such appid or if the archive cannot be imported; Refusal if a limit
 *   is in the way, and the signal's reason: what was imported until then is there, and the same order goes on.
 */
export async function importPersons(settings: Settings, file: string, order: ImportOrder): Promise<ArchiveImported> {
  const appid = order.appid ?? (await describeArchive(file)).appid;
  const detail = { appid, from: 'archive', file: resolve(file), ...(order.isDryRun && { dry_run: true }) };
  const { result } = await telling(settings, 'import', detail, async (stores) =>
    importInto(await needStores(settings, stores), settings, file, { ...order, appid }),
  );
  return result;
}

/** The same into stores that are open; the audit tells of the persons, and not of the order. */
export async function importInto(
  stores: Stores,
  settings: Settings,
  file: string,
  { appid, isDryRun, onProgress, signal }: ImportOrder & { readonly appid: string },
): Promise<ArchiveImported> {
  const limits = await limitsFor(settings, stores, appid);
  try {
    const archive = stores.archiveOf(appid);
    const report = await importArchive({ file, archive, limits, isDryRun, onProgress, signal });
    return { ...report, appid, pack: await packOf(settings, stores) };
  } catch (error) {
    throw error instanceof ArchiveRefused ? new OrderRefused('exists', error.message) : error;
  }
}

/** Where pictures come from. */
export type PictureOrigin =
  | { readonly kind: 'folders'; readonly folder: string }
  | { readonly kind: 'csv'; readonly file: string }
  | { readonly kind: 'compreface'; readonly url: string; readonly apiKey: string };

/** What an import of pictures is told besides. */
export interface PictureOrder extends ImportOrder {
  readonly origin: PictureOrigin;
  /** The group of persons who are put into none otherwise. */
  readonly groupId: string;
  /** As in {@link EnrolOptions}. */
  readonly onRefused: EnrolOptions['onRefused'];
  /** Told how many of how many networks are loaded, where they are imported for the first time. */
  readonly onNetworks: Progress;
}

/** What came of pictures. */
export interface PicturesImported extends EnrolReport {
  readonly appid: string;
}

/** What a test may put in the place of the networks. */
export type OpenAnalyzer = (settings: Settings, stores: Stores, onProgress: Progress) => Promise<OpenedAnalyzer>;

/**
 * Enrols pictures; servers may run. An import that was interrupted goes on when it is ordered again. The audit tells of it, and of
 * each person.
 * @throws OrderRefused if there is no such appid; Error for the operator if the origin cannot be read; else as `enrol` does.
 */
export async function importPictures(
  settings: Settings,
  order: PictureOrder,
  openAnalyzer: OpenAnalyzer = openAnalyzerFor,
): Promise<PicturesImported> {
  const { origin, isDryRun, onNetworks } = order;
  await using opened = new AsyncDisposableStack();
  const supply = await openSupply(settings, order, opened);
  const from = { from: origin.kind, ...(isDryRun && { dry_run: true }) };
  const { result } = await telling(settings, 'import', from, async (stores) => {
    const open = await needStores(settings, stores);
    const appid = order.appid ?? (await onlyAppid(open));
    const limits = await limitsFor(settings, open, appid);
    // An import lets no more pictures wait than it can hold: nobody is to be refused for it.
    await using analyzer = await openAnalyzer({ ...settings, queueMax: 1_000_000 }, open, onNetworks);
    // Faces get the embeddings of every pack that the register keeps. Nobody is searched.
    await using packs = await PackSwitch.open(analyzer, { stores: open, bytesMax: 0, onFault: () => {} });
    const { analyzer: current } = await packs.recogniser();
    return await enrolInto({ stores: open, analyzer: current, limits, supply }, settings, { ...order, appid });
  });
  return result;
}

/** What pictures are enrolled with. */
interface EnrolParts {
  readonly stores: Stores;
  readonly analyzer: FaceAnalyzer;
  readonly limits: CallerLimits;
  readonly supply: PictureSupply;
}

async function enrolInto(
  { stores, analyzer, limits, supply }: EnrolParts,
  settings: Settings,
  { appid, isDryRun, onProgress, onRefused, signal }: PictureOrder & { readonly appid: string },
): Promise<PicturesImported> {
  const journalKey = JSON.stringify([appid, supply.key]);
  await using journal = await Journal.open(join(settings.data, journalsFolder), journalKey, !isDryRun);
  const context = {
    store: stores.of(appid),
    // Enrolling searches nobody.
    gallery: { nearest: () => Promise.reject(new Error('an import does not search')) },
    analyzer,
    limits,
    newFaceId: createFaceIds(Date.now),
    qualityMin: limits.enrolQualityMin,
    onAnalysis: () => {},
    onResembling: () => {},
    onSeen: () => {},
    signal,
  };
  const workers = workersOf(settings);
  const report = await enrol({ context, supply, journal, workers, isDryRun, onProgress, onRefused });
  await journal.remove();
  return { ...report, appid };
}

async function openSupply(
  settings: Settings,
  { origin, groupId }: PictureOrder,
  opened: AsyncDisposableStack,
): Promise<PictureSupply> {
  const options = { bytesMax: settings.pictureBytesMax, groupId };
  if (origin.kind === 'folders') return openFolders(origin.folder, options);
  if (origin.kind === 'compreface') return openCompreFace({ ...options, ...origin });
  const downloads = opened.use(downloadsOf(settings));
  const party = randomUUID();
  return openTable(origin.file, {
    ...options,
    download: (url, signal) => downloads.fetch(url, { signal, party }),
  });
}

async function onlyAppid(stores: Stores): Promise<string> {
  const [tenant, another] = await stores.tenants.list();
  if (tenant === undefined) throw new OrderRefused('unknown', 'there is no appid yet: `familiar keys add` makes one');
  if (another !== undefined) throw new OrderRefused('invalid', 'there are several appids: say whose with --appid');
  return tenant.appid;
}

async function limitsFor(settings: Settings, stores: Stores, appid: string) {
  const tenant = await stores.keys.findTenant(appid);
  if (tenant === undefined) throw unknownTenant(appid);
  return limitsOf(settings, appid, tenant.limits);
}
