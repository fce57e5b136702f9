/** What the operator's orders have in common, whether they come from the command line or over HTTP. */

/** Says why an order was not carried out; nothing was changed. */
export class OrderRefused extends Error {
  override readonly name = 'OrderRefused';
  /** Whether the order itself is wrong, or what it adds is there, or what it names is not. */
  readonly why: 'invalid' | 'exists' | 'unknown';

  constructor(why: OrderRefused['why'], message: string) {
    super(message);
    this.why = why;
  }
}

/** What clients put into their configuration; every character must survive a signature's `k=v&k=v`. */
const credential = /^[\w.-]{1,128}$/;

/** Refuses what no client could sign with. */
export function refuseUnlessCredential(name: string, value: string | undefined): void {
  if (value === undefined || credential.test(value)) return;
  throw new OrderRefused('invalid', `${name} must be 1 to 128 letters, digits, dots, dashes or underscores`);
}

/** The longest name of a key or note of an appid, in characters. */
const textMax = 1_000;

/** Refuses a name or note that is long, or has lines: lists show each on one. */
export function refuseUnlessLine(name: string, value: string | null | undefined): void {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  if (value == null || (value.length <= textMax && !/[\u0000-\u001f\u007f]/.test(value))) return;
  throw new OrderRefused('invalid', `${name} must be one line of up to ${textMax} characters`);
}
