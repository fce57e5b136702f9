/** A short version of `npm run chaos`: what most often happens to a server, once or twice. */
import { test } from 'node:test';
import { type Kind, openArena } from './arena.ts';
import { processes } from './processes.ts';

/** How often each is tried. */
const short = { kill: 2, freeze: 1, 'kill-analysis': 1 } as const;

for (const [name, rounds] of Object.entries(short)) {
  const { about, obstacle, run } = processes[name] as Kind;
  test(`nothing is lost when ${about}`, async (t) => {
    const reason = await obstacle?.();
    if (reason !== undefined) {
      t.skip(reason);
      return;
    }
    const seed = Number(process.env.FAMILIAR_SEED ?? Math.floor(Math.random() * 2 ** 32));
    t.diagnostic(`FAMILIAR_SEED=${seed}`);
    await using arena = await openArena(seed, () => {});
    await run(arena, rounds);
  });
}
