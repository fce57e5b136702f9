/** Makes odd pictures of one photograph: of every format, unusual, corrupt and hostile. */
import { crc32, deflateSync } from 'node:zlib';
import sharp, { type Sharp } from 'sharp';

/** What must come of a picture: one face, or a code. */
export type Outcome = 'one face' | -1101 | -1102 | -1300 | -1400;
/** A picture, made when it is asked for. */
export type Made = readonly [name: string, outcome: Outcome, make: () => Promise<Uint8Array> | Uint8Array];

const text = (value: string): Buffer => Buffer.from(value, 'latin1');

/**
 * All of them.
 * @param photograph a square photograph of one face.
 */
export function madeOf(photograph: Buffer): readonly Made[] {
  const face = (): Sharp => sharp(photograph);
  return [...unusual(face), ...animations(face), ...others(face), ...corrupt(face), ...hostile()];
}

function unusual(face: () => Sharp): Made[] {
  const seen = (name: string, make: () => Promise<Uint8Array>): Made => [name, 'one face', make];
  return [
    seen('a baseline JPEG', () => face().jpeg().toBuffer()),
    seen('a progressive JPEG', () => face().jpeg({ progressive: true }).toBuffer()),
    seen('a JPEG of low quality', () => face().jpeg({ quality: 20 }).toBuffer()),
    seen('a JPEG with full colours', () => face().jpeg({ chromaSubsampling: '4:4:4', quality: 100 }).toBuffer()),
    seen('a CMYK JPEG', () => face().toColourspace('cmyk').jpeg().toBuffer()),
    seen('a grey JPEG', () => face().greyscale().jpeg().toBuffer()),
    seen('a JPEG with bytes after its end', async () =>
      Buffer.concat([await face().jpeg().toBuffer(), text('PK\x03\x04')]),
    ),
    seen('12 megapixels from a phone that was held upright', () => phone(face)),
    seen('a PNG', () => face().png().toBuffer()),
    seen('an interlaced PNG', () => face().png({ progressive: true }).toBuffer()),
    seen('a PNG of 16 bits', () => face().toColourspace('rgb16').png().toBuffer()),
    seen('a grey PNG of 16 bits', () => face().toColourspace('grey16').png().toBuffer()),
    seen('a PNG with a palette', () => face().png({ palette: true }).toBuffer()),
    seen('a PNG with an alpha channel', () => face().ensureAlpha(0.8).png().toBuffer()),
    seen('a PNG with an alpha channel and a palette', () => face().ensureAlpha(0.8).png({ palette: true }).toBuffer()),
    seen('a PNG with an orientation', () => face().rotate(270).withMetadata({ orientation: 6 }).png().toBuffer()),
    seen('a WebP', () => face().webp().toBuffer()),
    seen('a lossless WebP', () => face().webp({ lossless: true }).toBuffer()),
    seen('a WebP with an alpha channel', () => face().ensureAlpha(0.8).webp().toBuffer()),
    seen('a GIF of one frame', () => face().gif().toBuffer()),
    seen('a BMP of 24 bits', () => bitmap(face(), 24, false)),
    seen('a BMP of 32 bits from the top', () => bitmap(face(), 32, true)),
    ['a picture of one pixel', -1101, () => face().resize(1).png().toBuffer()],
    [
      'a strip',
      -1101,
      () =>
        sharp({ create: { width: 10_000, height: 20, channels: 3, background: 'grey' } })
          .png()
          .toBuffer(),
    ],
    [
      'a black picture',
      -1101,
      () =>
        sharp({ create: { width: 640, height: 480, channels: 3, background: 'black' } })
          .jpeg()
          .toBuffer(),
    ],
  ];
}

/** 4032 × 3024 with a face in it, stored lying down with the orientation that puts it upright. */
async function phone(face: () => Sharp): Promise<Buffer> {
  const canvas = sharp({ create: { width: 3024, height: 4032, channels: 3, background: '#777' } });
  const upright = await canvas
    .composite([{ input: await face().resize(1500).toBuffer(), left: 700, top: 900 }])
    .jpeg()
    .toBuffer();
  return sharp(upright).rotate(270).withMetadata({ orientation: 6 }).jpeg({ quality: 70 }).toBuffer();
}

