/** Downloads a picture from a url that a stranger names. */
import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import type { Client, Dispatcher } from 'undici';
import type { Lease } from '../concurrency/budget.ts';
import { createSemaphore, type Semaphore } from '../concurrency/semaphore.ts';
import { Refusal } from '../errors/refusals.ts';
import { type AddressRule, allowAddresses } from './addresses.ts';
import { holdBytes, openGrowing } from './memory.ts';

/** The port through which handlers get the pictures that requests name by url. */
export interface Downloads {
  /**
   * Downloads what a url leads to.
   * @returns the whole body, at least one byte, alone in an ArrayBuffer of exactly its length.
   * @throws Refusal `downloadFailed` up to the answer's headers: not a url of http or https, an address that is not
   *   allowed, unreachable, too many redirects, a status other than 2xx, timed out. `downloadBroken` after them: over
   *   the size limit, broken off, timed out. `pictureMissing` if the body is empty, `tooManyRequests` if no download
   *   could begin within {@link DownloadOptions.timeoutMs} or there is no memory, `unavailable` once disposed of. No message holds
   *   any of the url.
   */
  fetch(url: string, options?: FetchOptions): Promise<Uint8Array<ArrayBuffer>>;
}

/** On whose behalf a picture is downloaded. */
export interface FetchOptions {
  /** The caller has gone; its reason is then thrown as it is. */
  readonly signal?: AbortSignal;
  /** Those of one party wait in line, and the parties take turns. */
  readonly party?: string;
  /** Counts the bytes as they come; what came of a download that fails is given back. Uncounted if absent. */
  readonly lease?: Lease;
}

/** What bounds a download. */
export interface DownloadOptions {
  /** What may be reached beside the public internet, as {@link allowAddresses} takes it. */
  readonly allowHosts: readonly string[];
  /** The longest body. */
  readonly bytesMax: number;
  /** From a host's name to a connection, TLS included, to within a second; for each redirect anew. */
  readonly connectTimeoutMs: number;
  /** From the request to the answer's headers, to within a second; for each redirect anew. */
  readonly firstByteTimeoutMs: number;
  /** The whole download, redirects included, not counting the wait for a socket. */
  readonly timeoutMs: number;
  /** How many redirects are followed. */
  readonly redirectsMax: number;
  /** How many downloads run at once; each has one socket. */
  readonly socketsMax: number;
  /** How many of them one party has at most; all of them if absent. */
  readonly partySocketsMax?: number;
  /** How a name becomes addresses; the system's resolver by default. */
  readonly resolve?: (host: string) => Promise<readonly LookupAddress[]>;
}

/** The longest url, which is what RFC 9110, section 4.1 asks everyone to support at least. */
const urlLengthMax = 8_000;

/** Statuses whose Location is to be fetched in their place. */
const redirectStatuses: readonly number[] = [301, 302, 303, 307, 308];

const notAllowed = 'the address is not allowed';

/** Why there is no connection, by an error's code: for the log alone. */
const unreachedReasons: ReadonlyMap<unknown, string> = new Map([
  ['ERR_ADDRESS_NOT_ALLOWED', notAllowed],
  ['UND_ERR_CONNECT_TIMEOUT', 'connecting timed out'],
  ['ECONNREFUSED', 'the connection was refused'],
  ['ENOTFOUND', 'the host is not known'],
]);

const requestHeaders = {
  accept: 'image/*, */*;q=0.8',
  // A body that is decompressed on arrival could grow beyond any limit, and pictures are compressed already.
  'accept-encoding': 'identity',
  'user-agent': 'familiar',
} as const;

/** One download on its way. */
interface Trip {
  readonly options: DownloadOptions;
  readonly allows: AddressRule;
  /** Aborts when nobody wants the picture any more; its reason is then the outcome. */
  readonly gone: AbortSignal;
  /** Aborts at {@link DownloadOptions.timeoutMs}. */
  readonly late: AbortSignal;
  readonly lease: Lease | undefined;
}

/** Why a download failed, in words for the log that hold nothing of the url; undefined if it was given up or is a bug. */
export function faultOf(error: unknown): string | undefined {
  if (!(error instanceof Refusal)) return undefined;
  return error.cause instanceof Unreached ? error.cause.message : error.detail;
}

