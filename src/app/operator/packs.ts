/** The order to use another model pack. */
import type { Stores } from '../../store/open.ts';
import type { PackCard } from '../../vision/packs/known.ts';
import { openData } from '../create-app.ts';
import { type PackPlaces, usePack } from '../models.ts';
import { placeOf } from '../register.ts';
import type { Settings } from '../settings.ts';
import { telling } from './told.ts';

/**
 * Switches the installation to a pack, as {@link usePack} does: in the data folder, or for all servers of the database.
 * @throws Error that says what is wrong, for the operator.
 */
export async function switchPack(settings: Settings, places: PackPlaces, name: string): Promise<PackCard> {
  const isShared = (await placeOf(settings)).kind === 'server';
  const use = async (stores: Stores | undefined): Promise<PackCard> => {
    await using own = isShared && stores === undefined ? await openData(settings) : undefined;
    return usePack(places, name, isShared ? (stores ?? own)?.packs : undefined);
  };
  return (await telling(settings, 'models use', { pack: name }, use)).result;
}
