/** Counts calls: many counts in few transactions. */
import type { CompiledQuery, Kysely } from 'kysely';
import type { AuditedCall, CountedCall, UsageLedger, UsageQuery, UsageRow } from '../domain/stores.ts';
import type { CallLines, CallToTell } from './audit/call-lines.ts';
import type { Database, Transactions } from './database.ts';
import { failureOf } from './failure.ts';
import { KeyUses, writeUse } from './key-uses.ts';
import type { CallTables, Tables, UsageCountRow } from './tables.ts';
import { addBatch, addCalls, countOf } from './usage.ts';
import { reportUsage } from './usage-report.ts';

/** How long a key's use waits for calls to be counted with, in milliseconds; then it is written alone. */
const usesWaitMs = 5_000;
/** After how long counts that failed are tried again if no call has come to be counted with them, in milliseconds. */
const againMs = 5_000;

/** Counts that will be committed together. */
interface Batch {
  readonly counts: Counts;
  /** The calls that the audit tells of. */
  readonly toTell: CallToTell[];
  /** Settles with the transaction. */
  readonly durable: Promise<void>;
}

/** Transactions of counts, one after the other. */
interface Queue {
  gathering: Batch | undefined;
  lastCommit: Promise<void>;
}

/** What a queue has to count since the database failed. */
interface Backlog {
  /**
   * The statements of the transaction that failed. Where it failed at its commit, nobody knows whether it was done: they are
   * run again as they are, before any later ones, and add nothing if they were.
   */
  statements: readonly CompiledQuery[];
  /** What came while these failed again. */
  readonly counts: Counts;
}

/** The name of the queue of all appids. */
const ofAll = '';

/**
 * The usage of every appid. Calls that write to a registry are counted there, in the transaction of what they write; this
 * counts the others. Failures of the database are thrown as they are; where it was full or out of reach, what was to be
 * counted is tried again before the next counts, so that a call that was answered all the same is counted in the end, and once.
 */
export class Ledger implements UsageLedger {
  readonly #reader: Kysely<CallTables>;
  readonly #registries: Kysely<Tables>;
  readonly #transactions: Transactions<CallTables>;
  readonly #node: string;
  readonly #isDivided: boolean;
  readonly #uses = new KeyUses();
  #usesTimer: NodeJS.Timeout | undefined;
  readonly #lines: Pick<CallLines, 'commit'>;
  /** The calls that wait for a transaction: of all appids, or of each by itself. */
  readonly #queues = new Map<string, Queue>();
  /** By the name of their queue. */
  readonly #backlogs = new Map<string, Backlog>();
  #backlogTimer: NodeJS.Timeout | undefined;
  /** The number of the last transaction of counts, by which the database tells whether it has it. */
  #lastBatch = 0;
  /** Told how many calls are counted by a commit that begins. */
  onCommit: (calls: number) => void = () => {};

  /**
   * @param registries reads what is counted there.
   * @param database the name of this server, where several count in one database; and whether appids are on different machines: then
   *   those of each are counted by themselves, so that none waits for a machine that it has nothing to do with.
   * @param lines writes what the audit tells of calls.
   */
  constructor(
    reader: Kysely<CallTables>,
    registries: Kysely<Tables>,
    transactions: Transactions<CallTables>,
    { node, isDivided }: Pick<Database, 'node' | 'isDivided'>,
    lines: Pick<CallLines, 'commit'>,
  ) {
    this.#reader = reader;
    this.#registries = registries;
    this.#transactions = transactions;
    this.#node = node;
    this.#isDivided = isDivided;
    this.#lines = lines;
  }

  /** Counts that come while a transaction is under way go into the next one. */
  count(call: CountedCall, audited?: AuditedCall): Promise<void> {
    const name = this.#isDivided ? call.appid : ofAll;
    const queue = this.#queues.get(name) ?? this.#begin(name);
    queue.gathering ??= this.#gather(name, queue);
    queue.gathering.counts.add(call);
    if (audited !== undefined) queue.gathering.toTell.push({ call, audited });
    return queue.gathering.durable;
  }

