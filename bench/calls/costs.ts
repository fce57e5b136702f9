/** Measures what small things cost that are tempting to do with every call: `node bench/calls/costs.ts`. */
import { randomUUID } from 'node:crypto';
import { EventEmitter } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import { Counter, Registry } from 'prom-client';
import { table } from '../../tools/markdown.ts';
import { median } from '../statistics.ts';

/** How often each thing is done at once, and how often that is measured. */
const [times, rounds] = [20_000, 15];
let done = 0;
const count = (): void => {
  done += 1;
};

/** What is measured; what gives a promise is waited for, one at a time. */
const things: Record<string, () => unknown> = {
  'nothing, as a function': count,
  'an object literal with three getters': () => ({
    get a() {
      return done;
    },
    get b() {
      return done;
    },
    get c() {
      return done;
    },
  }),
  'an instance of a class with three getters': () => new Getters(),
  'a DisposableStack with four entries': () => {
    using stack = new DisposableStack();
    for (let i = 0; i < 4; i += 1) stack.defer(count);
  },
  'a list of four functions': () => {
    const tasks = [];
    for (let i = 0; i < 4; i += 1) tasks.push(count);
    for (const task of tasks) task();
  },
  'a timer that is set and cleared': () => clearTimeout(setTimeout(count, 5_000)),
  'an emitter with a listener that hears once': () => new EventEmitter().once('end', count).emit('end'),
  'an emitter with a listener': () => new EventEmitter().on('end', count).emit('end'),
  'a random UUID': () => randomUUID(),
  'await of what is there': async () => await done,
  'Promise.race with a timer': async () => {
    const late = Promise.withResolvers<never>();
    const timer = setTimeout(late.reject, 5_000);
    await Promise.race([Promise.resolve(), late.promise]);
    clearTimeout(timer);
  },
};

class Getters {
  get a(): number {
    return done;
  }
  get b(): number {
    return done;
  }
  get c(): number {
    return done;
  }
}

const folder = mkdtempSync(join(tmpdir(), 'familiar-bench-'));
using database = openDatabase(join(folder, 'costs.db'));
addStatements(database);
const counter = new Counter({ name: 'a', help: 'a', labelNames: ['x', 'y'], registers: [new Registry()] });
things['a counter of prom-client with two labels'] = () => counter.inc({ x: 'getinfo', y: 0 });

const rows = [];
for (const [name, thing] of Object.entries(things)) rows.push([name, (await measure(thing, times)).toFixed(2)]);
rows.push(['a message to a thread that sleeps, and its answer', (await measureMessages()).toFixed(0)]);
console.log(table(['what', 'microseconds, median'], rows));
rmSync(folder, { recursive: true });

/** @returns microseconds each. */
async function measure(thing: () => unknown, n: number): Promise<number> {
  const samples = [];
  for (let round = 0; round <= rounds; round += 1) {
    const start = performance.now();
    for (let i = 0; i < n; i += 1) {
      const result = thing();
      if (result instanceof Promise) await result;
    }
    // The first round warms up.
    if (round > 0) samples.push(((performance.now() - start) / n) * 1000);
  }
  return median(samples);
}

function openDatabase(file: string): DatabaseSync {
  const writer = new DatabaseSync(file);
  writer.exec(`pragma journal_mode = wal; create table t (id integer primary key, a text, b text, c text, d text);
    insert into t values (1, 'a', 'b', 'c', 'd')`);
  return writer;
}

function addStatements(writer: DatabaseSync): void {
  const text = 'select a, b, c, d from t where id = ?';
  const [rows, copied, lists] = [writer.prepare(text), writer.prepare(text), writer.prepare(text)];
  lists.setReturnArrays(true);
  const names = ['a', 'b', 'c', 'd'];
  const version = writer.prepare('pragma data_version');
  things['pragma data_version'] = () => version.get();
  things['a row, as SQLite gives it'] = () => rows.all(1);
  things['a row, copied for its prototype'] = () => copied.all(1).map((row) => ({ ...row }));
  things['a row, read as a list of values and named'] = () =>
    (lists.all(1) as unknown as readonly string[][]).map((values) => {
      const row: Record<string, unknown> = {};
      for (let at = 0; at < names.length; at += 1) row[names[at]!] = values[at];
      return row;
    });
}

async function measureMessages(): Promise<number> {
  const code = `const { parentPort } = require('node:worker_threads'); parentPort.on('message', (x) => parentPort.postMessage(x));`;
  const worker = new Worker(code, { eval: true });
  const ask = (): Promise<unknown> =>
    new Promise((resolve) => {
      worker.once('message', resolve);
      worker.postMessage({ id: 1, sql: 'select 1', parameters: [] });
    });
  await ask();
  const each = await measure(ask, 500);
  await worker.terminate();
  return each;
}
