/** The envelope that every answer is sent in (docs/contract.md §1). */
import { messageOf, refusals } from '../contract/refusals.ts';
import type { IdList } from '../domain/stores.ts';
import type { Refusal } from '../errors/refusals.ts';

/** `Content-Type` of every answer. */
export const envelopeType = 'application/json; charset=utf-8';

const head = '{"code":0,"message":"OK","data":';

/**
 * The envelope of an answer; lists of ids go into it as they are. `data`'s keys leave in the order they have. What is text
 * leaves in one piece with the header, which bytes do not.
 */
export function accepted(data: object): string | Buffer {
  let text = head;
  let separator = '{';
  const pieces: Uint8Array[] = [];
  // The keys are the contract's names, which need no escapes.
  for (const key in data) {
    const value: unknown = data[key as keyof typeof data];
    if (value === undefined) continue;
    text += `${separator}"${key}":`;
    separator = ',';
    const json = isIdList(value) ? value.json : JSON.stringify(value);
    if (typeof json === 'string') text += json;
    else {
      pieces.push(Buffer.from(text), json);
      text = '';
    }
  }
  text += separator === '{' ? '{}}' : '}}';
  return pieces.length === 0 ? text : Buffer.concat([...pieces, Buffer.from(text)]);
}

/** The envelope of a refusal; `data` is there only where the contract names zero values. */
export function refused(refusal: Refusal): string {
  return JSON.stringify({ code: refusals[refusal.refusal].code, message: messageOf(refusal), data: refusal.data });
}

/** Nothing else that is sent has a member of this name. */
function isIdList(value: unknown): value is IdList {
  return typeof value === 'object' && value !== null && 'json' in value;
}
