/** Decodes Windows bitmaps, which libvips does not read: uncompressed ones of every depth. */

/** The header, checked. */
interface Header {
  readonly width: number;
  readonly height: number;
  readonly topDown: boolean;
  readonly bits: number;
  /** Where the rows begin. */
  readonly start: number;
  /** Bytes from one row to the next. */
  readonly stride: number;
}

/** A bitmap as red, green, blue, 8 bits each, rows from the top. */
export interface Bitmap {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const fileHeaderBytes = 14;
/** `biCompression`: BI_RGB, BI_BITFIELDS and BI_ALPHABITFIELDS. Run-length encodings are not supported. */
const plain = 0;
const bitFields = [3, 6];

/**
 * Reads a bitmap. Nothing is allocated before the header is checked against the file's length, so a small file cannot
 * claim a large picture.
 * @param file begins with `BM`.
 * @param pixelsMax width × height at most.
 * @throws RangeError if the bitmap is cut off, too large, or of a kind that is not supported.
 */
export function decodeBmp(file: Uint8Array, pixelsMax: number): Bitmap {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const infoBytes = view.getUint32(14, true);
  if (infoBytes < 40) throw new RangeError('a bitmap of OS/2');
  const header = readHeader(view, pixelsMax);
  const compression = view.getUint32(30, true);
  if (compression !== plain && !bitFields.includes(compression)) throw new RangeError('a compressed bitmap');
  const data = new Uint8Array(header.width * header.height * 3);
  const palette = fileHeaderBytes + infoBytes;
  if (header.bits <= 8) readIndexed(view, header, palette, data);
  else if (header.bits === 24) readTriples(view, header, data);
  else readMasked(view, header, compression === plain ? defaultMasks(header.bits) : masksOf(view), data);
  return { data, width: header.width, height: header.height };
}

function readHeader(view: DataView, pixelsMax: number): Header {
  const width = view.getInt32(18, true);
  const signedHeight = view.getInt32(22, true);
  const height = Math.abs(signedHeight);
  const bits = view.getUint16(28, true);
  if (width <= 0 || height === 0 || width * height > pixelsMax)
    throw new RangeError(`a bitmap of ${width} × ${height}`);
  if (![1, 4, 8, 16, 24, 32].includes(bits)) throw new RangeError(`a bitmap of ${bits} bits`);
  const start = view.getUint32(10, true);
  const stride = Math.ceil((width * bits) / 32) * 4;
  if (start < fileHeaderBytes + 40 || start + stride * height > view.byteLength)
    throw new RangeError('a bitmap that is cut off');
  return { width, height, topDown: signedHeight < 0, bits, start, stride };
}

function rowAt({ start, stride, height, topDown }: Header, y: number): number {
  return start + stride * (topDown ? y : height - 1 - y);
}

function readIndexed(view: DataView, header: Header, palette: number, data: Uint8Array): void {
  const { width, height, bits } = header;
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  let to = 0;
  for (let y = 0; y < height; y++) {
    const row = rowAt(header, y);
    for (let x = 0; x < width; x++) {
      const byte = view.getUint8(row + Math.floor(x / perByte));
      const index = (byte >> (8 - bits - (x % perByte) * bits)) & mask;
      const entry = palette + index * 4;
      // An index past a short palette would read pixels as colours; it is black, as Windows draws it.
      const known = entry + 4 <= header.start;
      data[to++] = known ? view.getUint8(entry + 2) : 0;
      data[to++] = known ? view.getUint8(entry + 1) : 0;
      data[to++] = known ? view.getUint8(entry) : 0;
    }
  }
}

function readTriples(view: DataView, header: Header, data: Uint8Array): void {
  let to = 0;
  for (let y = 0; y < header.height; y++) {
    let from = rowAt(header, y);
    for (let x = 0; x < header.width; x++, from += 3) {
      data[to++] = view.getUint8(from + 2);
      data[to++] = view.getUint8(from + 1);
      data[to++] = view.getUint8(from);
    }
  }
}

function readMasked(view: DataView, header: Header, masks: readonly number[], data: Uint8Array): void {
  const bytes = header.bits / 8;
  const parts = masks.map((mask) => {
    const shift = mask === 0 ? 0 : 31 - Math.clz32(mask & -mask);
    return { mask, shift, max: Math.max(1, mask >>> shift) };
  });
  let to = 0;
  for (let y = 0; y < header.height; y++) {
    let from = rowAt(header, y);
    for (let x = 0; x < header.width; x++, from += bytes) {
      const word = bytes === 2 ? view.getUint16(from, true) : view.getUint32(from, true);
      for (const { mask, shift, max } of parts) data[to++] = Math.round((((word & mask) >>> shift) * 255) / max);
    }
  }
}

function defaultMasks(bits: number): readonly number[] {
  return bits === 16 ? [0x7c00, 0x03e0, 0x001f] : [0xff0000, 0x00ff00, 0x0000ff];
}

/** Red, green and blue follow the first forty bytes of the info header, whichever version it is. */
function masksOf(view: DataView): readonly number[] {
  return [54, 58, 62].map((at) => view.getUint32(at, true));
}
