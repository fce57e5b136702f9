/** Reads what the head of a JPEG tells of the picture, as far as it decides how the picture is decoded. */

/** What a head tells. */
export interface JpegHead {
  /** In pixels, as they are stored: not yet turned upright. */
  readonly width: number;
  readonly height: number;
  /** Whether the picture is in the usual colours, and carries their profile. */
  readonly isStandardRgb: boolean;
}

/** Markers of ITU-T T.81, table B.1. */
const [frames, startOfImage, startOfScan, app2] = [0xc0, 0xd8, 0xda, 0xe2] as const;
/** Markers among those of frames that begin something else: tables of Huffman codes, a reserved one, tables of arithmetic codes. */
const noFrames: ReadonlySet<number> = new Set([0xc4, 0xc8, 0xcc]);
/** How the segments begin that hold a colour profile (ICC.1, annex B.4). */
const profileStart = Buffer.from('ICC_PROFILE\0');
/** What the usual profile of sRGB (IEC 61966-2-1) is called in itself. */
export const standardProfile = 'sRGB IEC61966-2.1';

/** Whether a marker begins a segment that says how long it is. */
function isSegment(marker: number): boolean {
  return (marker >= frames && marker < 0xd0) || (marker > startOfScan && marker < 0xff);
}

/**
 * Reads the segments up to the picture's data.
 * @returns undefined if they are not what encoders write, or if the picture is not one of three colours: whatever it is, it is the
 *   decoder's to say.
 */
export function jpegHeadOf(file: Uint8Array): JpegHead | undefined {
  const bytes = Buffer.from(file.buffer, file.byteOffset, file.byteLength);
  let size: { width: number; height: number } | undefined;
  let isStandard: boolean | undefined;
  if (bytes[1] !== startOfImage) return undefined;
  for (let at = 2; at + 4 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1]!;
    if (marker === startOfScan) return size && { ...size, isStandardRgb: isStandard === true };
    if (!isSegment(marker)) return undefined;
    const segment = bytes.subarray(at + 4, at + 2 + bytes.readUInt16BE(at + 2));
    if (marker >= frames && marker < frames + 16 && !noFrames.has(marker)) {
      // Precision, height, width, and the number of components.
      if (segment.length < 6 || segment[5] !== 3 || size !== undefined) return undefined;
      size = { height: segment.readUInt16BE(1), width: segment.readUInt16BE(3) };
      if (size.width * size.height === 0) return undefined;
    }
    if (marker === app2 && segment.subarray(0, profileStart.length).equals(profileStart)) {
      // In several pieces, or several: which of them counts is told by their numbers.
      if (isStandard !== undefined) return undefined;
      isStandard = segment.includes(standardProfile);
    }
  }
  return undefined;
}
