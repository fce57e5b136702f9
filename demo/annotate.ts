/** Draws what familiar says of each face into a photograph. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import opentype, { type Font } from 'opentype.js';
import sharp from 'sharp';
import type { FaceItem } from '../src/contract/face-item.ts';

/** A face to draw: what getfaceinfo says of it, its box in pixels of the whole photograph. */
export interface Annotation {
  readonly title: string;
  readonly item: FaceItem;
}

const fontFile = '@fontsource/dejavu-sans/files/dejavu-sans-latin-400-normal.woff';
const fontPixels = 22;
const linePixels = 28;
const ink = '#ffffff';
const paper = '#12263a';
const line = '#3ddc97';

/**
 * Draws the faces onto a photograph.
 * @returns a JPEG.
 */
export async function annotate(photograph: Buffer, faces: readonly Annotation[]): Promise<Buffer> {
  const bytes = await readFile(fileURLToPath(import.meta.resolve(fontFile)));
  const font = opentype.parse(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  const { width, height } = await sharp(photograph).metadata();
  const drawing = faces.map((face) => drawFace(font, face, width, height)).join('');
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}">${drawing}</svg>`;
  return sharp(photograph)
    .composite([{ input: Buffer.from(svg) }])
    .jpeg({ quality: 90 })
    .toBuffer();
}

function drawFace(font: Font, { title, item }: Annotation, pictureWidth: number, pictureHeight: number): string {
  const lines = [
    title,
    `${item.gender < 50 ? 'female' : 'male'} (${item.gender}), ${item.age} years`,
    `smile ${item.expression}, ${item.glass ? 'glasses' : 'no glasses'}`,
    `pitch ${item.pitch}, yaw ${item.yaw}, roll ${item.roll}`,
  ];
  const width = Math.max(...lines.map((text) => drawText(font, text, 0, 0).width)) + 20;
  const height = lines.length * linePixels + 12;
  const below = item.y + item.height + 8;
  const left = Math.max(0, Math.min(item.x + item.width / 2 - width / 2, pictureWidth - width));
  const top = below + height <= pictureHeight ? below : Math.max(0, item.y - height - 8);
  const texts = lines.map((text, i) => drawText(font, text, left + 10, top + (i + 1) * linePixels - 2).path);
  return `${drawBox(item)}<rect x="${left}" y="${top}" width="${width}" height="${height}" rx="6" fill="${paper}" fill-opacity="0.82"/>
    <path d="${texts.join('')}" fill="${ink}"/>`;
}

/** The box, and from its middle an arrow to where the nose points. */
function drawBox({ x, y, width, height, yaw, pitch }: FaceItem): string {
  const [centreX, centreY] = [x + width / 2, y + height / 2];
  const reach = width * 0.8;
  const endX = centreX + reach * Math.sin((yaw * Math.PI) / 180);
  const endY = centreY - reach * Math.sin((pitch * Math.PI) / 180);
  return `<rect x="${x}" y="${y}" width="${width}" height="${height}" rx="4" fill="none" stroke="${line}" stroke-width="4"/>
    <line x1="${centreX}" y1="${centreY}" x2="${endX}" y2="${endY}" stroke="${line}" stroke-width="4" stroke-linecap="round"/>
    <circle cx="${centreX}" cy="${centreY}" r="5" fill="${line}"/>`;
}

/** Text as outlines, so that no font need be on the machine; `y` is the base line. */
function drawText(font: Font, text: string, x: number, y: number): { path: string; width: number } {
  let [path, at] = ['', x];
  for (const character of text) {
    const glyph = font.charToGlyph(character);
    path += glyph.getPath(at, y, fontPixels).toPathData(1);
    at += ((glyph.advanceWidth ?? 0) * fontPixels) / font.unitsPerEm;
  }
  return { path, width: at - x };
}
