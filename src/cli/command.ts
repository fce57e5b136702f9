/** The shape of a command: what it is given, and what it returns. */
import type { Settings } from '../app/settings.ts';
import type { Output } from './print.ts';

/** What a command has to work with. */
export interface Terminal {
  readonly output: Output & { readonly isTTY?: boolean };
  readonly errors: Output & { readonly isTTY?: boolean };
  /** Resolves with the signal's name when the process is asked to stop. */
  readonly stopping: Promise<string>;
  /** Sets what is done when the process is asked a second time; without it, that ends the process, as a third time does. */
  readonly onSecondStop: (listener: (signal: string) => void) => void;
}

/** The flags that commands take besides settings. */
export type Flags = Readonly<Record<string, string | boolean | readonly string[] | undefined>>;

/** A command: settings and flags in, exit code out. */
export type CommandBody = (
  settings: Settings,
  flags: Flags,
  terminal: Terminal,
  operands: readonly string[],
) => Promise<number>;
