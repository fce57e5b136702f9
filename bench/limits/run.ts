/**
 * Measures how exactly a limit of calls a second holds over servers that share a PostgreSQL database, and what it asks of the
 * database: `node bench/limits/run.ts` writes bench/results/limits.md. The servers ask for a little less than all may have together, or
 * for much more.
 */
import { writeFileSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { CallRates, type RateLeases } from '../../src/concurrency/call-rates.ts';
import { openSharedStores } from '../../src/store/open.ts';
import { masterKey } from '../../test/master-key.ts';
import { startPostgres } from '../../test/postgres/server.ts';
import { table } from '../../tools/markdown.ts';

const servers = 3;
/** How long each case is watched, in seconds of the database's clock. */
const seconds = 5;

await using postgres = await startPostgres();
await using open = new AsyncDisposableStack();
const leases: RateLeases[] = [];
for (let i = 0; i < servers; i += 1) {
  const stores = open.use(await openSharedStores({ url: postgres.urlOf('postgres'), masterKey }));
  leases.push(stores.callRates!);
}

const rows: string[][] = [];
for (const limit of [5, 50, 500, 5_000]) {
  for (const asked of [0.9, 3] as const) {
    const { letIn, waited, leased } = await watch(limit, asked);
    const whole = letIn.slice(1, -1);
    rows.push([
      String(limit),
      String(Math.round(limit * asked)),
      `${Math.min(...whole)} to ${Math.max(...whole)}`,
      `${((100 * waited) / letIn.reduce((sum, one) => sum + one)).toFixed(0)} %`,
      (leased / seconds).toFixed(0),
    ]);
  }
}
const titles = ['limit', 'asked for', 'let in a second', 'of them after waiting', 'leases a second'];
const page = `# Calls a second over servers that share a database

Written by \`node bench/limits/run.ts\`: ${servers} servers share one limit, and PostgreSQL runs on the same machine. Calls are counted in
the second in which they were asked for; one that is asked for at its very end may be let in by the next. The first and the last second are
left out.

${table(titles, rows)}
`;
console.log(page);
writeFileSync(new URL('../results/limits.md', import.meta.url), page);

/** Calls that were let in by the second in which they were asked for, those of them that waited, and leases. */
async function watch(limit: number, asked: number) {
  const byLease = new Map<number, number>();
  const counts = { waited: 0, leased: 0 };
  const rates = leases.map(
    (shared) =>
      new CallRates({
        async take(...ask) {
          counts.leased += 1;
          return shared.take(...ask);
        },
      }),
  );
  const start = Math.ceil(Date.now() / 1_000) * 1_000;
  await setTimeout(start - Date.now());
  const perMs = (limit * asked) / servers / 1_000;
  await Promise.all(
    rates.map(async (one) => {
      for (let sent = 0, now = 0; now < seconds * 1_000; now = Date.now() - start) {
        const due = Math.floor(now * perMs);
        const second = Math.floor(now / 1_000);
        const note = (isIn: boolean): void => {
          if (isIn) byLease.set(second, (byLease.get(second) ?? 0) + 1);
        };
        for (; sent < due; sent += 1) {
          const answer = one.take(`${limit} ${asked}`, limit);
          if (typeof answer === 'boolean') note(answer);
          else
            void answer.then((isIn) => {
              note(isIn);
              if (isIn) counts.waited += 1;
            });
        }
        await setTimeout(1);
      }
    }),
  );
  await setTimeout(100);
  return { letIn: Array.from({ length: seconds }, (_, i) => byLease.get(i) ?? 0), ...counts };
}
