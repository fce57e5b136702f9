/** A thread with one task: read a network, optimise it, write it, end. */
import { workerData } from 'node:worker_threads';
import type { OptimiseTask } from './optimised.ts';
import { writeOptimised } from './runtime.ts';

const { from, to } = workerData as OptimiseTask;
await writeOptimised(from, to);
