/**
 * A client of its own process that calls newperson on many connections, one call at a time on each, and prints what became
 * of the calls as JSON. The one argument is a {@link FloodOrder} as JSON.
 */
import { readFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';
import { Client } from 'undici';
import { createForm, headersOf, type SigningKey } from './calls.ts';

/** What is sent, and for how long. */
export interface FloodOrder {
  readonly url: string;
  readonly key: SigningKey;
  readonly picture: string;
  readonly connections: number;
  readonly seconds: number;
  /** Whether a client that is told when to come again waits until then. */
  readonly isPatient: boolean;
  /** Makes the ids of its persons its own. */
  readonly name: string;
}

/** What became of the calls. */
export interface FloodReport {
  /** Milliseconds from sending a call to having its answer: code 0. */
  readonly answered: readonly number[];
  /** The same of calls that were refused with 15. */
  readonly refused: readonly number[];
  /** Every other outcome, and how often. */
  readonly others: Readonly<Record<string, number>>;
}

/** The time over which the connections begin, in milliseconds. */
const startMs = 1_000;
/** The longest that a call may take before it is counted as lost, in milliseconds. */
const lostMs = 30_000;

/** How much lower the priority of the clients is than a server's own processes: they stand for other machines, whose cores these are not. */
const niceness = 10;

if (import.meta.main) {
  setPriority(getPriority() + niceness);
  const report = await flood(JSON.parse(process.argv[2] as string) as FloodOrder);
  process.stdout.write(JSON.stringify(report));
}

async function flood(order: FloodOrder): Promise<FloodReport> {
  const picture = await readFile(order.picture);
  const [answered, refused]: [number[], number[]] = [[], []];
  const others: Record<string, number> = {};
  const clients = Array.from(
    { length: order.connections },
    () => new Client(order.url, { pipelining: 1, headersTimeout: lostMs }),
  );
  // What is measured are calls, not connections.
  await Promise.all(clients.map(connectTo));
  const end = performance.now() + order.seconds * 1000;
  const lane = async (client: Client, lane: number): Promise<void> => {
    const form = createForm(order.key, picture);
    // One process that writes all pictures in one turn of its loop could read no answer meanwhile.
    await pause((lane * startMs) / order.connections, end);
    for (let call = 0; performance.now() < end; call += 1) {
      const body = form(`${order.name}-${String(lane).padStart(3, '0')}-${String(call).padStart(6, '0')}`);
      const sent = performance.now();
      try {
        const headers = headersOf(order.key, form.type);
        const answer = await client.request({ path: '/face/newperson', method: 'POST', headers, body });
        const { code, message } = (await answer.body.json()) as { code: number; message: string };
        const ms = performance.now() - sent;
        if (code === 0) answered.push(ms);
        else if (code === 15) refused.push(ms);
        else others[`${code} ${message}`] = (others[`${code} ${message}`] ?? 0) + 1;
        if (code === 15 && order.isPatient) await pause(Number(answer.headers['retry-after']) * 1000, end);
      } catch (error) {
        const name = String((error as { code?: string }).code ?? error);
        others[name] = (others[name] ?? 0) + 1;
      }
    }
    await client.close();
  };
  await Promise.all(clients.map(lane));
  return { answered, refused, others };
}

async function connectTo(client: Client): Promise<void> {
  const answer = await client.request({ path: '/healthz', method: 'GET' });
  await answer.body.dump();
}

function pause(ms: number, end: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, Math.min(ms, end - performance.now()))));
}