/** Windows' own format, which the picture library does not write. */
async function bitmap(image: Sharp, bits: 24 | 32, topDown: boolean): Promise<Buffer> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  const { width, height } = info;
  const stride = Math.ceil((width * bits) / 32) * 4;
  const file = Buffer.alloc(54 + stride * height);
  file.write('BM');
  file.writeUInt32LE(54, 10);
  file.writeUInt32LE(40, 14);
  file.writeInt32LE(width, 18);
  file.writeInt32LE(topDown ? -height : height, 22);
  file.writeUInt16LE(1, 26);
  file.writeUInt16LE(bits, 28);
  for (let y = 0; y < height; y += 1) {
    const row = 54 + stride * (topDown ? y : height - 1 - y);
    for (let x = 0; x < width; x += 1) {
      const from = (y * width + x) * 3;
      file.set([data[from + 2]!, data[from + 1]!, data[from]!], row + (x * bits) / 8);
    }
  }
  return file;
}

function animations(face: () => Sharp): Made[] {
  const frames = async (): Promise<Sharp> =>
    sharp([await face().toBuffer(), await face().flop().toBuffer()], { join: { animated: true } });
  return [
    ['an animated GIF', -1400, async () => (await frames()).gif().toBuffer()],
    ['an animated WebP', -1400, async () => (await frames()).webp().toBuffer()],
    ['an animated PNG', -1400, async () => withChunk(await face().png().toBuffer(), 'acTL', Buffer.alloc(8))],
  ];
}

function others(face: () => Sharp): Made[] {
  const other = (name: string, make: Made[2]): Made => [name, -1400, make];
  const box = (brand: string): Buffer =>
    Buffer.concat([Buffer.of(0, 0, 0, 24), text(`ftyp${brand}`), Buffer.alloc(400)]);
  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200"';
  return [
    other('a TIFF', () => face().tiff().toBuffer()),
    other('an AVIF', () => face().resize(64).avif({ effort: 0 }).toBuffer()),
    other('a HEIC', () => box('heic')),
    other('a JPEG 2000', () => Buffer.concat([Buffer.from('0000000c6a5020200d0a870a', 'hex'), Buffer.alloc(100)])),
    other('an icon', () => Buffer.concat([Buffer.from('000001000100', 'hex'), Buffer.alloc(100)])),
    other('a PDF', () => text('%PDF-1.7\n%%EOF')),
    other('a PPM', () => text('P6 1 1 255 abc')),
    other('an SVG', () => text(`${svg}/>`)),
    other('an SVG that reads a file', () =>
      text(`<!DOCTYPE s [<!ENTITY f SYSTEM "file:///etc/passwd">]>${svg}><text>&f;</text></svg>`),
    ),
    other('an SVG that fetches', () => text(`${svg}><image href="http://127.0.0.1:1/x.png"/></svg>`)),
    other('a script for ImageMagick', () => text("push graphic-context\nimage over 0,0 0,0 'https://127.0.0.1/x'\n")),
    other('PostScript', () => text('%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\nshowpage')),
    other('a playlist', () => text('#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n')),
    other('a ZIP', () => text('PK\x03\x04')),
    other('HTML', () => text('<!doctype html><title>Not found</title>')),
    other('a text', () => text('This is not a picture.\n')),
    other('one byte', () => Buffer.of(0xff)),
    other('noise', () => Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7919) % 251))),
    ['nothing', -1300, () => Buffer.alloc(0)],
  ];
}

