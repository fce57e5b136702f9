import type { Fault } from './fault.ts';

/** Faults in how an installation is set up, examined and run. */
export const app: readonly Fault[] = [];
