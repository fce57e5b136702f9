/** The pictures of a call: counted and held apart from its body, and handed over or downloaded when they are wanted. */
import type { Endpoint, PictureInput } from '../contract/endpoint.ts';
import type { PictureSource } from '../domain/context.ts';
import { Refusal } from '../errors/refusals.ts';
import type { Holdings } from './analysis.ts';
import { type Downloads, faultOf } from './download.ts';

/**
 * The input of a call with pictures that stand alone in memory: those that came with the body are parts of it, and none
 * of it need be kept for them. They are counted in its place.
 * @throws Busy if there are more pictures than can be served, or than the appid has left in the month.
 */
export function separatePictures<I extends object>(
  endpoint: Endpoint,
  input: I,
  { lease, admitted, month }: Holdings,
): I {
  const names = Object.keys(endpoint.pictures);
  if (names.length === 0) {
    lease.give(lease.amount);
    return input;
  }
  let [pictures, downloads, bytes] = [0, 0, 0];
  const separate = (picture: PictureInput): PictureInput => {
    pictures += 1;
    if ('url' in picture) downloads += 1;
    else bytes += picture.bytes.length;
    return 'url' in picture ? picture : { bytes: alone(picture.bytes) };
  };
  const values = input as Readonly<Record<string, PictureInput | readonly PictureInput[]>>;
  const separated = names.map((name) => {
    const value = values[name] as PictureInput | readonly PictureInput[];
    return [name, Array.isArray(value) ? value.map(separate) : separate(value as PictureInput)];
  });
  lease.give(lease.amount);
  lease.add(bytes);
  month?.found(pictures);
  admitted.found(pictures, downloads);
  return { ...input, ...Object.fromEntries(separated) };
}

/**
 * The source of a picture that stands alone. It can be opened once: its bytes are then those of who opened it.
 * @param onDownload called at the end of a download with its milliseconds, and with the reason if it failed.
 */
export function pictureSource(
  input: PictureInput,
  downloads: Downloads,
  holdings: Holdings,
  onDownload: (ms: number, fault?: string) => void,
): PictureSource {
  if ('bytes' in input) return { open: async () => handOver(input.bytes) };
  const { appid, lease, admitted } = holdings;
  return {
    open: async (signal) => {
      const start = performance.now();
      try {
        if (input.url === '') throw new Refusal('pictureMissing');
        const bytes = await downloads.fetch(input.url, { signal, party: appid, lease });
        onDownload(performance.now() - start);
        admitted.downloaded();
        return bytes;
      } catch (error) {
        if (input.url !== '') onDownload(performance.now() - start, faultOf(error));
        admitted.done(false);
        throw error;
      }
    },
  };
}

/** A picture that is at least this share of its body keeps the body, of which nothing else is needed then, and is not copied. */
const bodyShareMin = 0.95;

/** The bytes in an ArrayBuffer in which little else lies, and nothing that is used. */
export function alone(bytes: Uint8Array): Uint8Array {
  const isMost = bytes.byteLength >= bodyShareMin * bytes.buffer.byteLength;
  return isMost ? bytes : Uint8Array.prototype.slice.call(bytes);
}

/** Moves bytes to a new array; the old one is empty from then on, so that the memory is freed with the new one. */
function handOver({ buffer, byteOffset, length }: Uint8Array): Uint8Array {
  if (length === 0) throw new Refusal('pictureMissing');
  return new Uint8Array((buffer as ArrayBuffer).transfer(), byteOffset, length);
}
