/** Downloads a file of a pack: whole and with the digest in its manifest, or not at all. */
import { createHash } from 'node:crypto';
import { open, rm } from 'node:fs/promises';
import type { PackFile } from './manifest.ts';

/** How to download. */
export interface DownloadOptions {
  /** Called with the number of bytes received so far. */
  readonly onProgress?: ((done: number, total: number, name: string) => void) | undefined;
  /** Cancels the download. */
  readonly signal?: AbortSignal | undefined;
  /** Longest time without data from a source, in milliseconds; 30 seconds if absent. */
  readonly idleTimeoutMs?: number | undefined;
}

/** Redirects followed for one file. */
const redirectsMax = 5;

/**
 * Downloads a file to `path`, from the first of its sources that has it. A download that fails leaves nothing there.
 * @throws Error with the answer of each source; the signal's reason if it is aborted.
 */
export async function downloadFile(path: string, file: PackFile, options: DownloadOptions = {}): Promise<void> {
  const faults: string[] = [];
  for (const url of file.urls) {
    try {
      return await downloadFrom(url, path, file, options);
    } catch (error) {
      await rm(path, { force: true });
      options.signal?.throwIfAborted();
      faults.push(`${url}: ${reasonOf(error)}`);
    }
  }
  throw new Error(`Cannot download ${file.name}. ${faults.join(' ') || 'Its manifest names no address.'}`);
}

async function downloadFrom(url: string, path: string, file: PackFile, options: DownloadOptions): Promise<void> {
  const idle = idleSignal(options);
  const target = await open(path, 'w');
  try {
    const response = await ask(url, idle.signal);
    if (response.status !== 200) throw new Error(`it answers HTTP ${response.status}.`);
    const hash = createHash('sha256');
    let done = 0;
    for await (const chunk of response.body ?? []) {
      done += chunk.length;
      if (done > file.bytes) throw new Error(`it sends more than the ${file.bytes} bytes of the file.`);
      hash.update(chunk);
      await target.writeFile(chunk);
      idle.renew();
      options.onProgress?.(done, file.bytes, file.name);
    }
    if (done < file.bytes) throw new Error(`it stopped after ${done} of ${file.bytes} bytes.`);
    if (hash.digest('hex') !== file.sha256)
      throw new Error(`what it sends is not the file with SHA-256 ${file.sha256}.`);
    await target.sync();
  } finally {
    idle.stop();
    await target.close();
  }
}

/** Asks for the file; redirects may not leave the scheme, so that https stays https. */
async function ask(url: string, signal: AbortSignal): Promise<Response> {
  let at = new URL(url);
  for (let redirects = 0; redirects <= redirectsMax; redirects++) {
    const response = await fetch(at, { redirect: 'manual', signal });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    const next = new URL(location, at);
    if (next.protocol !== at.protocol) throw new Error(`it redirects from ${at.protocol} to ${next.protocol}.`);
    at = next;
  }
  throw new Error(`it redirects more than ${redirectsMax} times.`);
}

/** Aborts when the caller cancels, or when no data has arrived for too long. */
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
