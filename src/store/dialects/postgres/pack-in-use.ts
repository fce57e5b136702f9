/** The model pack that all servers of a database use, so that none makes embeddings that the others do not search. */
import { type Kysely, sql } from 'kysely';
import type { PackInUse } from '../../database.ts';
import type { Tables } from '../../tables.ts';
import { deleteDead, type WithServers } from './followers.ts';

/** The table, of one row or none. */
interface PackRow {
  /** Always 1. */
  id: number;
  name: string;
  /** Digest of the model; null until a server has started with the pack. */
  model: string | null;
}

type WithPack = WithServers & { pack_in_use: PackRow };

const onlyPack = 1;

/** The row in the database. */
export class PostgresPackInUse implements PackInUse {
  readonly #db: Kysely<WithPack>;
  readonly #server: string;
  /** The model of this server, once the others have agreed. */
  #model: string | undefined;

  /** @param server the id of this one among those that follow. */
  constructor(db: Kysely<Tables>, server: string) {
    this.#db = db as unknown as Kysely<WithPack>;
    this.#server = server;
  }

  async find(): Promise<string | undefined> {
    return (await this.#row())?.name;
  }

  async agree(name: string, model: string): Promise<void> {
    // Of servers that start at once, one says which model it is.
    await this.#db
      .insertInto('pack_in_use')
      .values({ id: onlyPack, name, model })
      .onConflict((conflict) =>
        conflict
          .column('id')
          .doUpdateSet({ model })
          .where('pack_in_use.model', 'is', null)
          .where('pack_in_use.name', '=', name),
      )
      .execute();
    this.#model = model;
    await this.check();
  }

  async check(): Promise<void> {
    if (this.#model === undefined) return;
    const row = await this.#row();
    if (row?.model === this.#model) return;
    throw new Error(
      `the servers of this database use the model pack ${row?.name}, whose model is ${row?.model}, and this one's is ` +
        `${this.#model}: give all servers the same pack and version; to use another one, stop them all and run ` +
        '"familiar models use" with --database',
    );
  }

  async use(name: string): Promise<void> {
    await this.#db.transaction().execute(async (trx) => {
      // None starts meanwhile: those that do are listed before they ask for the pack.
      await sql`lock table servers in exclusive mode`.execute(trx);
      await deleteDead(trx);
      const others = await trx.selectFrom('servers').select('id').where('id', '!=', this.#server).execute();
      if (others.length > 0) {
        throw new Error(
          `${others.length} ${others.length === 1 ? 'server uses' : 'servers use'} this database: stop all, and try again; ` +
            'one that was killed counts for a minute',
        );
      }
      await trx
        .insertInto('pack_in_use')
        .values({ id: onlyPack, name, model: null })
        .onConflict((conflict) => conflict.column('id').doUpdateSet({ name, model: null }))
        .execute();
    });
  }

  #row(): Promise<PackRow | undefined> {
    return this.#db.selectFrom('pack_in_use').selectAll().where('id', '=', onlyPack).executeTakeFirst();
  }
}
