/** The shape of a setting. */
import type { z } from 'zod';

/** One row of the table of settings. */
export interface SettingRow<T = unknown> {
  /** Recognises a value spelled as text (flag, environment) or as JSON (file). */
  readonly schema: z.ZodType<T>;
  /** The default, written as a user would write it. */
  readonly fallback: string;
  /** What it means, with its unit. */
  readonly about: string;
  /** How the flag's value is called in `--help`. */
  readonly value: string;
  /** Several values are separated by commas; a flag that is given again adds to the first. */
  readonly isList?: true;
  /** It may be changed while the server runs: it is read again at SIGHUP. */
  readonly isLive?: true;
  /** A variable that many programs read, for this setting too; its own comes first. */
  readonly sharedVariable?: string;
  /** There is no flag for it: every user of the machine sees command lines. */
  readonly isSecret?: true;
  /** Its value may hold a password, though there is a flag for it: it is never told. */
  readonly holdsSecret?: true;
}
