/** Opens face analysis as the settings say. */
import { join } from 'node:path';
import type { Stores } from '../store/open.ts';
import { openPackInUse } from '../vision/packs/folder.ts';
import { openFaceAnalyzer } from '../vision/pool/analyzer.ts';
import { type PackPlaces, packsFolder } from './models.ts';
import { openAgreedAnalyzer } from './packs/agreed-analyzer.ts';
import { namePacks } from './packs/named-packs.ts';
import type { OpenedAnalyzer } from './packs/opened-analyzer.ts';
import { type Settings, workersOf } from './settings.ts';

/** Told how many of how many networks have been imported, and which was the last. */
export type Progress = (done: number, total: number, name: string) => void;

/** The folder in the data folder that holds the imported networks. */
export const modelsFolder = 'models';

/** The folders of the packs and networks of an installation. */
export function packPlacesOf({ data }: Pick<Settings, 'data'>): PackPlaces {
  return { packs: join(data, packsFolder), models: join(data, modelsFolder) };
}

/** Opens the face analyzer with networks that are imported into a folder. */
export async function openAnalyzerOf(
  settings: Settings,
  models: string,
  onProgress: Progress,
  onFault: (error: unknown) => void,
  onLost: (error: unknown) => void,
  pack?: string,
): Promise<OpenedAnalyzer> {
  const folder = join(settings.data, packsFolder);
  const analyzer = await openFaceAnalyzer({
    modelsFolder: models,
    pack: await openPackInUse(folder, pack),
    workers: workersOf(settings),
    queueMax: settings.queueMax,
    deadlineMs: settings.pictureTimeoutMs,
    pixelsMax: settings.picturePixelsMax,
    onProgress,
    onFault,
    onLost,
  });
  return { ...analyzer, packs: namePacks(analyzer.byPack, folder) };
}

/**
 * Opens the face analyzer as the application does, and imports the networks if they are not there yet.
 * @param models the folder of the imported networks; the data folder's if absent.
 */
export function openAnalyzer(
  settings: Settings,
  onProgress: Progress = () => {},
  models?: string,
): Promise<OpenedAnalyzer> {
  // A caller that needs only face analysis works without the optimised copies.
  return openAnalyzerOf(settings, models ?? join(settings.data, modelsFolder), onProgress, ignore, ignore);
}

/**
 * Opens the face analyzer with the pack that all servers of the database use, as the application does.
 * @throws Error for the operator as {@link openAgreedAnalyzer} does.
 */
export function openAnalyzerFor(settings: Settings, stores: Stores, onProgress: Progress): Promise<OpenedAnalyzer> {
  return openAgreedAnalyzer(settings, stores.packs, (pack) =>
    openAnalyzerOf(settings, join(settings.data, modelsFolder), onProgress, ignore, ignore, pack),
  );
}

function ignore(): void {}
