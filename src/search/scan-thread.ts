/** A thread that scans: it takes one order after the other and answers with the best faces. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { collectOnceIdle } from '../memory/collect.ts';
import { Scanner, type ScanOrder } from './scan.ts';
import type { ThreadOptions } from './threads.ts';

// This module is what the thread runs; anywhere else importing it does nothing.
if (parentPort !== null) serve(parentPort, workerData as ThreadOptions);

function serve(port: MessagePort, { shared, thread }: ThreadOptions): void {
  const scanner = new Scanner(shared, thread);
  collectOnceIdle();
  port.on('message', (order: ScanOrder) => port.postMessage(scanner.scan(order)));
}
