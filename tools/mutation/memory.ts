/**
 * Stores results from one run to the next in a file with one JSON pair per line, which several runs may write at once.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** The results of earlier runs, by the digest of everything that they depend on. */
export class Memory {
  readonly #path: string | undefined;
  readonly #entries = new Map<string, unknown>();

  /**
   * @param path the file; without one nothing is stored.
   * @param fresh whether to ignore the results of earlier runs.
   */
  constructor(path: string | undefined, fresh = false) {
    this.#path = path;
    if (path === undefined) return;
    mkdirSync(dirname(path), { recursive: true });
    if (fresh || !existsSync(path)) return;
    for (const line of readFileSync(path, 'utf8').split('\n')) {
      // A run that was ended while it wrote leaves half a line.
      if (!line.endsWith(']')) continue;
      const [key, value] = JSON.parse(line) as [string, unknown];
      this.#entries.set(key, value);
    }
  }

  /** The result for a key, as the type that the caller stored. */
  get<T>(key: string): T | undefined {
    return this.#entries.get(key) as T | undefined;
  }

  /** Stores a result. */
  put(key: string, value: unknown): void {
    this.#entries.set(key, value);
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify([key, value])}\n`);
  }
}
