/**
 * Keeps the inference engine to itself. From version 1.29 on ONNX Runtime tells its maker about its use: it queues events in
 * the home folder (device, system, install path, names of networks) and sends them. It reads the variables when it is
 * loaded, so they have to be there before.
 */
import { isMainThread } from 'node:worker_threads';

/** Variables of every process that loads the engine. */
export const engineVariables = { ORT_DISABLE_TELEMETRY: '1' } as const;

for (const [name, value] of Object.entries(engineVariables)) {
  // A thread has a copy of the variables: what it sets there, native code does not see.
  if (!isMainThread && process.env[name] !== value) throw new Error(`${name} must be set before threads are started.`);
  process.env[name] = value;
}
