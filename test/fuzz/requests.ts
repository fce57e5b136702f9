/** Draws damaged requests: recorded ones, signed rightly or not, with something wrong somewhere. */
import { type Filled, fill, type Recording, readRecordings } from '../conformance/recordings.ts';
import type { Account } from '../conformance/server.ts';
import { Random } from '../random.ts';
import { mutate, mutateMeaning } from './mutations.ts';

/** Bytes to send. */
export interface Noise {
  readonly bytes: Buffer;
  /** Whether head and body are whole, so that an answer must come. */
  readonly isWhole: boolean;
}

/** Where requests go, and for whom. */
export interface Target {
  /** `http://127.0.0.1:8080`. */
  readonly url: string;
  readonly account: Account;
  /** A photograph of one face. */
  readonly photograph: Buffer;
}

/** One request in so many carries a real photograph, which takes the networks' time. */
const photographEvery = 100;

const recordings: readonly Recording[] = readRecordings();

/**
 * The request of a seed: damaged in its body, whose length is then told right; in its head; or anywhere. Or nothing but
 * noise.
 */
export function drawRequest(seed: number, target: Target): Noise {
  const random = new Random(seed);
  const picture = random.oneIn(photographEvery) ? target.photograph : Buffer.from('no picture');
  const { head, body } = fillIn(random, picture, target);
  const bytes = (text: string) => Buffer.from(`${text}\r\n\r\n`, 'latin1');
  const kind = random.below(10);
  if (kind === 0) return { bytes: random.bytes(1 + random.below(500)), isWhole: false };
  if (kind === 1) return { bytes: mutate(Buffer.concat([bytes(head), body]), random), isWhole: false };
  if (kind < 5) return { bytes: Buffer.concat([mutate(bytes(head), random), body]), isWhole: false };
  const mutated = kind < 7 ? mutate(body, random) : mutateMeaning(body, random);
  const length = head.replace(/^content-length:.*$/im, `Content-Length: ${mutated.length}`);
  return { bytes: Buffer.concat([bytes(length), mutated]), isWhole: true };
}

/** A recorded request for the target. Its urls lead nowhere, so that no damage to them leads anywhere either. */
function fillIn(random: Random, picture: Buffer, { url, account }: Target): Filled {
  const filling = {
    account: drawSigner(random, account),
    host: new URL(url).host,
    pictures: [picture, picture],
    urls: ['nowhere', 'nowhere'],
    faceIds: ['1', '2', '3'],
  };
  const filled = fill(random.of(recordings), filling);
  if (!random.oneIn(20)) return filled;
  return { ...filled, head: filled.head.replace(/^authorization:.*\r\n/im, '') };
}

/** Mostly whom the server knows; else somebody with a wrong key, an unknown key, or an appid of nobody. */
function drawSigner(random: Random, account: Account): Account {
  switch (random.below(20)) {
    case 0:
      return { ...account, secretKey: 'wrong' };
    case 1:
      return { ...account, secretId: 'unknown' };
    case 2:
      return { ...account, appid: '999999' };
    default:
      return account;
  }
}
