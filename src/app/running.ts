/** A note in the data folder of the server that runs on it, so that the doctor knows its own server from another program. */
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { replaceFile } from '../files/files.ts';

/** The file in the data folder. */
const noteFile = 'running.json';
/** The longest that a server on this machine may take to say that it is there, in milliseconds. */
const answerMs = 2_000;

const noteSchema = z.object({ pid: z.number().int().positive(), url: z.url(), adminUrl: z.url().optional() });

/** A server that runs. */
export interface Running {
  readonly pid: number;
  readonly port: number;
  /** Where the operator's listener is; undefined if a version without one wrote the note. */
  readonly adminUrl: string | undefined;
}

/** Notes that this process serves a data folder, and where; the note goes when this is disposed of. */
export async function announce(
  folder: string,
  urls: { readonly url: string; readonly adminUrl: string },
): Promise<AsyncDisposable> {
  const path = join(folder, noteFile);
  await replaceFile(path, `${JSON.stringify({ pid: process.pid, ...urls })}\n`, 0o600);
  return {
    async [Symbol.asyncDispose]() {
      // Another server on the same folder may have noted itself since.
      if ((await readNote(folder))?.pid === process.pid) await rm(path, { force: true });
    },
  };
}

/** The server that runs on a data folder; undefined if none does, as after one that was killed. */
export async function findRunning(folder: string): Promise<Running | undefined> {
  const note = await readNote(folder);
  if (note === undefined || !isAlive(note.pid) || !(await answers(note.url))) return undefined;
  return { pid: note.pid, port: Number(new URL(note.url).port), adminUrl: note.adminUrl };
}

async function readNote(folder: string): Promise<z.output<typeof noteSchema> | undefined> {
  try {
    return noteSchema.parse(JSON.parse(await readFile(join(folder, noteFile), 'utf8')));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function answers(url: string): Promise<boolean> {
  try {
    const { ok } = await fetch(`${url}/healthz`, { signal: AbortSignal.timeout(answerMs) });
    return ok;
  } catch {
    return false;
  }
}
