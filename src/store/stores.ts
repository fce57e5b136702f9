/** Brings a database up to date and implements the ports of the domain and of authentication over it. */
import type { KeyStore } from '../auth/keys.ts';
import type { OperatorStore } from '../auth/operators.ts';
import type { RateLeases } from '../concurrency/call-rates.ts';
import type { CallWrites, Store, UsageLedger } from '../domain/stores.ts';
import type { ChangeFeeds } from '../sync/change-feed.ts';
import { type Access, directAccess, orStorageFailed, readInBulk } from './access.ts';
import { activityOf, type StoresActivity } from './activity.ts';
import type { RegistryArchive } from './archive/archived.ts';
import { registryArchive } from './archive/registry-archive.ts';
import { CallLines } from './audit/call-lines.ts';
import { LineHasher } from './audit/hash.ts';
import { type StoresAudit, storesAudit } from './audit/stores-audit.ts';
import { AuditTrail, installation } from './audit/trail.ts';
import { changeFeeds, Following } from './change-feeds.ts';
import { type Checks, openChecks } from './check/checks.ts';
import { refuseUnused } from './copy/state.ts';
import { type Corrections, openCorrections } from './corrections/corrections.ts';
import { type Database, Transactions } from './database.ts';
import { dialectOf } from './dialects/dialect.ts';
import { DataKeys } from './encryption/data-keys.ts';
import { encryptPlain, type OnEncrypting } from './encryption/encrypt-plain.ts';
import { type MasterKey, type MasterKeySource, openMasterKey } from './encryption/master-key.ts';
import { type GallerySizeEstimate, gallerySizeOf } from './gallery-size.ts';
import { keyUses } from './key-uses.ts';
import { Keyring } from './keyring.ts';
import { Ledger } from './ledger.ts';
import { migrate } from './migrations.ts';
import { openOperators } from './operators/operators.ts';
import { openPacks, type Packs } from './packs/packs.ts';
import { type RegisterPages, registerPages } from './pages/register-pages.ts';
import { Registry } from './registry.ts';
import { RegistryTransactions } from './registry-transactions.ts';
import { openRetention, type Retention } from './retention/retention.ts';
import { DatabaseSearches } from './search/searches.ts';
import { SpentSignatures } from './spent-signatures.ts';
import { openStatements, type Statements } from './statements.ts';
import type { CallTables } from './tables.ts';
import { openTenants, type Tenants } from './tenant-settings.ts';
import { type OnErasing, removeTenant } from './tenants.ts';
import { foldUsage } from './usage-fold.ts';
import type { VectorSwitch } from './vectors.ts';

