/** Calls as a client of the face API sends them: signed, newperson as a form, getinfo as JSON. */
import { sign } from '../../src/auth/signature.ts';

/** What a call is signed with. */
export interface SigningKey {
  readonly appid: string;
  readonly secretId: string;
  readonly secretKey: string;
}

/** Makes bodies of newperson. */
export interface Form {
  /** The body for a person; its id has the same length each time. It is the same memory, written anew. */
  (personId: string): Buffer;
  /** Its Content-Type. */
  readonly type: string;
}

/** The headers of a call, with a signature that is good for an hour. */
export function headersOf({ appid, secretId, secretKey }: SigningKey, type: string): Record<string, string> {
  const madeAt = Math.floor(Date.now() / 1000);
  return {
    authorization: sign({ appid, secretId, madeAt, expires: madeAt + 3600 }, secretKey),
    'content-type': type,
  };
}

/** Makes a body once: to write it for each call would cost the client more than the server spends on it. */
export function createForm(key: SigningKey, picture: Uint8Array): Form {
  let body: Buffer | undefined;
  const part = (name: string, value: string) =>
    `--b\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
  const before = part('appid', key.appid) + part('group_ids[0]', 'overload');
  const idAt = (before + part('person_id', '')).length - '\r\n'.length;
  const form = (personId: string): Buffer => {
    const head = `${before}${part('person_id', personId)}--b\r\nContent-Disposition: form-data; name="image"\r\n\r\n`;
    body ??= Buffer.concat([Buffer.from(head), picture, Buffer.from('\r\n--b--\r\n')]);
    body.write(personId, idAt, 'latin1');
    return body;
  };
  return Object.assign(form, { type: 'multipart/form-data; boundary=b' });
}
