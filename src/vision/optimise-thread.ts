/** Knows nothing but its task: one network read, optimised and written, in a thread of its own. */
import { workerData } from 'node:worker_threads';
import type { OptimiseTask } from './optimised.ts';
import { writeOptimised } from './runtime.ts';

const { from, to } = workerData as OptimiseTask;
await writeOptimised(from, to);
