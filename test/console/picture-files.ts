/** What tests of pages that take pictures have in common: files, drops, and where a drawing lies. */
import assert from 'node:assert/strict';
import type { Locator } from 'playwright-core';
import sharp from 'sharp';

/** A file, as a browser is given one. */
export const file = (name: string, buffer: Buffer, mimeType = 'image/jpeg') => ({ name, mimeType, buffer });

/** A picture without a face. */
export const blank = (): Promise<Buffer> =>
  sharp({ create: { width: 320, height: 200, channels: 3, background: '#888' } })
    .jpeg()
    .toBuffer();

/** Drops or pastes a file, as a person does with the mouse or the keyboard. */
export async function give(target: Locator, event: 'drop' | 'paste', name: string, bytes: Buffer): Promise<void> {
  await target.evaluate(
    (element, { event, name, base64 }) => {
      const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
      const data = new DataTransfer();
      data.items.add(new File([bytes], name, { type: 'image/jpeg' }));
      const init = { bubbles: true, cancelable: true };
      element.dispatchEvent(
        event === 'drop'
          ? new DragEvent('drop', { ...init, dataTransfer: data })
          : new ClipboardEvent('paste', { ...init, clipboardData: data }),
      );
    },
    { event, name, base64: bytes.toString('base64') },
  );
}

/** The drawing lies on its picture, and has the picture's own pixels: what is drawn is where the face is. */
export async function isAligned(figure: Locator): Promise<void> {
  const [image, drawing] = [figure.locator('img'), figure.locator('svg')];
  const [a, b] = [await image.boundingBox(), await drawing.boundingBox()];
  for (const side of ['x', 'y', 'width', 'height'] as const) assert.ok(Math.abs(a![side] - b![side]) < 1, side);
  const natural = await image.evaluate((element) => {
    const { naturalWidth, naturalHeight } = element as HTMLImageElement;
    return `0 0 ${naturalWidth} ${naturalHeight}`;
  });
  assert.equal(await drawing.getAttribute('viewBox'), natural);
}
