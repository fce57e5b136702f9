/** What stores offer of model packs. */
import { type Access, orStorageFailed } from '../access.ts';
import type { AuditTrail } from '../audit/trail.ts';
import type { Database, Transactions } from '../database.ts';
import type { DataKeys } from '../encryption/data-keys.ts';
import { type Conversion, openConversion } from './conversion.ts';
import { type PackInUse, packInUse } from './in-use.ts';
import { type PackState, readPacks } from './state.ts';
import { openUpgrades, type Upgrades } from './upgrades.ts';

/** The packs of a register. */
export interface Packs extends PackInUse {
  /** Every pack whose embeddings are kept, by name. */
  list(): Promise<readonly PackState[]>;
  readonly upgrades: Upgrades;
  readonly conversion: Conversion;
}

/** What they work with. */
export interface PacksParts {
  readonly database: Pick<Database, 'reader' | 'beside' | 'openBulk' | 'refuseServers'>;
  readonly transactions: Transactions;
  readonly accessOf: (appid?: string) => Access;
  readonly dataKeys: DataKeys;
  readonly audit: AuditTrail;
}

/** Opens them. */
export function openPacks({ database, transactions, audit, ...parts }: PacksParts): Packs {
  return {
    ...packInUse(database.reader, transactions, database.refuseServers),
    list: () => orStorageFailed(readPacks(database.reader)),
    upgrades: openUpgrades(database.reader, transactions, audit),
    conversion: openConversion({ database, ...parts }),
  };
}
