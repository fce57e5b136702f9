/** Decodes a file to upright red, green and blue, and refuses what is not a picture. */
import sharp, { type Metadata, type Sharp } from 'sharp';
import { Refusal } from '../../errors/refusals.ts';
import type { Pixels } from '../kernels/pixels.ts';
import type { Source } from '../kernels/pyramid.ts';
import { decodeBmp } from './bmp.ts';
import { jpegHeadOf, standardProfile } from './jpeg-head.ts';
import type { Size } from './main-face.ts';

/** A decoded picture. */
export interface Picture {
  /** The pixels for the networks. */
  readonly pixels: Pixels;
  /** Of a large picture that was decoded smaller, the full size: at most {@link workingSideMax} on the longer side. */
  readonly full?: Source;
  /** Width of the upright picture as it was sent. */
  readonly width: number;
  /** Height of the upright picture as it was sent. */
  readonly height: number;
}

/** Limits on what decoding a caller's picture may cost. */
export interface DecodeLimits {
  /** Width × height at most, read from the header before anything is decoded. */
  readonly pixelsMax: number;
  /** Seconds that decoding may take, from 1: all sizes of a picture together, each a second at least. */
  readonly secondsMax: number;
}

/** The formats that are accepted (docs/contract.md §4, code −1400). */
export type Format = 'jpeg' | 'png' | 'webp' | 'gif' | 'bmp';

/**
 * Larger pictures are shrunk to this side while they are decoded: a face of 1/130 of the side is still found, and a
 * worker never holds more than 48 MB of pixels.
 */
export const workingSideMax = 4096;

/**
 * By how much large pictures are shrunk while they are decoded: at first by the largest of these that leaves
 * {@link firstSideMin} pixels on the longer side, and then by the next ones as far as faces need it. A decoder of JPEG
 * leaves out most of its work if it shrinks by 4 or 8; libvips has it do so only if something is left to shrink afterwards,
 * and shrinking by 2 or 3 gains little (docs/decisions/0017-large-pictures.md).
 */
const shrinks = [9, 5] as const;
/** A face of a sixth of this side has half as many pixels as the networks' inputs. */
const firstSideMin = 400;
/** Pictures with a longer side of so many pixels are decoded smaller. */
const shrinkableSideMin = Math.min(...shrinks) * firstSideMin;
/** The formats that libvips can decode smaller. */
const shrinkable: ReadonlySet<Format> = new Set(['jpeg', 'webp']);

/**
 * Restricts libvips to the accepted formats, one thread per picture and no cache. Process-wide; call it in a worker.
 */
export function confineDecoder(): void {
  sharp.cache(false);
  sharp.concurrency(1);
  sharp.block({ operation: ['VipsForeignLoad'] });
  sharp.unblock({
    operation: [
      'VipsForeignLoadJpegBuffer',
      'VipsForeignLoadPngBuffer',
      'VipsForeignLoadWebpBuffer',
      'VipsForeignLoadNsgifBuffer',
    ],
  });
}

/**
 * Decodes a picture: orientation applied, every colour space and depth converted to 8-bit sRGB, and transparent pixels
 * made white, as they look on most pages and cards. A large JPEG or WebP is decoded smaller, and again if its full size is
 * needed; the whole file is read either way, so that the first time finds every fault.
 * @throws Refusal `pictureMissing` if there are no bytes; `formatInvalid` if they are not a single picture of a
 *   {@link Format}; `decodeFailed` if they are cut off, corrupt, too many pixels or too slow.
 */
export async function decodePicture(file: Uint8Array, limits: DecodeLimits): Promise<Picture> {
  if (file.byteLength === 0) throw new Refusal('pictureMissing');
  const format = formatOf(file);
  if (format === undefined) throw new Refusal('formatInvalid');
  try {
    return format === 'bmp' ? await decodeBitmap(file, limits) : await decodeEncoded(file, format, limits);
  } catch (cause) {
    return refuse(cause);
  }
}

function refuse(cause: unknown): never {
  throw cause instanceof Refusal ? cause : new Refusal('decodeFailed', '', { cause });
}

/** The format that the first bytes announce, whatever the file is called. */
export function formatOf(file: Uint8Array): Format | undefined {
  const starts = (text: string, at = 0): boolean =>
    [...text].every((character, i) => file[at + i] === character.charCodeAt(0));
  if (starts('\xff\xd8')) return 'jpeg';
  if (starts('\x89PNG\r\n\x1a\n')) return 'png';
  if (starts('RIFF') && starts('WEBP', 8)) return 'webp';
  if (starts('GIF87a') || starts('GIF89a')) return 'gif';
  if (starts('BM')) return 'bmp';
  return undefined;
}

