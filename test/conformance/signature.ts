/** How each client signs: the same fields, each in an order of its own. */
import { createHmac } from 'node:crypto';
import type { Account } from './server.ts';

/**
 * The value of an Authorization header, good for 100 seconds.
 * @param order the fields' names in the order in which they are signed, separated by commas: `a,b,k,e,t,r,f`.
 * @param bucket what a client that signs `b` puts there.
 */
export function signature(account: Account, order: string, bucket = ''): string {
  const now = Math.floor(Date.now() / 1000);
  const values: Readonly<Record<string, string | number>> = {
    a: account.appid,
    b: bucket,
    k: account.secretId,
    e: now + 100,
    t: now,
    r: 12_345,
    u: 0,
    f: '',
  };
  const signed = order
    .split(',')
    .map((name) => `${name}=${values[name]}`)
    .join('&');
  const mac = createHmac('sha1', account.secretKey).update(signed).digest();
  return Buffer.concat([mac, Buffer.from(signed)]).toString('base64');
}
