/**
 * Writes the lines of calls that changed nothing, in the transaction of their counts. This process writes chains of its own, one
 * for each appid, so that it knows their ends by heart: nothing is read, and no server waits for another.
 */
import { randomUUID } from 'node:crypto';
import type { CompiledQuery, Kysely } from 'kysely';
import type { AuditedCall, CountedCall } from '../../domain/stores.ts';
import type { DataKeys } from '../encryption/data-keys.ts';
import { compileOnce } from '../prepared.ts';
import type { AuditRow, CallTables, Tables } from '../tables.ts';
import { beforeFirst, columnsOf, digestOf, type IdKind, type LineHasher } from './hash.ts';

/** A call, and what is told of it. */
export interface CallToTell {
  readonly call: CountedCall;
  readonly audited: AuditedCall;
}

/** The end of a chain. */
type End = Pick<AuditRow, 'sequence' | 'hash'>;

/** Chains that this process writes to at once, at most; beyond that it begins new ones. */
const chainsMax = 10_000;

/** What lines of calls are made with. */
export interface CallLineParts {
  readonly db: Kysely<Tables>;
  readonly calls: Kysely<CallTables>;
  readonly dataKeys: DataKeys;
  readonly hasher: LineHasher;
  readonly now: () => number;
}

/** Writes lines of calls; of each appid one commit after the other. */
export class CallLines {
  readonly #parts: CallLineParts;
  #chain = randomUUID();
  readonly #ends = new Map<string, End>();

  constructor(parts: CallLineParts) {
    this.#parts = parts;
  }

  /** Has the lines of calls committed. What `commit` throws is rethrown; then it is not known whether the lines are there. */
  async commit(
    calls: readonly CallToTell[],
    commit: (statements: readonly CompiledQuery[]) => Promise<void>,
  ): Promise<void> {
    const keys = new Map<string, Awaited<ReturnType<DataKeys['find']>>>();
    for (const { call } of calls) {
      if (!keys.has(call.appid)) keys.set(call.appid, await this.#keyOf(call.appid));
    }
    const ends = new Map<string, End>();
    const chain = this.#chain;
    const rows = calls.map(({ call, audited }) => {
      const end = ends.get(call.appid) ?? this.#ends.get(call.appid) ?? { sequence: 0, hash: beforeFirst };
      const row = this.#rowOf(call, audited, end, keys.get(call.appid));
      ends.set(call.appid, row);
      return row;
    });
    try {
      await commit(rows.map((row) => insertLine(this.#parts.calls, row)));
    } catch (error) {
      // The lines may be there or not: whichever it is, they stay the end of their chains.
      this.#beginAnew();
      throw error;
    }
    // The commit of another appid may have failed meanwhile.
    if (chain !== this.#chain) return;
    for (const [appid, { sequence, hash }] of ends) this.#ends.set(appid, { sequence, hash });
    if (this.#ends.size > chainsMax) this.#beginAnew();
  }

  #beginAnew(): void {
    this.#chain = randomUUID();
    this.#ends.clear();
  }

  /** A line is better without ids than not there. */
  async #keyOf(appid: string) {
    return this.#parts.dataKeys.find(this.#parts.db, appid).catch(() => undefined);
  }

  #rowOf(
    { appid, secretId, endpoint, code }: CountedCall,
    { requestId, ids, by = { kind: 'key', actor: secretId, action: endpoint } }: AuditedCall,
    end: End,
    key: Awaited<ReturnType<DataKeys['find']>>,
  ): AuditRow {
    const row = {
      appid,
      chain: this.#chain,
      sequence: end.sequence + 1,
      at: this.#parts.now(),
      kind: by.kind,
      actor: by.actor,
      action: by.action,
      ids: key === undefined ? '' : digestsOf(key, ids),
      detail: '',
      code,
      request_id: requestId,
    };
    return { ...row, hash: this.#parts.hasher.hash(row, end.hash) };
  }
}

function digestsOf(key: Parameters<typeof digestOf>[0], ids: AuditedCall['ids']): string {
  const digests = (Object.entries(ids) as [IdKind, readonly string[]][])
    .filter(([, list]) => list.length > 0)
    .map(([kind, list]) => [kind, [...new Set(list)].map((id) => digestOf(key, kind, id))]);
  return JSON.stringify(Object.fromEntries(digests));
}

/** A transaction of which nobody knows whether it was done is run again: then the line may be there. */
const insertLine = compileOnce((db: Kysely<CallTables>, row: AuditRow) =>
  db
    .insertInto('audit_of_calls')
    .values(columnsOf(row))
    .onConflict((conflict) => conflict.doNothing()),
);
