/** The envelope that every answer is sent in (docs/contract.md §1). */
import { messageOf, refusals } from '../contract/refusals.ts';
import type { IdList } from '../domain/stores.ts';
import type { Refusal } from '../errors/refusals.ts';

/** `Content-Type` of every answer. */
export const envelopeType = 'application/json; charset=utf-8';

/** Lists of so many bytes in all are sent as text: it leaves in one piece with the header, which many buffers do not. */
const shortMax = 4_096;

/** The envelope of an answer; lists of ids go into it as they are. `data`'s keys leave in the order they have. */
export function accepted(data: object): string | Buffer {
  const lists = Object.values(data).filter(isIdList);
  if (lists.length === 0) return `${head}${JSON.stringify(data)}}`;
  const members = Object.entries(data).filter(([, value]) => value !== undefined);
  const isShort = lists.reduce((sum, { json }) => sum + json.length, 0) <= shortMax;
  return isShort ? textOf(members) : bytesOf(members);
}

const head = '{"code":0,"message":"OK","data":';

function textOf(members: readonly (readonly [key: string, value: unknown])[]): string {
  const pieces = members.map(([key, value]) => {
    const json = isIdList(value)
      ? Buffer.from(value.json.buffer, value.json.byteOffset, value.json.length).toString()
      : JSON.stringify(value);
    return `${JSON.stringify(key)}:${json}`;
  });
  return `${head}{${pieces.join(',')}}}`;
}

function bytesOf(members: readonly (readonly [key: string, value: unknown])[]): Buffer {
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
