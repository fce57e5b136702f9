/** What a check of the doctor is: what it looks at, what it may ask of the machine, and how it tells of a fault. */
import type { FaceAnalyzer } from '../../domain/face-analyzer.ts';
import type { Settings } from '../settings.ts';

/** What one check found. */
export interface Finding {
  /** What was checked. */
  readonly check: string;
  readonly ok: boolean;
  /** What was found. */
  readonly found: string;
  /** What to do about it; empty if all is well. */
  readonly mend: string;
}

/** What the checks ask of the machine; a test has answers of its own. */
export interface Machine {
  /** As `process.versions.node` has it. */
  readonly nodeVersion: string;
  /** How many bytes may still be written where a folder is. */
  readonly freeBytes: (folder: string) => Promise<number>;
  /** Loads the networks as the server does, and writes nothing into the data folder. */
  readonly openAnalyzer: (settings: Settings) => Promise<Pick<FaceAnalyzer, 'model'> & AsyncDisposable>;
}

/** A check. What it throws, other than a {@link Fault}, has no remedy that is known. */
export interface Check {
  readonly check: string;
  /** @returns what was found, if all is well. */
  readonly look: (settings: Settings, machine: Machine) => Promise<string>;
}

/** What is wrong, and what to do about it: each cause has a remedy of its own. */
export class Fault extends Error {
  override readonly name = 'Fault';
  readonly mend: string;

  constructor(found: string, mend: string) {
    super(found);
    this.mend = mend;
  }
}

/** What to do about a file or folder that the system does not let us use, by the system's code. */
export function mendAccess(path: string, code: string | undefined, setting: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `Give the user who runs familiar the right to read and write ${path} (chown, chmod).`;
    case 'EROFS':
      return `The file system of ${path} is mounted read-only: mount it for writing, or name another place with ${setting}.`;
    case 'ENOTDIR':
      return `A file stands where a folder is needed: remove it, or name another place with ${setting}.`;
    case 'ENOSPC':
    case 'EDQUOT':
      return `There is no room where ${path} is: make some.`;
    default:
      return `See to it that ${path} can be read and written, or name another place with ${setting}.`;
  }
}

/** The code of an error of the system, `EACCES`. */
export function codeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
