/** The thread that searches in the database: it takes one order after the other. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { Kysely } from 'kysely';
import type { DatabaseSource } from '../database.ts';
import { DamagedValueError, type Place } from '../encryption/cipher.ts';
import { openToRead } from '../open-to-read.ts';
import type { Tables } from '../tables.ts';
import type { Lists, SearchOrder } from './order.ts';
import { GivenUp, KeyChanged, searchRows } from './stream.ts';

/** What came of an order. Errors lose their class on the way, so what callers tell apart goes by itself. */
export type SearchAnswer =
  | { readonly lists: Lists }
  | { readonly damaged: Place }
  | { readonly ended: 'key changed' | 'given up' }
  | { readonly error: Error };

// This module is what the thread runs; anywhere else importing it does nothing.
if (parentPort !== null) serve(parentPort, workerData as DatabaseSource);

function serve(port: MessagePort, source: DatabaseSource): void {
  const opened = openToRead(source);
  port.on('message', async (order: SearchOrder) => {
    port.postMessage(await answerTo(opened, order));
  });
}

async function answerTo(opened: Promise<Kysely<Tables>>, order: SearchOrder): Promise<SearchAnswer> {
  try {
    return { lists: await searchRows(await opened, order) };
  } catch (error) {
    if (error instanceof DamagedValueError) return { damaged: error.place };
    if (error instanceof KeyChanged) return { ended: 'key changed' };
    if (error instanceof GivenUp) return { ended: 'given up' };
    return { error: error as Error };
  }
}
