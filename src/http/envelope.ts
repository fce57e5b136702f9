/** The envelope that every answer is sent in (docs/contract.md §1). */
import { messageOf, refusals } from '../contract/refusals.ts';
import type { IdList } from '../domain/stores.ts';
import type { Refusal } from '../errors/refusals.ts';

/** `Content-Type` of every answer. */
export const envelopeType = 'application/json; charset=utf-8';

/** The envelope of an answer; lists of ids go into it as they are. `data`'s keys leave in the order they have. */
export function accepted(data: object): string | Buffer {
  const head = '{"code":0,"message":"OK","data":';
  if (!Object.values(data).some(isIdList)) return `${head}${JSON.stringify(data)}}`;
  const members = Object.entries(data).filter(([, value]) => value !== undefined);
  const pieces = members.flatMap(([key, value], i) => [
    Buffer.from(`${i === 0 ? `${head}{` : ','}${JSON.stringify(key)}:`),
    isIdList(value) ? value.json : Buffer.from(JSON.stringify(value)),
  ]);
  return Buffer.concat([...pieces, Buffer.from('}}')]);
}

/** The envelope of a refusal; `data` is there only where the contract names zero values. */
export function refused(refusal: Refusal): string {
  return JSON.stringify({ code: refusals[refusal.refusal].code, message: messageOf(refusal), data: refusal.data });
}

/** Nothing else that is sent is bytes. */
function isIdList(value: unknown): value is IdList {
  return typeof value === 'object' && value !== null && 'json' in value && value.json instanceof Uint8Array;
}
