/** The envelope that every answer is sent in (docs/contract.md §1). */
import { messageOf, refusals } from '../contract/refusals.ts';
import type { Refusal } from '../errors/refusals.ts';

/** `Content-Type` of every answer. */
export const envelopeType = 'application/json; charset=utf-8';

/** The envelope of an answer; `data`'s keys leave in the order they have. */
export function accepted(data: object): string {
  return `{"code":0,"message":"OK","data":${JSON.stringify(data)}}`;
}

/** The envelope of a refusal; `data` is there only where the contract names zero values. */
export function refused(refusal: Refusal): string {
  return JSON.stringify({ code: refusals[refusal.refusal].code, message: messageOf(refusal), data: refusal.data });
}
