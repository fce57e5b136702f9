/** Whether this page can have passkeys. */
import { browserSupportsWebAuthn } from '@simplewebauthn/browser';

/** Browsers have them on https and on this machine, for pages that are reached by a name and not by a number. */
export function hasPasskeys(): boolean {
  return browserSupportsWebAuthn() && !/^(\[.*\]|[\d.]+)$/.test(location.hostname);
}

/** What a function of the library is told: the shape that the standard gives it, which the operator's API hands through. */
export type OptionsOf<F extends (options: never) => unknown> = Parameters<F>[0] extends {
  readonly optionsJSON: infer T;
}
  ? T
  : never;

/** What the browser made of it, as the operator's API takes it. */
export function sent(made: { readonly id: string; readonly response: object }): {
  [name: string]: unknown;
  id: string;
  response: Record<string, unknown>;
} {
  return { ...made, response: { ...made.response } };
}
