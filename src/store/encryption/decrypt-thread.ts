/** The thread that decrypts batches while others read the next and file the last; it transfers what it decrypts. */
import { type MessagePort, parentPort } from 'node:worker_threads';
import { decryptBatch, type EncryptedBatch } from './batch.ts';
import { DamagedValueError, type Place } from './cipher.ts';

/** What came of a batch. Errors lose their class on the way, so the place of a damaged value goes by itself. */
export type BatchAnswer = { readonly plain: Uint8Array } | { readonly damaged: Place } | { readonly error: Error };

// This module is what the thread runs; anywhere else importing it does nothing.
if (parentPort !== null) serve(parentPort);

function serve(port: MessagePort): void {
  port.on('message', (batch: EncryptedBatch) => {
    try {
      const plain = decryptBatch(batch);
      port.postMessage({ plain } satisfies BatchAnswer, [plain.buffer as ArrayBuffer]);
    } catch (error) {
      const answer = error instanceof DamagedValueError ? { damaged: error.place } : { error: error as Error };
      port.postMessage(answer satisfies BatchAnswer);
    }
  });
}
