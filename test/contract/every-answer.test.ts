/** Runs the files of all folders here in one process, which takes a tenth of the time of one process for each. */
import { globSync } from 'node:fs';

for (const file of globSync('*/*.test.ts', { cwd: import.meta.dirname }).sort()) await import(`./${file}`);
