/** The messages between the main thread and the database's threads. */
import type { SqlResult, SqlValue } from './connection.ts';

/** How the thread that writes opens the database. */
export interface WriterOptions {
  readonly file: string;
  /** How long a transaction waits for one of another process before it fails, in milliseconds. */
  readonly busyTimeoutMs: number;
  /** Whether the log is emptied after deletions, so that what is deleted leaves the disk; yes if absent. */
  readonly truncatesLog?: boolean;
  /** What is run when the file is closed, and on request, if nobody else has it open; nothing if absent. */
  readonly whenAlone?: readonly string[];
  /** How much of the disk is kept free for deletions, in bytes; nothing if absent. */
  readonly reserveBytes?: number;
}

/**
 * What a statement does to the space on the disk: one that `grows` is refused while the disk is full, and for one that
 * `erases` or writes what is always `kept` the reserve is given up.
 */
export type Effect = 'reads' | 'grows' | 'kept' | 'erases';

/** A statement to run. */
export interface Statement {
  readonly sql: string;
  readonly parameters: readonly SqlValue[];
  /** If it erases, the rows' bytes must leave the disk soon. */
  readonly effect: Effect;
}

/** What a thread is asked to do. */
export type Command =
  | ({
      readonly kind: 'run';
      /** Whether it is a part of the transaction that is open: it fails if none is. */
      readonly within?: boolean;
    } & Statement)
  /** Runs statements in a transaction of their own, all or none of them; answers no rows. */
  | { readonly kind: 'commit'; readonly statements: readonly Statement[] }
  /** Begins a transaction that may write. */
  | { readonly kind: 'begin' }
  /** Notes that a write to another file found the disk full. */
  | { readonly kind: 'setFull' }
  /** Fails if the disk is full. */
  | { readonly kind: 'checkSpace' }
  /** Ends the transaction without a trace; nothing happens if none is open. */
  | { readonly kind: 'rollback' }
  /** Runs what may only be run if nobody else has the file open. */
  | { readonly kind: 'tidy' }
  /** Closes the database; the thread ends once it has answered. */
  | { readonly kind: 'close' };

/** SQLite's result code for a full disk (https://sqlite.org/rescode.html#full). */
export const diskFull = 13;

/** Work under a number that its answer carries too. */
export interface Request {
  readonly id: number;
  readonly command: Command;
}

/** What SQLite said of a failure; an error's own properties do not cross between threads by themselves. */
export interface Fault {
  readonly message: string;
  /** SQLite's result code (https://sqlite.org/rescode.html); undefined if the failure is not SQLite's. */
  readonly errcode: number | undefined;
}

/** The outcome of a request. */
export type Answer =
  | { readonly id: number; readonly result: SqlResult }
  | { readonly id: number; readonly fault: Fault };

/** Where a thread receives its requests: the `MessagePort` to the thread that started it. */
export interface RequestPort {
  on(event: 'message', listener: (order: Request) => void): unknown;
  postMessage(answer: Answer): void;
  /** Ends the thread once it has nothing else to do. */
  close(): void;
}

/** Performs a request, and makes the answer for the main thread. */
export function answerTo(id: number, perform: () => SqlResult): Answer {
  try {
    return { id, result: perform() };
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    return { id, fault: { message, errcode } };
  }
}
