/** Makes the signed requests that benchmarks send. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sign } from '../src/auth/signature.ts';
import type { Shot } from './load.ts';

/** An appid, and what its calls are signed with. */
export interface Account {
  readonly appid: string;
  readonly secretId: string;
  readonly secretKey: string;
}

const folder = fileURLToPath(new URL('../node_modules/@vladmandic/face-api/demo/', import.meta.url));
/** The picture of a form: 1920 × 1350, three faces. */
const sample = await readFile(join(folder, 'sample3.jpg'));

/** Reads the account that a server made at its first start in a data folder. */
export async function readAccount(data: string): Promise<Account> {
  const key = JSON.parse(await readFile(join(data, 'first-key.json'), 'utf8')) as Record<string, string>;
  return { appid: key.appid!, secretId: key.secret_id!, secretKey: key.secret_key! };
}

/** A call with a JSON body. */
export function jsonShot(endpoint: string, account: Account, fields: Readonly<Record<string, unknown>>): Shot {
  const body = JSON.stringify({ appid: account.appid, ...fields });
  return { path: `/face/${endpoint}`, headers: headersOf(account, 'application/json'), body };
}

/** A call with a multipart form that carries `sample3.jpg` as `image`. */
export function formShot(endpoint: string, account: Account, fields: Readonly<Record<string, string>>): Shot {
  const texts = Object.entries({ appid: account.appid, ...fields }).map(
    ([name, value]) => `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = '--b\r\nContent-Disposition: form-data; name="image"; filename="a.jpg"\r\n\r\n';
  const body = Buffer.concat([Buffer.from(texts.join('') + head), sample, Buffer.from('\r\n--b--\r\n')]);
  return { path: `/face/${endpoint}`, headers: headersOf(account, 'multipart/form-data; boundary=b'), body };
}

/** Registers a new person in a group. */
export function newpersonShot(account: Account, personId: string, groupId: string): Shot {
  return formShot('newperson', account, { person_id: personId, 'group_ids[0]': groupId });
}

/** Headers with a signature that is good for an hour. */
function headersOf({ appid, secretId, secretKey }: Account, type: string): Record<string, string> {
  const madeAt = Math.floor(Date.now() / 1000);
  const claim = { appid, secretId, madeAt, expires: madeAt + 3600 };
  return { authorization: sign(claim, secretKey), 'content-type': type };
}
