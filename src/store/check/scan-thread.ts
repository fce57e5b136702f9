/** The thread that checks: it takes one order after the other, and lets everything else go first. */
import { setPriority } from 'node:os';
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import type { DatabaseSource } from '../database.ts';
import { openToRead } from '../open-to-read.ts';
import { type Scanned, type ScanOrder, scan } from './scan.ts';

/** What a thread tells. */
export type ScanMessage = { readonly persons: number } | { readonly scanned: Scanned } | { readonly error: Error };

/** How much the thread steps back, from 0 to 19. */
const niceness = 15;

// This module is what the thread runs; anywhere else importing it does nothing.
if (parentPort !== null) serve(parentPort, workerData as DatabaseSource);

function serve(port: MessagePort, source: DatabaseSource): void {
  stepBack();
  const opened = openToRead(source);
  const tell = (message: ScanMessage): void => port.postMessage(message);
  port.on('message', async (order: ScanOrder) => {
    try {
      tell({ scanned: await scan(await opened, order, (persons) => tell({ persons })) });
    } catch (error) {
      tell({ error: error as Error });
    }
  });
}

/** On Linux a thread has a priority of its own; elsewhere the whole process would get it. */
function stepBack(): void {
  if (process.platform !== 'linux') return;
  try {
    setPriority(0, niceness);
  } catch {
    // Where it may not be set, the thread runs as the others do.
  }
}