async function decodeEncoded(file: Uint8Array, format: Format, limits: DecodeLimits): Promise<Picture> {
  if (format === 'png' && isAnimatedPng(file)) throw new Refusal('formatInvalid', 'an animation');
  // `error` refuses files that are cut off or corrupt, and accepts what every viewer accepts, such as bytes after the
  // end.
  const reading = { failOn: 'error', limitInputPixels: limits.pixelsMax } as const;
  const head = format === 'jpeg' ? jpegHeadOf(file) : undefined;
  if (head !== undefined && Math.max(head.width, head.height) < shrinkableSideMin) {
    // All that is left to be known its pixels tell. To have its header read takes a fifth of the time of decoding a portrait.
    const limit = Math.min(limits.pixelsMax, head.width * head.height);
    const image = sharp(file, { ...reading, limitInputPixels: limit, ignoreIcc: head.isStandardRgb });
    const pixels = await pixelsOf(image.timeout({ seconds: limits.secondsMax }));
    return { pixels, width: pixels.width, height: pixels.height };
  }
  const image = sharp(file, reading);
  const header = await image.metadata();
  if ((header.pages ?? 1) > 1) throw new Refusal('formatInvalid', 'an animation');
  const options = isStandardRgb(header) ? { ...reading, ignoreIcc: true } : reading;
  const { width, height } = header.autoOrient;
  const end = performance.now() / 1000 + limits.secondsMax;
  const decode = (size: Size): Promise<Pixels> => {
    const seconds = Math.max(1, Math.round(end - performance.now() / 1000));
    const image = sharp(file, options).timeout({ seconds });
    // To look through every pixel of an opaque picture takes a tenth of the time of decoding it.
    if (header.hasAlpha) image.flatten({ background: 'white' });
    return render(image, { width, height }, size);
  };
  const full = workingSize({ width, height });
  const smaller = shrinks.filter((shrink) => Math.max(width, height) >= shrink * firstSideMin);
  const [first, ...finer] = shrinkable.has(format) ? smaller.map((shrink) => shrunk({ width, height }, shrink)) : [];
  if (first === undefined) return { pixels: await decode(full), width, height };
  const source: Source = { ...full, sizes: [...finer, full], decode: (size) => decode(size).catch(refuse) };
  return { pixels: await decode(first), full: source, width, height };
}

function workingSize({ width, height }: Size): Size {
  return shrunk({ width, height }, Math.max(1, Math.max(width, height) / workingSideMax));
}

function shrunk({ width, height }: Size, shrink: number): Size {
  const side = (length: number): number => Math.max(1, Math.round(length / shrink));
  return { width: side(width), height: side(height) };
}

/**
 * Whether a picture carries the usual profile of sRGB (IEC 61966-2-1): converting it to sRGB changes no byte and takes
 * longer than decoding it.
 */
function isStandardRgb({ space, icc }: Metadata): boolean {
  return space === 'srgb' && icc !== undefined && Buffer.from(icc).includes(standardProfile);
}

async function decodeBitmap(file: Uint8Array, limits: DecodeLimits): Promise<Picture> {
  const { data, width, height } = decodeBmp(file, limits.pixelsMax);
  const image = sharp(data, { raw: { width, height, channels: 3 } });
  return { pixels: await render(image, { width, height }, workingSize({ width, height })), width, height };
}

/** Decodes a picture of size `from` in size `to`; both are upright. */
async function render(image: Sharp, from: Size, to: Size): Promise<Pixels> {
  if (to.width !== from.width || to.height !== from.height) image.resize({ ...to, fit: 'fill' });
  return pixelsOf(image);
}

/** Upright red, green and blue. */
async function pixelsOf(image: Sharp): Promise<Pixels> {
  const { data, info } = await image
    .autoOrient()
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  const rgb = info.channels === 1 ? repeated(data) : data;
  return { data: rgb, width: info.width, height: info.height };
}

/** libvips returns grey pictures with one channel. */
function repeated(grey: Uint8Array): Uint8Array {
  const rgb = new Uint8Array(grey.length * 3);
  for (let i = 0; i < grey.length; i++) rgb.fill(grey[i]!, 3 * i, 3 * i + 3);
  return rgb;
}

/** An animated PNG has an `acTL` chunk before its first `IDAT` (PNG third edition, §11.3.6.1). */
function isAnimatedPng(file: Uint8Array): boolean {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let at = 8;
  while (at + 8 <= file.byteLength) {
    const type = view.getUint32(at + 4);
    if (type === 0x6163544c) return true;
    if (type === 0x49444154) return false;
    at += 12 + view.getUint32(at);
  }
  return false;
}
