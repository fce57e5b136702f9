/** A running server as what is evaluated: pictures in, and what its answers say out. */
import { setTimeout as wait } from 'node:timers/promises';
import { type Client, createClient, type DetectOutput, RefusalError } from '../../src/client/client.ts';
import { Backoff } from '../../src/concurrency/backoff.ts';
import { type DescribedFace, nothing, type PictureResult } from './analyses.ts';

/** The server, and the account whose registry is used. */
export interface WireOptions {
  readonly url: string;
  readonly appid: string;
  readonly secretId: string;
  readonly secretKey: string;
}

/** The calls of a server that evaluations need, tried again while it has no room. */
export type WireClient = Pick<
  Client,
  'detect' | 'compare' | 'newperson' | 'addface' | 'identify' | 'getpersonids' | 'delperson'
>;

/** Pauses before a call is sent again that the server had no room for. */
const pauses = { firstMs: 250, mostMs: 8000 };
/** A server that has had no room so often is one that cannot be measured. */
const triesMax = 10;

/** A face of an answer; the faces after the fifth have no attributes. */
type ToldFace = DetectOutput['face'][number];

/** A client that waits while the server has no room for a call: a loaded server is slower, not less accurate. */
export function openWire(options: WireOptions): WireClient {
  const client = createClient({ ...options, timeoutMs: 120_000 });
  const patient =
    <I, O>(call: (input: I) => Promise<O>) =>
    async (input: I): Promise<O> => {
      const backoff = new Backoff(pauses);
      for (;;) {
        try {
          return await call(input);
        } catch (error) {
          const full = error instanceof RefusalError && (error.is('tooManyRequests') || error.is('unavailable'));
          if (!full || backoff.failures >= triesMax) throw error;
          await wait(backoff.fail());
        }
      }
    };
  return {
    detect: patient(client.detect),
    compare: patient(client.compare),
    newperson: patient(client.newperson),
    addface: patient(client.addface),
    identify: patient(client.identify),
    getpersonids: patient(client.getpersonids),
    delperson: patient(client.delperson),
  };
}

/** Analyses a picture by detect; where it shows several faces it asks once more which of them is meant (mode 1). */
export async function analyzeThere(client: WireClient, picture: Uint8Array<ArrayBuffer>): Promise<PictureResult> {
  const start = performance.now();
  try {
    const { face: all, image_width: width, image_height: height } = await client.detect({ picture, mode: 0 });
    const timings = { 'detect, whole call': performance.now() - start };
    const meant = all.length > 1 ? (await client.detect({ picture, mode: 1 })).face : all;
    return { ...nothing, face: meant[0] && described(meant[0]), boxes: all.map(boxOf), width, height, timings };
  } catch (error) {
    if (!(error instanceof RefusalError)) return { ...nothing, trouble: `BUG ${error}` };
    return error.is('noFace') ? nothing : { ...nothing, trouble: error.message };
  }
}

/**
 * The confidence that two pictures show one person, as compare tells it.
 * @returns undefined if the server refuses one of them.
 */
export async function confidenceThere(
  client: WireClient,
  first: Uint8Array<ArrayBuffer>,
  second: Uint8Array<ArrayBuffer>,
): Promise<number | undefined> {
  try {
    return (await client.compare({ first, second })).similarity;
  } catch (error) {
    if (error instanceof RefusalError) return undefined;
    throw error;
  }
}

function described(face: ToldFace): DescribedFace | undefined {
  if (!('age' in face)) return undefined;
  const { gender, age, expression, glass, pitch, yaw, roll } = face;
  return {
    box: boxOf(face),
    attributes: { gender, age, expression, glass, pitch, yaw, roll },
    rawAttributes: { glasses: glass ? 1 : 0, pitch, yaw, roll },
  };
}

function boxOf({ x, y, width, height }: ToldFace): DescribedFace['box'] {
  return { x, y, width, height };
}
