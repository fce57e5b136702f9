/** The thread that reads much at once; it transfers what it reads instead of copying it. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { Connection, type SqlRow } from './connection.ts';
import { answerTo, type Request } from './messages.ts';

/** How the thread opens the database. */
export interface BulkOptions {
  readonly file: string;
  /** How long a read waits while another process recovers the log, in milliseconds. */
  readonly busyTimeoutMs: number;
}

// This module is what the thread runs; anywhere else importing it does nothing.
if (parentPort !== null) serve(parentPort, workerData as BulkOptions);

function serve(port: MessagePort, options: BulkOptions): void {
  const connection = new Connection({ ...options, readOnly: true });
  port.on('message', ({ id, command }: Request) => {
    const answer = answerTo(id, () =>
      command.kind === 'run' ? connection.run(command.sql, command.parameters) : { rows: [], changes: 0 },
    );
    port.postMessage(answer, 'result' in answer ? answer.result.rows.flatMap(buffersOf) : []);
    if (command.kind !== 'close') return;
    connection.close();
    port.close();
  });
}

function buffersOf(row: SqlRow): ArrayBuffer[] {
  return Object.values(row).flatMap((value) => (value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : []));
}
