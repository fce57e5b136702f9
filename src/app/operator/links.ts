/** Links by which somebody becomes an operator, or sets a new password: what the command line makes, since nobody can sign in yet. */
import { digestOf, type Grant, makeToken, roles } from '../../auth/operators.ts';
import { openData } from '../create-app.ts';
import { findRunning } from '../running.ts';
import type { Settings } from '../settings.ts';
import { OrderRefused } from './order.ts';

/** A link that was made. */
export interface MadeLink {
  /** `http://127.0.0.1:8081/#/link/…`. */
  readonly url: string;
  /** Whether a server runs on this machine where the link leads. */
  readonly isServed: boolean;
}

/** The roles that somebody can be given. */
export { roles };

/** What an operator may be called; as in the API's declarations. */
const namePattern = /^[\w.@-]{1,64}$/;

/**
 * Makes a link. It works once, within an hour.
 * @param words who it is for, and what they may do.
 * @throws OrderRefused.
 */
export async function makeLink(
  settings: Settings,
  { name, role, appid }: { readonly name: string; readonly role: string; readonly appid: string | undefined },
  now: number,
): Promise<MadeLink> {
  if (!namePattern.test(name)) {
    throw new OrderRefused('invalid', `the name ${name}: 1 to 64 letters, digits, dots, dashes, underscores or @`);
  }
  const known = roles.find((one) => one === role);
  if (known === undefined) throw new OrderRefused('invalid', `the role ${role}: one of ${roles.join(', ')}`);
  const grant: Grant = { role: known, appid: appid ?? null };
  const token = makeToken();
  await using stores = await openData(settings);
  await stores.operators.addLink(digestOf(token), name, grant, now);
  const running = await findRunning(settings.data);
  const base = running?.adminUrl ?? `http://${settings.adminHost}:${settings.adminPort}`;
  return { url: `${base}/#/link/${token}`, isServed: running?.adminUrl !== undefined };
}
