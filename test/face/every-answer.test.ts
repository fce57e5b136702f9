/** Runs the contract's files, one for each answer, in one process: that takes a tenth of the time of a process for each. */
import { globSync } from 'node:fs';

const contract = new URL('../contract/', import.meta.url);
for (const file of globSync('*/*.test.ts', { cwd: contract }).sort()) await import(new URL(file, contract).href);
