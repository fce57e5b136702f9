/** Keeps results from one run to the next in a file of one JSON pair a line, which several runs may write at once. */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What earlier runs found, by digest of everything that it depends on. */
export class Memory {
  readonly #path: string | undefined;
  readonly #entries = new Map<string, unknown>();

  /**
   * @param path the file; without one nothing is kept.
   * @param fresh whether to forget what earlier runs found.
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

  /** What is known under a key; whoever asks knows what was kept under it. */
  get<T>(key: string): T | undefined {
    return this.#entries.get(key) as T | undefined;
  }

  /** Keeps a result. */
  put(key: string, value: unknown): void {
    this.#entries.set(key, value);
    if (this.#path !== undefined) appendFileSync(this.#path, `${JSON.stringify([key, value])}\n`);
  }
}