  report(query: UsageQuery): Promise<readonly UsageRow[]> {
    return reportUsage(this.#reader, this.#registries, query);
  }

  /**
   * Notes that a key is used; nobody waits for it to be written.
   * @param at milliseconds since 1970.
   */
  noteUse(secretId: string, appid: string, at: number): void {
    if (!this.#uses.note(secretId, appid, at)) return;
    this.#usesTimer ??= setTimeout(() => void this.#writeUses(), usesWaitMs).unref();
  }

  /** Waits until every count so far is durable or has failed, and so is the last use of each key. */
  async settle(): Promise<void> {
    await this.#writeUses();
    this.#commitBacklogs();
    await Promise.all([...this.#queues.values()].map(({ lastCommit }) => lastCommit));
    clearTimeout(this.#backlogTimer);
  }

  async #writeUses(): Promise<void> {
    clearTimeout(this.#usesTimer);
    this.#usesTimer = undefined;
    // Counts of all appids that are gathered take the uses with them.
    await (this.#queues.get(ofAll)?.gathering?.durable ?? this.#commit([])).catch(() => {});
  }

  #begin(name: string): Queue {
    const queue: Queue = { gathering: undefined, lastCommit: Promise.resolve() };
    this.#queues.set(name, queue);
    return queue;
  }

  #gather(name: string, queue: Queue): Batch {
    const counts = new Counts(this.#node);
    const toTell: CallToTell[] = [];
    const durable = queue.lastCommit.then(async () => {
      queue.gathering = undefined;
      this.onCommit(counts.calls);
      await this.#commitBacklog(name, counts);
      await this.#commitCounts(name, counts, toTell);
    });
    const commit = durable
      .catch(() => {})
      .then(() => {
        if (queue.lastCommit === commit) this.#queues.delete(name);
      });
    queue.lastCommit = commit;
    return { counts, toTell, durable };
  }

  /** Commits what failed before. Counts that come after it take along what else waits, or wait with it if it fails again. */
  async #commitBacklog(name: string, counts: Counts): Promise<void> {
    const backlog = this.#backlogs.get(name);
    if (backlog === undefined) return;
    try {
      await this.#commit(backlog.statements, appidOf(name));
    } catch (error) {
      if (failureOf(error) === undefined) backlog.statements = [];
      backlog.counts.addAll(counts);
      this.#tryAgain();
      throw error;
    }
    this.#backlogs.delete(name);
    counts.addAll(backlog.counts);
  }

  async #commitCounts(name: string, counts: Counts, toTell: readonly CallToTell[]): Promise<void> {
    const batch = ++this.#lastBatch;
    // Where no other server counts, a commit that failed was not done.
    const counting = counts
      .rows()
      .map((row) => (row.node === '' ? addCalls(this.#reader, row) : addBatch(this.#reader, { ...row, batch })));
    const commit = async (lines: readonly CompiledQuery[]): Promise<void> => {
      const statements = [...counting, ...lines];
      try {
        await this.#commit(statements, appidOf(name));
      } catch (error) {
        // What the database takes at no time would keep all later counts out, too.
        if (failureOf(error) !== undefined) {
          this.#backlogs.set(name, { statements, counts: new Counts(this.#node) });
          this.#tryAgain();
        }
        throw error;
      }
    };
    await (toTell.length === 0 ? commit([]) : this.#lines.commit(toTell, commit));
  }

  #tryAgain(): void {
    this.#backlogTimer ??= setTimeout(() => {
      this.#backlogTimer = undefined;
      this.#commitBacklogs();
    }, againMs).unref();
  }

  #commitBacklogs(): void {
    for (const name of this.#backlogs.keys()) {
      const queue = this.#queues.get(name) ?? this.#begin(name);
      queue.gathering ??= this.#gather(name, queue);
      // They have failed before, and whoever called has an answer.
      queue.gathering.durable.catch(() => {});
    }
  }

  async #commit(counts: readonly CompiledQuery[], appid?: string): Promise<void> {
    // Keys of other appids have nothing to do with the machine of one.
    const uses = appid === undefined ? this.#uses.take() : [];
    const queries = [...counts, ...uses.map((row) => writeUse(this.#reader, row))];
    if (queries.length === 0) return;
    try {
      await this.#transactions.commit(queries, appid);
    } catch (error) {
      this.#uses.putBack(uses);
      throw error;
    }
  }
}

/** The appid of a queue's calls; undefined if they are of all. */
function appidOf(name: string): string | undefined {
  return name === ofAll ? undefined : name;
}

/** Calls added up by everything that tells them apart. */
class Counts {
  readonly #node: string;
  readonly #rows = new Map<string, UsageCountRow>();

  constructor(node: string) {
    this.#node = node;
  }

  /** How many calls they are. */
  calls = 0;

  add(call: CountedCall): void {
    this.calls += 1;
    this.#add(countOf(call, this.#node));
  }

  /** Adds what others have counted. */
  addAll(others: Counts): void {
    this.calls += others.calls;
    for (const row of others.rows()) this.#add(row);
  }

  #add(row: UsageCountRow): void {
    // None but the last may have a line feed.
    const key = `${row.appid}\n${row.day}\n${row.endpoint}\n${row.code}\n${row.secret_id}`;
    const known = this.#rows.get(key);
    if (known === undefined) return void this.#rows.set(key, row);
    known.calls += row.calls;
    known.pictures += row.pictures;
    known.faces += row.faces;
  }

  /** In one order, so that transactions of several servers do not deadlock. */
  rows(): UsageCountRow[] {
    return [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
  }
}
