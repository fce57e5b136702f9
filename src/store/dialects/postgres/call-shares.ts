/** Counts the calls of appids in each second for all servers of a database together. */
import { type Kysely, sql } from 'kysely';
import type { RateLease, RateLeases } from '../../../concurrency/call-rates.ts';

/** Which part of a second's calls a server takes at once. What it does not use of that nobody can use: the smaller, the less is lost. */
const partOfSecond = 1 / 20;

/** One party that is asked for. */
interface Ask {
  readonly party: string;
  readonly max: number;
  readonly needed: number;
  readonly resolve: (lease: RateLease) => void;
  readonly reject: (error: unknown) => void;
}

/** What the database says of a party. */
interface Row {
  readonly appid: string;
  readonly granted: number;
  /** How long its second still lasts, in milliseconds. */
  readonly left_ms: number;
}

/**
 * Leases parts of a second's calls from a table: the second is one of the database's clock, so that in none of them more is
 * granted than the limit, however many servers ask. What is asked for while a statement runs goes together into the next one.
 */
export class CallShares implements RateLeases {
  readonly #db: Kysely<unknown>;
  #asked: Ask[] = [];
  #isAsking = false;

  constructor(db: Kysely<unknown>) {
    this.#db = db;
  }

  take(party: string, max: number, needed: number): Promise<RateLease> {
    const { promise, resolve, reject } = Promise.withResolvers<RateLease>();
    this.#asked.push({ party, max, needed, resolve, reject });
    if (!this.#isAsking) void this.#askAll();
    return promise;
  }

  async #askAll(): Promise<void> {
    this.#isAsking = true;
    // Those who ask in one turn of the event loop ask together, too.
    await Promise.resolve();
    while (this.#asked.length > 0) {
      const asked = new Map(this.#asked.map((ask) => [ask.party, ask]));
      // One of each party: a statement writes a row once.
      this.#asked = this.#asked.filter((ask) => asked.get(ask.party) !== ask);
      await this.#askFor(asked);
    }
    this.#isAsking = false;
  }

  async #askFor(asked: ReadonlyMap<string, Ask>): Promise<void> {
    const wantedOf = ({ max, needed }: Ask): number => Math.min(max, Math.max(needed, Math.floor(max * partOfSecond)));
    const list = [...asked.values()].map((ask) => ({ party: ask.party, max: ask.max, wanted: wantedOf(ask) }));
    try {
      const { rows } = await takeFrom(JSON.stringify(list)).execute(this.#db);
      for (const { appid, granted, left_ms: forMs } of rows) {
        const ask = asked.get(appid)!;
        ask.resolve({ granted, isLast: granted < wantedOf(ask), forMs });
      }
    } catch (error) {
      for (const { reject } of asked.values()) reject(error);
    }
  }
}

/** Rows are written in one order, so that two servers do not wait for each other. */
function takeFrom(list: string) {
  return sql<Row>`
    insert into call_seconds (appid, second, calls_max, taken, granted)
    select party, floor(extract(epoch from clock_timestamp())), max, wanted, wanted
    from jsonb_to_recordset(cast(${list} as jsonb)) as asked (party text, max bigint, wanted bigint)
    order by party
    on conflict (appid) do update set
      second = greatest(call_seconds.second, excluded.second),
      calls_max = excluded.calls_max,
      granted = least(excluded.granted, greatest(0, excluded.calls_max - ${takenBefore})),
      taken = ${takenBefore} + least(excluded.granted, greatest(0, excluded.calls_max - ${takenBefore}))
    returning appid, granted,
      greatest(0, (second + 1) * 1000 - floor(extract(epoch from clock_timestamp()) * 1000))::integer as left_ms`;
}

/** What was taken of the second that runs. */
const takenBefore = sql`(case when call_seconds.second >= excluded.second then call_seconds.taken else 0 end)`;
