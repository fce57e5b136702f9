/** Metrics of the databases: how long writes take and wait, what is gathered into one commit, connections, and the change feed. */
import { Counter, Gauge, Histogram, type OpenMetricsContentType, type Registry } from 'prom-client';

/** A transaction that is over, well or not. */
export interface ObservedWrite {
  /** Whether it wrote to the registers, or what calls write beside them. */
  readonly of: 'register' | 'calls';
  /** How long it waited for its turn, in milliseconds. */
  readonly waitMs: number;
  /** From its turn until it was durable or given up, in milliseconds. */
  readonly ms: number;
}

/** Connections to a database server that are kept open for one purpose. */
export interface ObservedPool {
  readonly name: string;
  readonly busy: number;
  readonly idle: number;
  /** How many wait for one. */
  readonly waiting: number;
}

/** Searches in memory. */
export interface ObservedSearches {
  /** How many have begun. */
  readonly begun: number;
  /** How long those have waited to begin, added up, in milliseconds. */
  readonly waitedMs: number;
  /** How many wait now. */
  readonly waiting: number;
}

/** What is read of the databases, and of searches. */
export interface DatabaseSources {
  /** Has listeners told of each transaction, and of how many calls were counted by one. */
  readonly watchWrites: (onWrite: (write: ObservedWrite) => void, onCounted: (calls: number) => void) => void;
  /** How many transactions wait for their turn. */
  readonly writesWaiting: () => Readonly<Record<ObservedWrite['of'], number>>;
  /** None where the database is a file. */
  readonly pools: () => readonly ObservedPool[];
  /** How many changes the galleries in memory have not seen. */
  readonly feedLag: () => Promise<number>;
  /** Undefined until there is an index. */
  readonly searches: () => ObservedSearches | undefined;
}

type Registers = Registry<OpenMetricsContentType>[];

/** Upper bounds in seconds: a commit takes a millisecond on a good disk, and some seconds on one that fails. */
const writeBuckets = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
/** Upper bounds of calls in one commit. */
const togetherBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256];

/** Makes the metrics. */
export function observeDatabase(registers: Registers, sources: DatabaseSources): void {
  observeWrites(registers, sources);
  observePools(registers, sources);
  observeSearches(registers, sources);
  new Gauge({
    name: 'familiar_feed_lag_changes',
    help: 'Changes of registers that the galleries in memory have not seen yet; a search waits for them.',
    registers,
    async collect() {
      this.set(await sources.feedLag());
    },
  });
}

function observeWrites(registers: Registers, { watchWrites, writesWaiting }: DatabaseSources): void {
  const seconds = new Histogram({
    name: 'familiar_write_seconds',
    help: 'Time of a transaction from its turn until it is durable: of "register" what changes persons, faces, groups and keys, of "calls" their counts.',
    labelNames: ['of'],
    buckets: writeBuckets,
    registers,
  });
  const waits = new Histogram({
    name: 'familiar_write_wait_seconds',
    help: 'Time that a transaction waits for its turn.',
    labelNames: ['of'],
    buckets: writeBuckets,
    registers,
  });
  const together = new Histogram({
    name: 'familiar_calls_counted_together',
    help: 'Calls that were counted by one commit.',
    buckets: togetherBuckets,
    registers,
  });
  new Gauge({
    name: 'familiar_writes_waiting',
    help: 'Transactions that wait for their turn.',
    labelNames: ['of'],
    registers,
    collect() {
      for (const [of, waiting] of Object.entries(writesWaiting())) this.set({ of }, waiting);
    },
  });
  watchWrites(
    ({ of, waitMs, ms }) => {
      seconds.observe({ of }, ms / 1000);
      waits.observe({ of }, waitMs / 1000);
    },
    (calls) => together.observe(calls),
  );
}

function observePools(registers: Registers, { pools }: DatabaseSources): void {
  new Gauge({
    name: 'familiar_database_connections',
    help: 'Connections to a PostgreSQL database by purpose and state; none where the register is a file.',
    labelNames: ['pool', 'state'],
    registers,
    collect() {
      for (const { name: pool, busy, idle } of pools()) {
        this.set({ pool, state: 'busy' }, busy);
        this.set({ pool, state: 'idle' }, idle);
      }
    },
  });
  new Gauge({
    name: 'familiar_database_connections_waited_for',
    help: 'How many wait for a connection to a PostgreSQL database, by purpose.',
    labelNames: ['pool'],
    registers,
    collect() {
      for (const { name: pool, waiting } of pools()) this.set({ pool }, waiting);
    },
  });
}

function observeSearches(registers: Registers, { searches }: DatabaseSources): void {
  new Counter({
    name: 'familiar_memory_searches_total',
    help: 'Searches in memory that have begun: one for some probes of a call.',
    registers,
    collect() {
      this.reset();
      this.inc(searches()?.begun ?? 0);
    },
  });
  new Counter({
    name: 'familiar_memory_search_wait_seconds_total',
    help: 'Time that searches in memory waited to begin, added up.',
    registers,
    collect() {
      this.reset();
      this.inc((searches()?.waitedMs ?? 0) / 1000);
    },
  });
  new Gauge({
    name: 'familiar_memory_searches_waiting',
    help: 'Searches in memory that wait to begin.',
    registers,
    collect() {
      this.set(searches()?.waiting ?? 0);
    },
  });
}
