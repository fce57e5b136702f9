/** A thread that scans: it takes one order after the other and answers with the best faces. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { type Order, Scanner } from './scan.ts';
import type { ThreadOptions } from './threads.ts';

// This module is what the thread runs; anywhere else importing it does nothing.
if (parentPort !== null) serve(parentPort, workerData as ThreadOptions);

function serve(port: MessagePort, { shared, thread }: ThreadOptions): void {
  const scanner = new Scanner(shared, thread);
  port.on('message', (order: Order) => port.postMessage(scanner.scan(order)));
}
