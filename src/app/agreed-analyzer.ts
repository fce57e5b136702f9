/** Opens face analysis with the model pack that all servers of a database use. */
import { join } from 'node:path';
import type { Stores } from '../store/open.ts';
import { packNameInUse } from '../vision/packs/folder.ts';
import { packsFolder } from './models.ts';
import type { OpenedAnalyzer } from './recognition.ts';
import type { Settings } from './settings.ts';

/**
 * Opens face analysis with the pack that the servers of the database use; the first of them says which one that is.
 * @param shared undefined where the data folder says it.
 * @param open opens a pack by its name, or the one that the data folder has in use.
 * @throws Error for the operator if the pack is not installed here, or if it is another version than that of the others.
 */
export async function openAgreedAnalyzer(
  { data }: Pick<Settings, 'data'>,
  shared: Stores['packInUse'],
  open: (pack: string | undefined) => Promise<OpenedAnalyzer>,
): Promise<OpenedAnalyzer> {
  if (shared === undefined) return open(undefined);
  const name = (await shared.find()) ?? (await packNameInUse(join(data, packsFolder)));
  await using opening = new AsyncDisposableStack();
  const analyzer = opening.use(await open(name));
  await shared.agree(name, analyzer.model);
  opening.move();
  return analyzer;
}