function corrupt(face: () => Sharp): Made[] {
  const broken = (name: string, make: () => Promise<Uint8Array>): Made => [name, -1102, make];
  const cut = (make: (image: Sharp) => Sharp, share: number) => async () => {
    const whole = await make(face()).toBuffer();
    return whole.subarray(0, Math.floor(whole.length * share));
  };
  const shares = [0.05, 0.25, 0.5, 0.75, 0.95];
  return [
    ...shares.map((share) =>
      broken(
        `${share * 100} % of a JPEG`,
        cut((image) => image.jpeg(), share),
      ),
    ),
    ...shares.map((share) =>
      broken(
        `${share * 100} % of a progressive JPEG`,
        cut((image) => image.jpeg({ progressive: true }), share),
      ),
    ),
    ...shares.map((share) =>
      broken(
        `${share * 100} % of a PNG`,
        cut((image) => image.png(), share),
      ),
    ),
    ...shares.map((share) =>
      broken(
        `${share * 100} % of a WebP`,
        cut((image) => image.webp(), share),
      ),
    ),
    ...shares.map((share) =>
      broken(
        `${share * 100} % of a GIF`,
        cut((image) => image.gif(), share),
      ),
    ),
    broken('half a BMP', async () => (await bitmap(face(), 24, false)).subarray(0, 20_000)),
    broken('the first bytes of a JPEG', async () => Buffer.of(0xff, 0xd8, 0xff)),
    broken('the first bytes of a PNG', async () => text('\x89PNG\r\n\x1a\n')),
    broken('a PNG with a wrong checksum', async () => {
      const file = await face().png().toBuffer();
      const at = file.indexOf('IDAT') + 100;
      file.writeUInt8(file.readUInt8(at) ^ 0xff, at);
      return file;
    }),
    broken('a GIF that is a script', async () => text('GIF89a/*\x01\x00\x01\x00*/=1;alert(1);')),
    broken('a PNG without pixels', async () => png(0, 0)),
  ];
}

function hostile(): Made[] {
  const bomb = (name: string, make: () => Uint8Array): Made => [name, -1102, make];
  return [
    bomb('a PNG that claims 4 gigapixels', () => png(65_535, 65_535)),
    bomb('a PNG that claims more than there are numbers', () => png(2 ** 31 - 1, 2 ** 31 - 1)),
    bomb('a PNG of 400 megapixels, all white', () =>
      png(20_000, 20_000, deflateSync(Buffer.alloc(20_000 * 2501, 0xff), { level: 1 })),
    ),
    bomb('a JPEG that claims 4 gigapixels', () => {
      const start = 'ffd8ffc0001108ffdcffdc03012200021101031101ffda000c03010002110311003f00';
      return Buffer.concat([Buffer.from(start, 'hex'), Buffer.alloc(100)]);
    }),
    bomb('a GIF that claims 4 gigapixels', () => {
      const frame = '474946383961ffffffff8000000000000000ff2c00000000ffffffff00020244010000';
      return Buffer.from(`${frame}3b`, 'hex');
    }),
    bomb('a WebP that claims 268 megapixels', () => {
      const file = Buffer.alloc(64);
      file.write('RIFF');
      file.writeUInt32LE(56, 4);
      file.write('WEBPVP8L', 8);
      file.writeUInt32LE(44, 16);
      file.writeUInt8(0x2f, 20);
      file.writeUInt32LE(0x0fffffff, 21);
      return file;
    }),
    bomb('a BMP that claims 3.6 gigapixels', () => {
      const file = Buffer.alloc(1000);
      file.write('BM');
      for (const [at, value] of [
        [10, 54],
        [14, 40],
        [18, 60_000],
        [22, 60_000],
        [28, 24],
      ] as const)
        file.writeUInt32LE(value, at);
      return file;
    }),
  ];
}

/** A PNG of one bit a pixel, with a right checksum for every chunk. */
function png(width: number, height: number, pixels: Uint8Array = Buffer.alloc(0)): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.writeUInt8(1, 8);
  return Buffer.concat([
    text('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', header),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

/** The PNG with a chunk after its header. */
function withChunk(file: Buffer, type: string, data: Uint8Array): Buffer {
  const header = 8 + 25;
  return Buffer.concat([file.subarray(0, header), chunk(type, data), file.subarray(header)]);
}

function chunk(type: string, data: Uint8Array): Buffer {
  const content = Buffer.concat([text(type), data]);
  const framed = Buffer.alloc(8 + content.length);
  framed.writeUInt32BE(data.length, 0);
  framed.set(content, 4);
  framed.writeUInt32BE(crc32(content), 4 + content.length);
  return framed;
}
