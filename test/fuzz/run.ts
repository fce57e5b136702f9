/**
 * `npm run fuzz`: sends damaged requests to a server that it starts, while clients change a registry beside them, and checks
 * the answers, the memory of the server and what is kept.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lineThrough, type Point } from '../../bench/soak/slope.ts';
import { openArena } from '../chaos/arena.ts';
import { commit, machine, writeFigures } from '../chaos/page.ts';
import { residentMegabytes, startServer, stopServer } from '../chaos/server.ts';
import { openPictures } from '../conformance/pictures.ts';
import { describe, fuzz } from './fuzz.ts';
import { assertWhole } from './whole.ts';

const help = `npm run fuzz -- [options]

Starts a server on a free port of this machine and sends it damaged requests over sockets: recorded requests of six client
libraries, signed rightly or not, with bits, bytes, fields or values changed. Every answer must be a documented one, the
server must keep no memory, and what other clients wrote meanwhile must be there in the end. It ends by itself.

  --requests <n>  how many (10000)
  --seed <n>      draw these; each request has a seed of its own, and a failure says which
  --write         write the figures into docs/reliability.md
  --help          print this

Exits with 1 if something is wrong.`;

/** How often it is told how far it is, in milliseconds. */
const progressMs = 10_000;
/** Share of the run in which memory may still grow. */
const warmShare = 0.25;
/** MB that the server may grow by in the rest of the run. */
const growthMax = 40;

const { values } = parseArgs({
  options: {
    requests: { type: 'string', default: '10000' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 2 ** 32)) },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const [requests, seed] = [Number(values.requests), Number(values.seed)];

if (values.help) console.log(help);
else process.exitCode = await main();

async function main(): Promise<number> {
  await using arena = await openArena(seed, () => {});
  const { clients, data, flags } = arena;
  await using pictures = await openPictures();
  const server = await startServer(data, ...flags);
  const memory: Point[] = [];
  const began = performance.now();
  let [done, told] = [0, began];
  const sample = setInterval(async () => memory.push({ x: done, y: await residentMegabytes(server) }), 500);
  const stop = new AbortController();
  try {
    console.log(`${requests} requests from seed ${seed} on`);
    const driving = clients.drive(server, stop.signal);
    const target = { url: server.url, account: server.account, photograph: pictures.bytes.ada };
    const tally = await Promise.race([
      fuzz(target, requests, seed, (now) => {
        done = now;
        if (performance.now() - told < progressMs) return;
        told = performance.now();
        const leftMs = ((told - began) / done) * (requests - done);
        console.error(`${done} of ${requests} requests, ${Math.ceil(leftMs / 1000)} s left`);
      }),
      driving.then(() => new Promise<never>(() => {})),
    ]);
    const seconds = (performance.now() - began) / 1000;
    stop.abort();
    await driving;
    await clients.verify(server);
    await stopServer(server);
    assertWhole(join(data, 'familiar.db'));
    const growth = growthOf(memory);
    console.log(`answers as HTTP status and code: ${describe(tally)}`);
    console.log(
      `${requests} requests in ${seconds.toFixed(0)} s; ${clients.answered} calls of other clients; memory: ${growth.text}`,
    );
    const sum = tally.values().reduce((total, times) => total + times, 0);
    if (values.write) {
      writeFigures('fuzz', [
        `Made by \`npm run fuzz -- --requests ${requests} --seed ${seed}\` on ${machine()}, commit ${commit()}.`,
        '',
        `- ${requests} damaged requests in ${seconds.toFixed(0)} s; ${sum} answers, ${tally.size} kinds of them, each documented, none of them 213`,
        `- beside them ${clients.answered} calls of other clients; what they wrote was there in the end, and nothing was half written`,
        `- memory of the server with all its processes: ${growth.text}`,
      ]);
    }
    return growth.isFlat ? 0 : 1;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    return 1;
  } finally {
    clearInterval(sample);
    stop.abort();
    await rm(data, { recursive: true, force: true });
  }
}

/** Whether memory grew after the server was warm. Short runs cannot tell, and say so. */
function growthOf(memory: readonly Point[]): { readonly text: string; readonly isFlat: boolean } {
  const warm = memory.filter(({ x }) => x > warmShare * requests);
  if (warm.length < 20) return { text: 'too short a run to tell', isFlat: true };
  const { slope, slopeError } = lineThrough(warm);
  const most = Math.max(...warm.map(({ y }) => y));
  const rest = (1 - warmShare) * requests;
  const [grown, error] = [slope * rest, slopeError * rest];
  const text = `at most ${most.toFixed(0)} MB; over the last three quarters of the run ${grown.toFixed(1)} ± ${error.toFixed(1)} MB more`;
  return { text, isFlat: grown - error <= growthMax };
}
