/** Writes a line of the audit into a database that no stores are open over, as where a register is copied. */
import type { Database } from '../database.ts';
import { DataKeys } from '../encryption/data-keys.ts';
import type { MasterKey } from '../encryption/master-key.ts';
import { LineHasher } from './hash.ts';
import { AuditTrail, type Deed, installation } from './trail.ts';

/** Writes the line of an act that concerns the installation, in a transaction of its own. */
export async function noteIn({ writer }: Pick<Database, 'writer'>, masterKey: MasterKey, deed: Deed): Promise<void> {
  const dataKeys = new DataKeys(masterKey);
  const trail = new AuditTrail(dataKeys, new LineHasher(await dataKeys.ensure(writer, installation)), Date.now);
  await writer.transaction().execute((trx) => trail.noteAlone(trx, installation, deed));
}
