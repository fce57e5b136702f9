/**
 * Asks: what does the audit cost a change? `node bench/audit/run.ts [--rounds 40] [--writes 50]` registers persons with a face in
 * two new registers, of which one writes no lines, and changes them, the two taking turns; prints a page.
 */
import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, loadavg, tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { CallWrites, Store } from '../../src/domain/stores.ts';
import { AuditTrail } from '../../src/store/audit/trail.ts';
import { openStores, type Stores } from '../../src/store/open.ts';
import { masterKey } from '../../test/master-key.ts';
import { call, face, limits, person } from '../../test/store/fixtures.ts';
import { table } from '../../tools/markdown.ts';
import { median, quantileInterval } from '../statistics.ts';

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '40' }, writes: { type: 'string', default: '50' } },
});
const [rounds, writes] = [Number(values.rounds), Number(values.writes)];

/** A register, and how many persons it has been given. */
interface Side {
  readonly stores: Stores;
  persons: number;
}

const { end, record } = AuditTrail.prototype;
/** Only one side of a round runs at a time, and every register asks this class. */
function audits(isOn: boolean): void {
  AuditTrail.prototype.end = isOn ? end : async () => ({ sequence: 0, hash: new Uint8Array(0), wrapped: null });
  AuditTrail.prototype.record = isOn ? record : async () => ({ written: Promise.resolve() });
}

const newperson = async (store: Store, n: number): Promise<void> => {
  const id = `person-${n}`;
  await store.write(async (inner) => {
    await inner.insertPerson(person(id));
    await inner.joinGroups(id, ['group'], limits);
    await inner.insertFace(face(String(10n ** 18n + BigInt(n)), id), limits);
  });
};
const setinfo = async (store: Store, n: number): Promise<void> => {
  await store.write((inner) => inner.updatePerson(`person-${n}`, { tag: String(n) }));
};

/** The median of calls, one after the other, in milliseconds. */
async function measure(side: Side, isOn: boolean, endpoint: string, make: typeof newperson): Promise<number> {
  audits(isOn);
  const times: number[] = [];
  for (let i = 0; i < writes; i++) {
    const act = { kind: 'key', actor: 'AKIDQNexvTmhp11xT3sDEg74Uv8L5kAlXCDf', action: endpoint } as const;
    const asked: CallWrites = {
      call: () => ({ ...call, endpoint }),
      act: () => ({ ...act, requestId: crypto.randomUUID() }),
      counted: () => {},
      took: () => {},
    };
    const n = endpoint === 'newperson' ? side.persons++ : Math.floor((i * side.persons) / writes);
    const begun = performance.now();
    await make(side.stores.of('1000001', asked), n);
    times.push(performance.now() - begun);
  }
  return median(times);
}

const folder = await mkdtemp(join(tmpdir(), 'familiar-audit-bench-'));
try {
  const open = (name: string) => openStores({ file: join(folder, `${name}.db`), masterKey });
  await using without = await open('without');
  await using with_ = await open('with');
  const sides: readonly [Side, boolean][] = [
    [{ stores: without, persons: 0 }, false],
    [{ stores: with_, persons: 0 }, true],
  ];
  const rows: string[][] = [];
  for (const [endpoint, make] of [
    ['newperson', newperson],
    ['setinfo', setinfo],
  ] as const) {
    const [before, after]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round++) {
      for (const [side, isOn] of round % 2 === 0 ? sides : sides.toReversed()) {
        const ms = await measure(side, isOn, endpoint, make);
        // The first round warms up.
        if (round > 0) (isOn ? after : before).push(ms);
      }
    }
    const more = after.map((ms, i) => ms - before[i]!);
    const { low, high } = quantileInterval(more, 0.5);
    const shown = [median(before), median(after), median(more), low, high].map((ms) => ms.toFixed(3));
    rows.push([endpoint, shown[0]!, shown[1]!, shown[2]!, `${shown[3]} to ${shown[4]}`]);
  }
  console.log(`# What the audit costs a change

Written by \`node bench/audit/run.ts\`: the transaction of a call as the store runs it, without networks and without HTTP, on SQLite; ${rounds} rounds of
${writes} calls on each side, one after the other. Times are medians in milliseconds, with the 95 % interval of the median of the rounds' differences.

- machine: ${cpus()[0]?.model.trim()}, ${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB; ${process.platform} ${process.arch}, Node ${process.versions.node}
- load of the machine: ${loadavg()[0]!.toFixed(1)}
- commit: ${execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()}
- date: ${new Date().toISOString().slice(0, 10)}

${table(['call', 'without lines', 'with lines', 'difference', '95 % interval'], rows)}`);
} finally {
  await rm(folder, { recursive: true });
}
