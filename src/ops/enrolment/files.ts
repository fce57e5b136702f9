/** Pictures in files. */
import { open, stat } from 'node:fs/promises';
import type { PictureSource } from '../../domain/context.ts';
import { Refusal } from '../../errors/refusals.ts';
import type { SuppliedPicture } from './supply.ts';

/** What a file with a picture is called at its end, by the formats that are accepted (docs/contract.md §4, code −1400). */
const pictureName = /\.(jpe?g|png|webp|gif|bmp)$/i;

/** Whether a file is a picture, by its name. */
export function isPictureName(name: string): boolean {
  return pictureName.test(name) && !name.startsWith('.');
}

/** A picture in a file; one that is not there, or cannot be read, is refused when it is opened. */
export async function filePicture(
  path: string,
  { label, tag, bytesMax }: Pick<SuppliedPicture, 'label' | 'tag'> & { readonly bytesMax: number },
): Promise<SuppliedPicture> {
  const found = await stat(path).catch(() => undefined);
  const key = JSON.stringify([label, found?.size, found?.mtimeMs]);
  return { label, key, tag, source: fileSource(path, bytesMax) };
}

function fileSource(path: string, bytesMax: number): PictureSource {
  return {
    async open() {
      try {
        await using file = await open(path);
        const { size } = await file.stat();
        if (size > bytesMax) throw new Refusal('formatInvalid', `the picture is over ${bytesMax} bytes`);
        const bytes = new Uint8Array(await file.readFile());
        if (bytes.length === 0) throw new Refusal('pictureMissing', 'the file is empty');
        return bytes;
      } catch (error) {
        if (error instanceof Refusal) throw error;
        throw new Refusal('pictureMissing', `the file cannot be read: ${(error as NodeJS.ErrnoException).code}`);
      }
    },
  };
}
