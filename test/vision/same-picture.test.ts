import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import sharp, { type Sharp } from 'sharp';
import { agreement, type ComparableCrop, isCopy, readCrop } from '../../src/vision/pipeline/same-picture.ts';
import { photograph } from './photographs.ts';

/** Side of a crop, and of the part of a photograph that it is made of, in pixels. */
const [size, side] = [160, 370];

/** A part of a photograph with a face in its middle, its edges not needed. */
function faceOf(number: number, left: number, top: number, extent = side): Sharp {
  return sharp(photograph(number)).extract({ left, top, width: extent, height: extent });
}

/** What is kept of a face. */
async function cropOf(picture: Sharp, side = size): Promise<ComparableCrop> {
  const whole = await picture.png().toBuffer();
  return readCrop(await sharp(whole).resize(side, side, { fit: 'fill' }).jpeg({ quality: 90 }).toBuffer());
}

/** The face that the tests change. */
const face = (): Sharp => faceOf(6, 1405, 245);

/**
 * The picture with something in it moved down, as muscles move skin: the most in the middle, and nothing far from it.
 * @param by pixels of the photograph.
 */
async function moved(centre: { readonly x: number; readonly y: number }, by: number, spread = 30): Promise<Sharp> {
  const { data, info } = await face().raw().toBuffer({ resolveWithObject: true });
  const out = Buffer.from(data);
  for (let y = 0; y < side; y++) {
    for (let x = 0; x < side; x++) {
      const shift = by * Math.exp(-((x - centre.x) ** 2 + (y - centre.y) ** 2) / (2 * spread ** 2));
      const from = Math.max(0, Math.min(side - 1, Math.round(y - shift)));
      data.copy(out, 3 * (y * side + x), 3 * (from * side + x), 3 * (from * side + x) + 3);
    }
  }
  return sharp(out, { raw: { width: info.width, height: info.height, channels: 3 } });
}

describe('a copy of a photograph agrees everywhere', () => {
  let original: ComparableCrop;
  before(async () => {
    original = await cropOf(face());
  });

  const edits: Readonly<Record<string, () => Promise<ComparableCrop>>> = {
    'the picture itself': () => cropOf(face()),
    'a strongly compressed one': async () => cropOf(sharp(await face().jpeg({ quality: 10 }).toBuffer())),
    'one of half the size': async () => cropOf(sharp(await face().resize(80).png().toBuffer())),
    'a mirrored one': () => cropOf(face().flop()),
    'a grey one': () => cropOf(face().greyscale().toColourspace('srgb')),
    'a brighter one, whose light is cut off': () => cropOf(face().linear(1.25, 20)),
    'one with less contrast': () => cropOf(face().linear(0.6, 40)),
    'one aligned a little beside': () => cropOf(faceOf(6, 1411, 240)),
    'one aligned a little larger': () => cropOf(faceOf(6, 1414, 254, 352)),
    'one stretched by a tenth': () =>
      cropOf(sharp(photograph(6)).extract({ left: 1405, top: 264, width: side, height: 333 })),
    'a turned one': async () => {
      const turned = await faceOf(6, 1305, 145, 570).rotate(4).toBuffer();
      const { width = 0 } = await sharp(turned).metadata();
      const edge = Math.round((width - side) / 2);
      return cropOf(sharp(turned).extract({ left: edge, top: edge, width: side, height: side }));
    },
  };
  for (const [name, edit] of Object.entries(edits)) {
    it(name, async () => {
      const other = await edit();
      const [there, back] = [agreement(original, other), agreement(other, original)];
      assert.ok(isCopy(original, other) && isCopy(other, original), `${there}, ${back}`);
    });
  }
});

describe('another photograph does not agree where the face moved', () => {
  let original: ComparableCrop;
  before(async () => {
    original = await cropOf(face());
  });

  for (const [name, centre, by] of [
    ['a mouth that opens', { x: 190, y: 262 }, 12],
    ['lids that sink', { x: 150, y: 150 }, 10],
  ] as const) {
    it(name, async () => {
      const other = await cropOf(await moved(centre, by));
      assert.ok(!isCopy(original, other), `${agreement(original, other)}`);
    });
  }

  it('another person, which is told at a quarter of the size', async () => {
    const other = await cropOf(faceOf(6, 600, 320));
    assert.equal(agreement(original, other), -1);
  });
});

it('a crop in which there is nothing but cut-off light is nobody’s copy', async () => {
  const blank = await cropOf(sharp({ create: { width: side, height: side, channels: 3, background: '#fff' } }));
  assert.equal(agreement(blank, blank), -1);
});

it('a crop of one shade is nobody’s copy, whichever of the two it is', async () => {
  const [grey, person] = [
    await cropOf(sharp({ create: { width: side, height: side, channels: 3, background: '#808080' } })),
    await cropOf(face()),
  ];
  assert.ok(![isCopy(grey, grey), isCopy(grey, person), isCopy(person, grey)].includes(true));
});

it('crops of before and of today, which have another side, are told to be copies or not as those of one side are', async () => {
  const [before, today] = [await cropOf(face()), await cropOf(face(), 192)];
  assert.ok(isCopy(before, today) && isCopy(today, before), `${agreement(before, today)}`);
  const other = await cropOf(await moved({ x: 190, y: 262 }, 12), 192);
  assert.ok(!isCopy(before, other) && !isCopy(other, before), `${agreement(before, other)}`);
});

it('a crop that is too small to be one is refused', async () => {
  const small = await sharp({ create: { width: 80, height: 80, channels: 3, background: '#808080' } })
    .jpeg()
    .toBuffer();
  await assert.rejects(readCrop(small), /a crop of 80 × 80/);
});
