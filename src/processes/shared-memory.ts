/**
 * Memory through which a process hands bytes to another: a file without a name, in the file system of Linux that is memory. To
 * write all of them is one call of the system, and so is to read them; a pipe holds some hundred kilobytes, so that both sides wake
 * each other again and again. The system frees the memory with the last process that has it open, however that ends.
 */
import { closeSync, constants, ftruncateSync, openSync, readSync, statfsSync, writeSync } from 'node:fs';

/** Where Linux has memory as files for whoever wants to share it (shm_overview(7)). */
const folder = '/dev/shm';
/** The kind of a file system that is memory: `TMPFS_MAGIC` of statfs(2). */
const tmpfs = 0x01021994;
/** Makes a file that never has a name: `O_TMPFILE` of open(2), for which Node has no constant. */
const withoutName = 0o20000000 | constants.O_DIRECTORY;

/** Fewer bytes fit a pipe whole, and take no longer there. */
export const sharedBytesMin = 65_536;

/** The end that writes. */
export class SharedMemory implements Disposable {
  /** The end that reads and cannot write, to be inherited by the process that calls {@link readShared}. */
  readonly reader: number;
  readonly #fd: number;

  private constructor(fd: number) {
    this.#fd = fd;
    this.reader = openSync(`/proc/self/fd/${fd}`, 'r');
  }

  /** @returns null where the system has no such memory, or does not let this process have any. */
  static open(): SharedMemory | null {
    if (process.platform !== 'linux') return null;
    try {
      // In a container something else may be mounted there, such as a disk.
      if (statfsSync(folder).type !== tmpfs) return null;
      const fd = openSync(folder, withoutName | constants.O_RDWR | constants.O_EXCL, 0o600);
      try {
        return new SharedMemory(fd);
      } catch (error) {
        closeSync(fd);
        throw error;
      }
    } catch {
      return null;
    }
  }

  /** Closes the end that reads here, once the other process has it. */
  closeReader(): void {
    closeSync(this.reader);
  }

  /** Writes bytes in place of those before. @returns false if there is no room for them; none is taken then. */
  put(bytes: Uint8Array): boolean {
    try {
      for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at, bytes.length - at, at);
      return true;
    } catch {
      this.clear();
      return false;
    }
  }

  /** Frees the memory of the bytes. */
  clear(): void {
    ftruncateSync(this.#fd, 0);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

/**
 * Reads what the other process has put there.
 * @param fd of the end that reads.
 * @throws Error if there are fewer bytes.
 */
export function readShared(fd: number, length: number): Uint8Array {
  const bytes = Buffer.allocUnsafeSlow(length);
  for (let at = 0; at < length; ) {
    const bytesRead = readSync(fd, bytes, at, length - at, at);
    if (bytesRead === 0) throw new Error(`there are ${at} bytes and not ${length}`);
    at += bytesRead;
  }
  return bytes;
}
