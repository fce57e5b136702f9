/** Finds a folder in memory, for files that need not last: there nobody waits until a write is durable. */
import { statfsSync } from 'node:fs';

/** The folder that Linux has for it. */
const folder = '/dev/shm';
/** What must be free there, in bytes; containers are often given 64 MB. */
const freeMin = 2 ** 30;

/** The folder; undefined if there is none, or too little room. On a disk, the tests of the store wait for thousands of writes. */
export function memoryFolder(): string | undefined {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize >= freeMin ? folder : undefined;
  } catch {
    return undefined;
  }
}
