/** The checks of `doctor --deep`: every page of the register, and every value that is encrypted. */
import { Refusal } from '../../errors/refusals.ts';
import { checkValues, type DamagedRow, findIncomplete, type OnChecking } from '../../store/check-values.ts';
import { openData } from '../create-app.ts';
import { describeDamage } from '../damage.ts';
import { findMasterKey } from '../master-key.ts';
import type { Settings } from '../settings.ts';
import { type Check, Fault } from './check.ts';
import { withRegister } from './register-checks.ts';

const nothing = 'there is nothing to check yet';
const backup = 'Stop the server and put a backup of the data folder in its place.';

/** What {@link deepChecks} tell while they run. */
export interface DeepOptions {
  readonly onProgress: OnChecking;
  /** Told of the rows that are damaged. */
  readonly onDamaged: (rows: readonly DamagedRow[]) => void;
}

/** The checks, which take minutes for a large register. */
export function deepChecks({ onProgress, onDamaged }: DeepOptions): readonly Check[] {
  return [
    {
      check: 'pages',
      look: async (settings) => {
        const checked = await withRegister(settings, async ({ checkPages }) => ({ faults: await checkPages() }));
        if (checked === undefined) return nothing;
        const { faults } = checked;
        if (faults === undefined) return 'PostgreSQL checks them by itself, if it was made with checksums';
        if (faults.length > 0) throw new Fault(faults.join('; '), backup);
        return 'every page is well';
      },
    },
    {
      check: 'values',
      look: async (settings) => {
        const damaged = await withRegister(settings, async ({ db, fingerprint }) => {
          const needed = await fingerprint();
          const key = needed === undefined ? undefined : await findMasterKey(settings, needed);
          if (key === undefined) return undefined;
          return [...(await checkValues(db, key, { onProgress })), ...(await findIncomplete(db))];
        });
        if (damaged === undefined) return nothing;
        onDamaged(damaged);
        if (damaged.length === 0) return 'every SecretKey, embedding and crop can be decrypted';
        throw new Fault(
          describeDamage(damaged),
          `${backup} Without one, \`npm run -s familiar -- doctor --deep --forget-damaged\` erases these faces, which can be ` +
            'registered again; a damaged key can be revoked, and another added.',
        );
      },
    },
  ];
}

/**
 * Erases the faces whose embedding or crop is damaged.
 * @returns how many were erased.
 * @throws Error if the pages in which they stand are damaged, too.
 */
export async function forgetDamaged(settings: Settings, rows: readonly DamagedRow[]): Promise<number> {
  const faces = rows.filter(({ table, row }) => (table === 'embeddings' || table === 'crops') && row.length > 0);
  await using stores = await openData(settings);
  let erased = 0;
  for (const [appid, some] of Map.groupBy(faces, (face) => face.appid)) {
    const store = stores.of(appid);
    for (const faceId of new Set(some.map(({ row }) => row[0]!))) {
      const face = await store.findFace(faceId);
      if (face === undefined) continue;
      await store.deleteFaces(face.personId, [faceId]).catch((error: unknown) => {
        const { message } = error instanceof Refusal ? (error.cause as Error) : (error as Error);
        throw new Error(`face ${faceId} of appid ${appid} cannot be erased: ${message}. ${backup}`, { cause: error });
      });
      erased += 1;
    }
  }
  return erased;
}