/** There is no connection, for the reason that is the message. */
class Unreached extends Error {
  override readonly name = 'Unreached';
}

/**
 * The refusal if there is no connection. It says the same whatever the reason is: who could tell a name that is not known
 * from an address that is not allowed could find out the names of this network.
 */
function unreached(reason: string): Refusal {
  return new Refusal('downloadFailed', 'the host was not reached', { cause: new Unreached(reason) });
}

/**
 * Opens the way to other servers. Environment variables that name a proxy are ignored. Disposing of it ends
 * every download and waits until they have ended.
 * @throws TypeError if `allowHosts` has a faulty entry.
 */
export function openDownloads(options: DownloadOptions): Downloads & AsyncDisposable {
  const allows = allowAddresses(options.allowHosts);
  const sockets = createSemaphore(options.socketsMax, undefined, options.partySocketsMax);
  const closing = new AbortController();
  return {
    async fetch(url, { signal, party, lease } = {}) {
      const gone = AbortSignal.any(signal === undefined ? [closing.signal] : [closing.signal, signal]);
      using _socket = await acquireSocket(sockets, gone, options.timeoutMs, party);
      return await follow(url, { options, allows, gone, late: AbortSignal.timeout(options.timeoutMs), lease });
    },
    async [Symbol.asyncDispose]() {
      closing.abort(new Refusal('unavailable', 'the server is shutting down'));
      // Whoever holds every permit knows that nobody else has one.
      const all = Array.from({ length: options.socketsMax }, (_, i) => sockets.acquire(undefined, `closing ${i}`));
      for (const socket of await Promise.all(all)) socket[Symbol.dispose]();
    },
  };
}

async function acquireSocket(
  sockets: Semaphore,
  gone: AbortSignal,
  timeoutMs: number,
  party: string | undefined,
): Promise<Disposable> {
  try {
    return await sockets.acquire(AbortSignal.any([gone, AbortSignal.timeout(timeoutMs)]), party);
  } catch (error) {
    throw gone.aborted ? gone.reason : new Refusal('tooManyRequests', 'downloads', { cause: error });
  }
}

/** Fetches from one place after the other until one has a body. */
async function follow(text: string, trip: Trip): Promise<Uint8Array<ArrayBuffer>> {
  let url = readUrl(text);
  for (let hop = 0; hop <= trip.options.redirectsMax; hop++) {
    const found = await visit(url, trip);
    if (typeof found !== 'string') return found;
    url = readUrl(found, url);
  }
  throw new Refusal('downloadFailed', `there were more than ${trip.options.redirectsMax} redirects`);
}

/** A url that may be fetched as far as its text tells. Only the URL class's reading of it is used from here on. */
function readUrl(text: string, base?: URL): URL {
  const url = text.length > urlLengthMax ? null : URL.parse(text, base?.href);
  if (url === null) throw new Refusal('downloadFailed', 'not a url');
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new Refusal('downloadFailed', 'not a url of http or https');
  }
  if (url.username !== '' || url.password !== '') throw new Refusal('downloadFailed', 'the url has credentials in it');
  return url;
}

/** The body that is at a url, or the text of the url that is to be fetched in its place. */
async function visit(url: URL, trip: Trip): Promise<Uint8Array<ArrayBuffer> | string> {
  const client = await openClient(url, trip);
  try {
    const answer = await client.request({ method: 'GET', path: url.pathname + url.search, headers: requestHeaders });
    return redirectOf(answer) ?? (await readBody(answer, trip));
  } catch (error) {
    throw outcome(error, 'downloadFailed', trip);
  } finally {
    await client.destroy();
  }
}

/**
 * A client for one request, which goes to none but an allowed address: the check stands between resolving and
 * connecting, so what a name resolves to later does not matter.
 * @throws Refusal `downloadFailed` if the host is an address that is not allowed.
 */
