/** `npm run chaos`: disturbs a server that it starts, in many ways, and checks that nothing is lost. */
import { parseArgs } from 'node:util';
import { type Kind, openArena } from './arena.ts';
import { disks } from './disks.ts';
import { nodes } from './nodes.ts';
import { commit, machine, readRows, writeFigures } from './page.ts';
import { processes } from './processes.ts';

const kinds: Readonly<Record<string, Kind>> = { ...processes, ...disks, ...nodes };

const help = `npm run chaos -- [options] [kind …]

Starts a server on a free port of this machine, has clients change a registry all the time, and disturbs the server. After
each round everything that was answered must be there; what was refused must have left nothing; of a call that got no
answer, all or nothing must be there. It ends by itself.

${Object.entries(kinds)
  .map(([name, { about }]) => `  ${name.padEnd(16)} ${about}`)
  .join('\n')}

  --rounds <n>    how often each kind disturbs (5)
  --seed <n>      draws what the clients do, and when they are disturbed
  --write         write the figures into docs/reliability.md
  --help          print this

Exits with 1 if something is lost or the server fails.`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [rounds, seed] = [Number(values.rounds), Number(values.seed)];

if (values.help) console.log(help);
else process.exitCode = await main();

async function main(): Promise<number> {
  const names = positionals.length === 0 ? Object.keys(kinds) : positionals;
  const unknown = names.filter((name) => !(name in kinds));
  if (unknown.length > 0) throw new Error(`there is no kind ${unknown.join(', ')}: ${Object.keys(kinds).join(', ')}`);
  console.log(`seed ${seed}`);
  const rows = new Map(readRows());
  let failed = 0;
  for (const name of names) {
    const row = await tryKind(name, kinds[name]!);
    if (row === undefined) failed += 1;
    else rows.set(name, row);
    // After each, since a run is long and may be ended.
    if (values.write) write(rows);
  }
  return failed === 0 ? 0 : 1;
}

function write(rows: ReadonlyMap<string, string>): void {
  const heads = [
    ...['kind', 'what is done', 'rounds', 'calls answered', 'without an answer'],
    ...['measured: median, most', 'slowest answer', 'commit'],
  ];
  const sorted = Object.keys(kinds).flatMap((name) => rows.get(name) ?? []);
  const table = [`| ${heads.join(' | ')} |`, `|${'---|'.repeat(heads.length)}`, ...sorted];
  writeFigures('chaos', [`Written by \`npm run chaos -- --write\` on ${machine()}.`, '', ...table]);
}

/** A row of the table; undefined if something was lost. */
async function tryKind(name: string, { about, measures, obstacle, run }: Kind): Promise<string | undefined> {
  const reason = await obstacle?.();
  if (reason !== undefined) {
    console.log(`${name}: not tried, since ${reason}`);
    return `| \`${name}\` | ${about} | not tried: ${reason} | | | | | |`;
  }
  const figures: number[] = [];
  await using arena = await openArena(seed, (figure) => {
    figures.push(figure);
    console.error(`${name}: round ${figures.length} of ${rounds}, ${ms(figure)} ${measures}`);
  });
  const { clients } = arena;
  try {
    await run(arena, rounds);
  } catch (error) {
    console.error(`${name}: FAILED in round ${figures.length + 1}, seed ${seed}:`, error);
    return undefined;
  }
  const sorted = figures.toSorted((a, b) => a - b);
  const measured = `${measures}: ${ms(sorted[sorted.length >> 1]!)}, ${ms(sorted.at(-1)!)}`;
  const codes = [...clients.tally].sort(([, a], [, b]) => b - a).map(([code, times]) => `${code}: ${times}`);
  console.log(
    `${name}: ${rounds} rounds held; ${clients.answered} answers (${codes.join(', ')}), ${clients.lost} calls without one`,
  );
  return `| \`${name}\` | ${about} | ${rounds} | ${clients.answered} | ${clients.lost} | ${measured} | ${ms(clients.slowestMs)} | ${commit()} |`;
}

function ms(value: number): string {
  return `${value.toFixed(0)} ms`;
}