/** How stores are opened, whichever database they are in. */
export interface StoresOverOptions {
  readonly masterKey: MasterKeySource;
  /** Called with the progress while a register of an older version, in which nothing is encrypted, is encrypted. */
  readonly onEncrypting?: OnEncrypting | undefined;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** Everything that is kept. */
export interface Stores extends ChangeFeeds, AsyncDisposable {
  /**
   * The registry of one appid, the only door to its data.
   * @param call what the registry is asked for, if it is for a call.
   */
  of(appid: string, call?: CallWrites): Store;
  readonly keys: KeyStore;
  /** When keys were last used, by SecretId: milliseconds since 1970, up to a minute early. */
  keyUses(): Promise<ReadonlyMap<string, number>>;
  readonly tenants: Tenants;
  /** About how many persons and faces a search goes through, by counts that are kept, as {@link gallerySizeOf}. */
  gallerySize(appid: string, groupIds?: readonly string[]): Promise<GallerySizeEstimate>;
  /** Counts the calls of a second for all servers; undefined where there is only one. */
  readonly callRates: RateLeases | undefined;
  readonly usage: UsageLedger;
  readonly statements: Statements;
  readonly operators: OperatorStore;
  /**
   * Puts together what servers counted apart and what was counted by day long ago; no sum of a month changes.
   * @param today `2026-11-30`, in the time zone in which calls are counted.
   */
  foldUsage(today: string): Promise<void>;
  /**
   * Encrypts the data keys with another master key, all or none.
   * @throws Error if another process changed it.
   */
  rotateMasterKey(next: MasterKey): Promise<void>;
  /**
   * Finds the master key anew, after another process has changed it. @returns whether it is another one than before.
   * @throws Error for the operator if the key that the register needs is not there.
   */
  renewMasterKey(source: MasterKeySource): Promise<boolean>;
  /** Connects with another url from now on, which may differ in the password alone. @returns false if it differs in more. */
  renewUrl(url: string): boolean;
  /** Ends an appid: its data key is destroyed and its rows erased. False if there is no such appid. */
  removeTenant(appid: string, onErasing?: OnErasing): Promise<boolean>;
  /** Takes all persons out of the registry of an appid, and puts persons of an archive into it. */
  archiveOf(appid: string): RegistryArchive;
  readonly audit: StoresAudit;
  readonly corrections: Corrections;
  readonly packs: Packs;
  readonly checks: Checks;
  readonly retention: Retention;
  /** The registry of an appid as people look through it. */
  pagesOf(appid: string): RegisterPages;
  /** Has embeddings kept as vectors that the database can search, or not; undefined where it cannot. */
  readonly vectors: VectorSwitch | undefined;
  readonly activity: StoresActivity;
  /** @throws Error that tells the operator why nothing can be read or written. */
  check(): Promise<void>;
}

/**
 * Brings a database up to date and puts the stores over it; they close it, and so does a failure.
 * @param timeoutMs how long a transaction or a snapshot may stay open, in milliseconds.
 */
export async function storesOver(
  database: Database,
  timeoutMs: number,
  { masterKey, onEncrypting, now = Date.now }: StoresOverOptions,
): Promise<Stores> {
  await using opening = new AsyncDisposableStack();
  opening.use(database);
  await migrate(database);
  await refuseUnused(database.writer);
  // A process that died may have left changes that tell of who was erased; whoever begins now needs none of them.
  await database.forgetChanges();
  const dataKeys = new DataKeys(await openMasterKey(database.writer, masterKey));
  // No version that did not encrypt knew PostgreSQL.
  if (dialectOf(database.writer).name === 'SQLite') await encryptPlain(database.writer, dataKeys, onEncrypting);
  const transactions = new Transactions(database, timeoutMs);
  const callTransactions = new Transactions(database.calls, timeoutMs);
  const ownKey = await database.writer.transaction().execute((trx) => dataKeys.ensure(trx, installation));
  const hasher = new LineHasher(ownKey);
  const audit = new AuditTrail(dataKeys, hasher, now);
  const lines = new CallLines({ db: database.reader, calls: database.calls.reader, dataKeys, hasher, now });
  const usage = new Ledger(database.calls.reader, database.reader, callTransactions, database, lines);
  opening.defer(() => transactions.close());
  opening.defer(() => callTransactions.close());
  opening.defer(() => usage.settle());
  const searches = opening.use(new DatabaseSearches(database, dataKeys));
  const accessOf = directAccess(database, transactions, timeoutMs);
  const parts = { database, transactions, callTransactions, dataKeys, hasher, audit, usage, searches, accessOf, now };
  const open = opening.move();
  return { ...storesOf(parts), [Symbol.asyncDispose]: () => open.disposeAsync() };
}

/** What stores work with. */
interface StoresParts {
  readonly database: Database;
  readonly transactions: Transactions;
  readonly callTransactions: Transactions<CallTables>;
  readonly dataKeys: DataKeys;
  readonly hasher: LineHasher;
  readonly audit: AuditTrail;
  readonly usage: Ledger;
  readonly searches: DatabaseSearches;
  readonly accessOf: (appid?: string) => Access;
  readonly now: () => number;
}

function storesOf(parts: StoresParts): Omit<Stores, typeof Symbol.asyncDispose> {
  const { database, transactions, callTransactions, dataKeys, hasher, audit, usage, accessOf, now } = parts;
  const following = new Following(database);
  const inBulk = readInBulk(database);
  const writing = { dataKeys, audit, onDurable: following.onDurable };
  const registryOf = (appid: string, call?: CallWrites): Registry =>
    new Registry(accessOf(appid), new RegistryTransactions(appid, writing), call);
  const keys = new Keyring(database, transactions, writing, new SpentSignatures(callTransactions, now), usage);
  const packs = openPacks({ database, transactions, accessOf, dataKeys, audit });
  return {
    of: registryOf,
    ...changeFeeds({ ...parts, inBulk }, following),
    keys,
    keyUses: () => orStorageFailed(keyUses(database.calls.reader)),
    callRates: database.callRates,
    tenants: openTenants(database.reader, keys, audit),
    gallerySize: (appid, groupIds) => accessOf(appid).query((db) => gallerySizeOf({ db, appid }, groupIds)),
    usage,
    statements: openStatements(database.reader, transactions, audit),
    operators: openOperators(database.reader, transactions, audit),
    async foldUsage(today) {
      await foldUsage('usage_by_day', database.calls.reader, callTransactions, today);
      await foldUsage('usage_of_writes_by_day', database.reader, transactions, today);
    },
    renewMasterKey: async (source) => dataKeys.renew(await openMasterKey(database.reader, source)),
    renewUrl: (url) => database.renewUrl?.(url) ?? false,
    rotateMasterKey: (next) => rotateMasterKey(parts, next),
    removeTenant(appid, onErasing = () => {}) {
      const store = registryOf(appid);
      return removeTenant(appid, { db: database.reader, transactions, callTransactions, store, audit, onErasing });
    },
    archiveOf: (appid) => registryArchive(appid, registryOf(appid), { database, dataKeys }),
    pagesOf: (appid) => registerPages(() => registryOf(appid)),
    corrections: openCorrections({ registryOf, transact: (work) => orStorageFailed(transactions.run(work)), now }),
    packs,
    checks: openChecks({ database, transactions, dataKeys, registryOf, inBulk, now }),
    retention: openRetention({ registryOf, transactions, inBulk, now }),
    vectors: database.vectorSwitch(dataKeys),
    activity: activityOf({ database, transactions, callTransactions, usage, accessOf }),
    audit: storesAudit({ database, transactions, callTransactions, dataKeys, hasher, trail: audit }),
    async check() {
      await database.check();
      await packs.check();
      // Of a table that is whole on each machine: one machine that is lost concerns its appids alone.
      await refuseUnused(database.reader);
    },
  };
}

function rotateMasterKey({ database, dataKeys, audit }: StoresParts, next: MasterKey): Promise<void> {
  const detail = { from: dataKeys.fingerprint, to: next.fingerprint };
  return dataKeys.rotate(database.writer, next, (trx) =>
    audit.note(trx, installation, { action: 'keys rotate-master', detail }),
  );
}
