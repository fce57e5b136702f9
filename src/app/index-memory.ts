/** How much memory the search index may take. */
import { totalmem } from 'node:os';
import type { Settings } from './settings.ts';

/** The budget in bytes: as set, or half of what this process may have, be it the machine's memory or a container's. */
export function indexMemoryOf({ indexMemory }: Pick<Settings, 'indexMemory'>): number {
  if (indexMemory > 0) return indexMemory;
  // 0 if the system does not say.
  const limit = process.constrainedMemory();
  return Math.floor((limit > 0 ? Math.min(limit, totalmem()) : totalmem()) / 2);
}
