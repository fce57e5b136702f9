/** Knows how a pinned file comes over the network: whole and with the digest that was promised, or not at all. */
import { createHash, type Hash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import type { PackFile } from './manifest.ts';

/** How to download. */
export interface DownloadOptions {
  /** Told of the bytes that are there. */
  readonly onProgress?: ((done: number, total: number, name: string) => void) | undefined;
  /** Ends the download; what came so far is kept for the next time. */
  readonly signal?: AbortSignal | undefined;
  /** Longest that a source may send nothing; 30 seconds if absent. */
  readonly idleTimeoutMs?: number | undefined;
}

/** Redirects followed for one file. */
const redirectsMax = 5;

/** Says that what came is not the file that was promised. */
class WrongBytes extends Error {}

/**
 * Fetches a file to `path`, from the first of its sources that has it. What an earlier try left at `path` is continued.
 * @throws Error that says what each source answered; the signal's reason if it is aborted.
 */
export async function downloadFile(path: string, file: PackFile, options: DownloadOptions = {}): Promise<void> {
  const faults: string[] = [];
  for (const url of file.urls) {
    try {
      return await fromSource(path, file, url, options);
    } catch (error) {
      options.signal?.throwIfAborted();
      faults.push(`${url}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`Cannot download ${file.name}. ${faults.join(' ') || 'Its manifest names no address.'}`);
}

/** What was kept may be another file's, or torn: if the whole is wrong then, it is fetched anew. */
async function fromSource(path: string, file: PackFile, url: string, options: DownloadOptions): Promise<void> {
  if (await attempt(path, file, url, options)) return;
  await rm(path, { force: true });
  if (!(await attempt(path, file, url, options))) throw new WrongBytes('what is kept of it changes meanwhile.');
}

/** @returns false if what was kept is not the file's beginning. */
async function attempt(path: string, file: PackFile, url: string, options: DownloadOptions): Promise<boolean> {
  const idle = idleSignal(options);
  const draft = await open(path, 'a+');
  try {
    const kept = await keptOf(draft, path, file);
    if (kept.length === file.bytes && kept.hash.copy().digest('hex') === file.sha256) return true;
    const response = await ask(url, kept.length, idle.signal);
    if (response.status === 416) return false;
    if (response.status !== 200 && response.status !== 206) throw new Error(`it answers HTTP ${response.status}.`);
    // A server may send the whole although a part was asked for.
    const beginning = response.status === 206 ? kept : await emptied(draft);
    const whole = await append(draft, beginning, file, response, (done) => {
      idle.renew();
      options.onProgress?.(done, file.bytes, file.name);
    });
    if (whole || beginning.length > 0) return whole;
    throw new WrongBytes(`what it sends is not the file with SHA-256 ${file.sha256}.`);
  } catch (error) {
    // Wrong bytes are of no use to a later try; a beginning that was cut off is.
    if (error instanceof WrongBytes) await draft.truncate(0);
    throw error;
  } finally {
    idle.stop();
    await draft.close();
  }
}

/** What of a file is there. */
interface Beginning {
  readonly length: number;
  readonly hash: Hash;
}

async function keptOf(draft: FileHandle, path: string, file: PackFile): Promise<Beginning> {
  const { size } = await draft.stat();
  if (size > file.bytes) return emptied(draft);
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return { length: size, hash };
}

async function emptied(draft: FileHandle): Promise<Beginning> {
  await draft.truncate(0);
  return { length: 0, hash: createHash('sha256') };
}

/** Appends what comes to what is there. @returns whether it is the file now. */
async function append(
  draft: FileHandle,
  { length, hash }: Beginning,
  file: PackFile,
  { body }: Response,
  onBytes: (done: number) => void,
): Promise<boolean> {
  let done = length;
  for await (const chunk of body ?? []) {
    done += chunk.length;
    if (done > file.bytes) throw new WrongBytes(`it sends more than the ${file.bytes} bytes of the file.`);
    hash.update(chunk);
    await draft.writeFile(chunk);
    onBytes(done);
  }
  if (done < file.bytes) throw new Error(`it stopped after ${done} of ${file.bytes} bytes; another try goes on there.`);
  await draft.sync();
  return hash.digest('hex') === file.sha256;
}

/** Asks for the file from a byte on; redirects may not leave the scheme, so that https stays https. */
async function ask(url: string, from: number, signal: AbortSignal): Promise<Response> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= redirectsMax; redirects++) {
    const headers = from > 0 ? { range: `bytes=${from}-` } : {};
    const response = await fetch(at, { headers, redirect: 'manual', signal });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return checked(response, from);
    await response.body?.cancel();
    const next = new URL(location, at);
    if (next.protocol !== at.protocol) throw new Error(`it redirects from ${at.protocol} to ${next.protocol}.`);
    at = next;
  }
  throw new Error(`it redirects more than ${redirectsMax} times.`);
}

async function checked(response: Response, from: number): Promise<Response> {
  const range = response.headers.get('content-range') ?? '';
  if (response.status !== 206 || range.startsWith(`bytes ${from}-`)) return response;
  await response.body?.cancel();
  throw new Error(`it was asked for bytes from ${from} on and sends ${range || 'others'}.`);
}

/** Aborts when the caller gives up, or when nothing has come for too long. */
function idleSignal({ signal, idleTimeoutMs = 30_000 }: DownloadOptions) {
  const idle = new AbortController();
  const giveUp = () => idle.abort(new Error(`nothing came for ${idleTimeoutMs / 1000} seconds.`));
  const timer = setTimeout(giveUp, idleTimeoutMs);
  return {
    signal: signal ? AbortSignal.any([signal, idle.signal]) : idle.signal,
    renew: () => void timer.refresh(),
    stop: () => clearTimeout(timer),
  };
}

/** `fetch` hides what went wrong in its error's cause. */
function reasonOf(error: unknown): string {
  const { message, cause } = error as Error;
  return cause instanceof Error ? `${message} (${cause.message})` : message;
}
