/** What should be in a database that transactions write: of each all of its rows, or none. */
import assert from 'node:assert/strict';
import type { DatabaseSync, StatementSync } from 'node:sqlite';

/** One transaction. */
export class Entry {
  readonly name: string;
  fate: 'open' | 'kept' | 'undone' | 'unknown' = 'open';
  /** What its work has thrown. */
  mistake: Error | undefined;
  /** Whether a statement of it has failed. */
  isSpoiled = false;
  #rows: readonly string[] = [];
  /** What has become of a row that its work does not wait for. */
  #late: 'none' | 'sent' | 'written' | 'refused' = 'none';

  constructor(name: string) {
    this.name = name;
  }

  /** The rows that it is to write. */
  plan(count: number): readonly string[] {
    this.#rows = Array.from({ length: count }, (_, i) => `${this.name}/${i}`);
    return this.#rows;
  }

  /** Writes a row that is the transaction's only if it comes in time. */
  writeLate(insert: (row: string) => Promise<void>): void {
    this.#late = 'sent';
    insert(`${this.name}/late`).then(
      () => {
        this.#late = 'written';
      },
      () => {
        this.#late = 'refused';
      },
    );
  }

  /** Whether its rows are there. @throws AssertionError if that is not right. */
  isIn(there: readonly string[]): boolean {
    const rows = there.filter((row) => !row.endsWith('/late'));
    const isWhole = rows.length > 0;
    assert.deepEqual(rows, isWhole ? this.#rows : [], `${this.name} is in the database in part`);
    if (this.fate === 'kept') assert.ok(isWhole, `${this.name} was told to be kept, and is not there`);
    if (this.fate === 'undone') assert.deepEqual(there, [], `${this.name} has failed, and left something`);
    if (this.isSpoiled) assert.ok(!isWhole, `${this.name} is kept although one of its statements failed`);
    const hasLate = there.length > rows.length;
    if (hasLate) assert.ok(isWhole && this.#late !== 'refused', `${this.name} wrote outside of its transaction`);
    if (this.fate === 'kept' && this.#late === 'written') assert.ok(hasLate, `a row of ${this.name} is lost`);
    return isWhole;
  }
}

/** Every transaction there was. */
export class Book {
  readonly #entries: Entry[] = [];
  readonly #rows: StatementSync;
  readonly #sum: StatementSync;

  /** Begins with a sum of 0, to which every transaction adds 1. */
  constructor(database: DatabaseSync) {
    database.exec(`insert into registries (appid, groups) values ('sum', 0)`);
    this.#rows = database.prepare('select appid from tenants order by appid');
    this.#sum = database.prepare('select groups from registries');
  }

  open(name: string): Entry {
    const entry = new Entry(name);
    this.#entries.push(entry);
    return entry;
  }

  /** @throws AssertionError if a transaction is there in part, if one is missing, or if two have got in each other's way. */
  check(): void {
    const there = Map.groupBy(
      this.#rows.all().map(({ appid }) => String(appid)),
      (row) => row.split('/', 1)[0],
    );
    const kept = this.#entries.filter((entry) => entry.isIn(there.get(entry.name) ?? []));
    assert.equal(this.#sum.get()?.groups, kept.length, 'the transactions that are there have added 1 to the sum each');
  }
}