async function openClient(url: URL, { options, allows, gone, late }: Trip): Promise<Client> {
  const port = Number(url.port || (url.protocol === 'https:' ? 443 : 80));
  const address = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // The resolver is never asked for an address.
  if (isIP(address) && !allows(url.hostname, address, port)) throw unreached(notAllowed);

  const resolve = options.resolve ?? ((host) => lookup(host, { all: true }));
  const lookupAllowed: LookupFunction = (host, _options, callback) => {
    resolve(host).then(
      (found) => {
        const allowed = found.filter((entry) => allows(host, entry.address, port));
        const error = Object.assign(new Error(notAllowed), { code: 'ERR_ADDRESS_NOT_ALLOWED' });
        callback(allowed.length === 0 ? error : null, allowed);
      },
      (error) => callback(error, []),
    );
  };
  // Many installations never download: loaded at the start it would be a twentieth of the server's memory.
  const { Client } = await import('undici');
  return new Client(url.origin, {
    connect: {
      lookup: lookupAllowed,
      timeout: options.connectTimeoutMs,
      // Where a name has several addresses, each but the last gets a share of the time.
      autoSelectFamily: true,
      autoSelectFamilyAttemptTimeout: Math.ceil(options.connectTimeoutMs / 4),
      // Given to the socket, since a request's signal would not end it while it connects.
      signal: AbortSignal.any([gone, late]),
    },
    headersTimeout: options.firstByteTimeoutMs,
    // The whole download has a deadline, and that is enough.
    bodyTimeout: 0,
    allowH2: false,
    pipelining: 0,
  });
}

function redirectOf({ statusCode, headers }: Dispatcher.ResponseData): string | undefined {
  const { location } = headers;
  if (!redirectStatuses.includes(statusCode) || typeof location !== 'string') return undefined;
  // Header values arrive as one character a byte, and urls that are not ASCII are sent as UTF-8.
  return Buffer.from(location, 'latin1').toString();
}

async function readBody(answer: Dispatcher.ResponseData, trip: Trip): Promise<Uint8Array<ArrayBuffer>> {
  const { statusCode, headers } = answer;
  if (statusCode < 200 || statusCode > 299) throw new Refusal('downloadFailed', `status ${statusCode}`);
  if (!/^(identity)?$/i.test(String(headers['content-encoding'] ?? ''))) {
    throw new Refusal('downloadFailed', 'the answer is compressed');
  }
  const { bytesMax } = trip.options;
  if (Number(headers['content-length']) > bytesMax) throw tooLarge(bytesMax);

  const body = openGrowing(bytesMax);
  try {
    for await (const piece of answer.body as AsyncIterable<Uint8Array>) {
      if (body.length + piece.length > bytesMax) throw tooLarge(bytesMax);
      if (trip.lease !== undefined) holdBytes(trip.lease, piece.length);
      body.append(piece);
    }
  } catch (error) {
    trip.lease?.give(body.length);
    throw outcome(error, 'downloadBroken', trip);
  }
  if (body.length === 0) throw new Refusal('pictureMissing', 'the url has an empty body');
  return body.take();
}

function tooLarge(bytesMax: number): Refusal {
  return new Refusal('downloadBroken', `the picture is over ${bytesMax} bytes`);
}

/** What to throw for an error on the way: a refusal passes, and everything else becomes one. */
function outcome(error: unknown, refusal: 'downloadFailed' | 'downloadBroken', { gone, late }: Trip): unknown {
  if (gone.aborted) return gone.reason;
  if (error instanceof Refusal) return error;
  if (late.aborted) return new Refusal(refusal, 'the download timed out', { cause: error });
  if (refusal === 'downloadBroken') return new Refusal(refusal, 'the download broke off', { cause: error });
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'UND_ERR_HEADERS_TIMEOUT') return new Refusal(refusal, 'the answer timed out', { cause: error });
  // Node names failures of TLS after OpenSSL's: SELF_SIGNED_CERT_IN_CHAIN, ERR_TLS_…, ERR_SSL_….
  if (/CERT|TLS|SSL/.test(String(code))) {
    return new Refusal(refusal, 'no trusted TLS connection could be made', { cause: error });
  }
  return unreached(unreachedReasons.get(code) ?? 'the connection failed');
}
