/** Opens face analysis with the model pack that is in use. */
import { join } from 'node:path';
import type { Packs } from '../../store/open.ts';
import { notedPack, setPackInUse } from '../../vision/packs/folder.ts';
import { builtinName } from '../../vision/packs/manifest.ts';
import { packsFolder } from '../models.ts';
import type { Settings } from '../settings.ts';
import type { OpenedAnalyzer } from './opened-analyzer.ts';

/**
 * The name of the pack in use. Where one folder has one server, the folder's note may say it, or the database since an upgrade:
 * the later word counts.
 */
export async function packNameOf(
  { data }: Pick<Settings, 'data'>,
  packs: Pick<Packs, 'find' | 'isShared'>,
): Promise<string> {
  const [used, noted] = [await packs.find(), await notedPack(join(data, packsFolder))];
  if (used === undefined) return noted?.name ?? builtinName;
  const isNoteLater = !packs.isShared && noted !== undefined && noted.at > used.since;
  return isNoteLater ? noted.name : used.name;
}

/**
 * Opens face analysis with the pack in use. Of servers of one database the first says which one that is.
 * @param open opens a pack by its name.
 * @throws Error for the operator if the pack is not installed here, or if it is another version than that of the others.
 */
export async function openAgreedAnalyzer(
  settings: Pick<Settings, 'data'>,
  packs: Packs,
  open: (pack: string) => Promise<OpenedAnalyzer>,
): Promise<OpenedAnalyzer> {
  const name = await packNameOf(settings, packs);
  await using opening = new AsyncDisposableStack();
  const analyzer = opening.use(await open(name));
  await packs.agree(name, analyzer.model);
  if (!packs.isShared) await notePack(settings, name);
  opening.move();
  return analyzer;
}

/** Has the folder name the pack in use, for programs that know no database. */
export async function notePack({ data }: Pick<Settings, 'data'>, name: string): Promise<void> {
  const folder = join(data, packsFolder);
  const noted = await notedPack(folder);
  if ((noted?.name ?? builtinName) !== name) await setPackInUse(folder, name, 0);
}
