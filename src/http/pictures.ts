/** Gets the bytes of a picture that a request names or carries. */
import type { PictureInput } from '../contract/endpoint.ts';
import type { PictureSource } from '../domain/context.ts';
import { Refusal } from '../errors/refusals.ts';
import { type Downloads, faultOf } from './download.ts';

/**
 * The source of a picture.
 * @param onDownload told how many milliseconds a download took, whatever came of it, and why it failed if it did.
 */
export function pictureSource(
  input: PictureInput,
  downloads: Downloads,
  onDownload: (ms: number, fault?: string) => void,
): PictureSource {
  if ('bytes' in input) return { open: async () => copy(input.bytes) };
  return {
    open: async (signal) => {
      if (input.url === '') throw new Refusal('pictureMissing');
      const start = performance.now();
      try {
        const bytes = await downloads.fetch(input.url, signal);
        onDownload(performance.now() - start);
        return bytes;
      } catch (error) {
        onDownload(performance.now() - start, faultOf(error));
        throw error;
      }
    },
  };
}

/** A part is a view of the body; the bytes given away must stand alone, since they move to another thread. */
function copy(bytes: Uint8Array): Uint8Array {
  if (bytes.length === 0) throw new Refusal('pictureMissing');
  return Uint8Array.prototype.slice.call(bytes);
}
