import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { jpegHeadOf } from '../../src/vision/pipeline/jpeg-head.ts';

function red(): Sharp {
  return sharp({ create: { width: 40, height: 24, channels: 3, background: 'red' } });
}

test('the head of a JPEG tells its size, and whether it carries the usual profile', async () => {
  const size = { width: 40, height: 24 };
  const named = 'of sRGB IEC61966-2.1, as most have it';
  for (const progressive of [false, true]) {
    const file = await red().jpeg({ progressive }).toBuffer();
    assert.deepEqual(jpegHeadOf(file), { ...size, isStandardRgb: false });
    assert.deepEqual(jpegHeadOf(withProfile(file, named)), { ...size, isStandardRgb: true });
    const turned = await red().withMetadata({ orientation: 6 }).jpeg({ progressive }).toBuffer();
    assert.deepEqual(jpegHeadOf(turned), { ...size, isStandardRgb: false });
    for (const profile of ['srgb', 'p3']) {
      const file = await red().withIccProfile(profile).jpeg({ progressive }).toBuffer();
      assert.deepEqual(jpegHeadOf(file), { ...size, isStandardRgb: false });
    }
  }
});

test('what is not in three colours, or is no picture, is left to the decoder', async () => {
  const file = await red().jpeg().toBuffer();
  assert.equal(jpegHeadOf(await red().toColourspace('b-w').jpeg().toBuffer()), undefined);
  assert.equal(jpegHeadOf(await red().toColourspace('cmyk').jpeg().toBuffer()), undefined);
  assert.equal(jpegHeadOf(await red().png().toBuffer()), undefined);
  const [frame] = [0xc0, 0xc2].map((marker) => file.indexOf(Buffer.of(0xff, marker))).filter((at) => at > 0);
  const flat = Buffer.from(file);
  flat.writeUInt16BE(0, frame! + 5);
  assert.equal(jpegHeadOf(flat), undefined, 'the height comes after the picture');
  const twice = Buffer.concat([file.subarray(0, frame), file.subarray(frame, frame! + 19), file.subarray(frame)]);
  assert.equal(jpegHeadOf(twice), undefined, 'which size counts?');
  const profiled = withProfile(await red().withIccProfile('p3').jpeg().toBuffer(), 'sRGB IEC61966-2.1');
  assert.equal(jpegHeadOf(profiled), undefined, 'which profile counts?');
});

test('a head that is cut off tells nothing, and none that is damaged does harm', async () => {
  const file = await red().withIccProfile('p3').jpeg().toBuffer();
  const scan = file.indexOf(Buffer.of(0xff, 0xda));
  for (let length = 0; length < scan + 2; length++) assert.equal(jpegHeadOf(file.subarray(0, length)), undefined);
  const byte = fc.tuple(fc.nat(scan + 8), fc.nat(255));
  fc.assert(
    fc.property(fc.array(byte, { maxLength: 4 }), (changes) => {
      const damaged = Buffer.from(file);
      for (const [at, value] of changes) damaged[at] = value;
      const head = jpegHeadOf(damaged);
      assert.ok(head === undefined || head.width * head.height > 0);
    }),
  );
});

/** The file with one more profile, of which only the name is there. */
function withProfile(file: Buffer, name: string): Buffer {
  const profile = Buffer.from(`ICC_PROFILE\0\x01\x01${name}`);
  const head = Buffer.from([0xff, 0xe2, 0, profile.length + 2]);
  return Buffer.concat([file.subarray(0, 2), head, profile, file.subarray(2)]);
}
