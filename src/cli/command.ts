/** The shape of a command: what it is given, and what it returns. */
import type { Command } from 'commander';
import { OrderRefused } from '../app/operator/order.ts';
import type { SettingName, Settings } from '../app/settings.ts';
import type { Output } from './print.ts';

/** What a command has to work with. */
export interface Terminal {
  readonly output: Output & { readonly isTTY?: boolean };
  readonly errors: Output & { readonly isTTY?: boolean };
  /** Resolves with the signal's name when the process is asked to stop. */
  readonly stopping: Promise<string>;
  /** Sets what is done when the process is asked to read its settings again. */
  readonly onReload: (listener: () => void) => void;
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

/** Gives a command the flags of settings, and what it does. */
export type Bind = (command: Command, names: readonly SettingName[], body: CommandBody) => Command;

/** A command that gives the operator's orders: one that is refused ends with 2 if it is not understood, and else with 1. */
export function ordered(body: CommandBody): CommandBody {
  return async (settings, flags, terminal, operands) => {
    try {
      return await body(settings, flags, terminal, operands);
    } catch (error) {
      if (!(error instanceof OrderRefused)) throw error;
      terminal.errors.write(`${error.message}\n`);
      return error.why === 'invalid' ? 2 : 1;
    }
  };
}
