/** The model pack in use, of which all servers of a database agree, so that none makes embeddings that the others do not search. */
import type { Kysely } from 'kysely';
import type { Transactions } from '../database.ts';
import { dialectOf } from '../dialects/dialect.ts';
import type { Tables } from '../tables.ts';
import { type PackState, packInUseOf } from './state.ts';

/** What the pack in use is agreed on by. */
export interface PackInUse {
  /** Whether the database alone says it; else the data folder may, too, and the later word counts. */
  readonly isShared: boolean;
  /** Undefined until a server has started, or one was chosen. */
  find(): Promise<PackState | undefined>;
  /**
   * Tells that this server has loaded the pack that is in use.
   * @param model the digest of its model.
   * @throws Error for the operator if the other servers have another model.
   */
  agree(name: string, model: string): Promise<void>;
  /** Tells that this server has loaded a pack, so that it may come to be in use. */
  know(name: string, model: string): void;
  /** @throws Error as {@link agree} does, if another pack was chosen since, when this server was taken for dead. */
  check(): Promise<void>;
  /**
   * Chooses a pack, which servers use from their next start on; faces that have no embedding of it are not found then.
   * @throws Error for the operator if servers use the database.
   */
  use(name: string): Promise<void>;
}

/** @param refuseServers throws if other servers use the database; undefined where one folder has one server. */
export function packInUse(
  reader: Kysely<Tables>,
  transactions: Pick<Transactions, 'run'>,
  refuseServers: ((trx: Kysely<Tables>) => Promise<void>) | undefined,
): PackInUse {
  const known = new Map<string, string>();
  const isShared = refuseServers !== undefined;
  const find = (): Promise<PackState | undefined> => packInUseOf(reader);
  const check = async (): Promise<void> => {
    if (!isShared || known.size === 0) return;
    const used = await find();
    if (used !== undefined && used.model !== null && known.get(used.name) === used.model) return;
    const own = [...known.values()].join(' or ');
    throw new Error(
      `the servers of this database use the model pack ${used?.name}, whose model is ${used?.model}, and this one's is ` +
        `${own}: give all servers the same pack and version; to use another one, stop them all and run ` +
        '"familiar models use" with --database',
    );
  };
  return {
    isShared,
    find,
    check,
    know: (name, model) => void known.set(name, model),
    async agree(name, model) {
      await transactions.run((trx) => (isShared ? agreeOn(trx, name, model) : setInUse(trx, name, model)));
      known.clear();
      known.set(name, model);
      await check();
    },
    use: (name) =>
      transactions.run(async (trx) => {
        await refuseServers?.(trx);
        await dialectOf(trx).lockKeys(trx);
        await setInUse(trx, name, null);
      }),
  };
}

/** Of servers that start at once, one says which model it is. */
async function agreeOn(trx: Kysely<Tables>, name: string, model: string): Promise<void> {
  await dialectOf(trx).lockKeys(trx);
  const used = await trx.selectFrom('packs').selectAll().where('state', '=', 'in use').executeTakeFirst();
  if (used === undefined || (used.name === name && used.model === null)) await setInUse(trx, name, model);
}

/** Makes a pack the one in use, whatever is missing of it. The one that was before is kept up no more; its embeddings stay until they are pruned. */
async function setInUse(trx: Kysely<Tables>, name: string, model: string | null): Promise<void> {
  const used = await trx.selectFrom('packs').selectAll().where('state', '=', 'in use').executeTakeFirst();
  if (used?.name === name && model !== null && used.model === model) return;
  const given = { name, model, state: 'in use', required: 0, phase: null, worker: '', message: '' } as const;
  await trx.deleteFrom('packs').where('state', '=', 'in use').where('name', '!=', name).execute();
  await trx
    .insertInto('packs')
    .values({
      ...given,
      since: dialectOf(trx).now(),
      asked_at: 0,
      started_at: 0,
      was_complete: 0,
      leaves_failed: 0,
      ...none,
    })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet((eb) => ({ ...given, since: eb.ref('excluded.since') })),
    )
    .execute();
}

/** The columns of an upgrade that is not under way. */
export const none = { epoch: null, worker_until: 0, done: 0, done_at_start: 0, total: 0, told_at: 0 } as const;
