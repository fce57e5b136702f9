/**
 * Fills a crop, pixel by pixel, with bilinear samples of a region of a picture.
 *
 * Below `region` lie bytes of red, green and blue, `stride` of them a row; a row and 8 bytes after its last row are read, but
 * weigh nothing. From `out` up to `end` three floats a pixel are written, `rowLength` bytes a row; the 4 bytes at `end` are
 * overwritten too. `plan` holds vectors of four floats, laid out by `layPlan` (src/vision/kernels/sampler.ts): the first
 * sample's place, the steps across and down, the region's last pixel, the scale, the shift, and from a pixel's first sample to
 * each of them.
 */

/** One sample a pixel, channels as red, green, blue. */
export function rgb1(plan: usize, region: usize, stride: u32, out: usize, rowLength: u32, end: usize): void {
  sampleAll(plan, region, stride, out, rowLength, end, 1, pixel(0, 1, 2), pixel(3, 4, 5));
}

/** Four samples a pixel, channels as red, green, blue. */
export function rgb4(plan: usize, region: usize, stride: u32, out: usize, rowLength: u32, end: usize): void {
  sampleAll(plan, region, stride, out, rowLength, end, 4, pixel(0, 1, 2), pixel(3, 4, 5));
}

/** One sample a pixel, channels as blue, green, red. */
export function bgr1(plan: usize, region: usize, stride: u32, out: usize, rowLength: u32, end: usize): void {
  sampleAll(plan, region, stride, out, rowLength, end, 1, pixel(2, 1, 0), pixel(5, 4, 3));
}

/** Four samples a pixel, channels as blue, green, red. */
export function bgr4(plan: usize, region: usize, stride: u32, out: usize, rowLength: u32, end: usize): void {
  sampleAll(plan, region, stride, out, rowLength, end, 4, pixel(2, 1, 0), pixel(5, 4, 3));
}

/** Picks three of eight bytes, each as a 32-bit integer; bytes of the number −1 are zeros. */
function pixel(first: i8, second: i8, third: i8): v128 {
  let picks = i32x4.splat(-1);
  picks = i8x16.replace_lane(picks, 0, first);
  picks = i8x16.replace_lane(picks, 4, second);
  return i8x16.replace_lane(picks, 8, third);
}

/**
 * @param here which of the eight bytes at a pixel make its channels, as four 32-bit integers.
 * @param right the same of the pixel on its right.
 */
function sampleAll(
  plan: usize,
  region: usize,
  stride: u32,
  out: usize,
  rowLength: u32,
  end: usize,
  sampleCount: i32,
  here: v128,
  right: v128,
): void {
  const start = v128.load(plan, 0);
  const across = v128.load(plan, 16);
  const down = v128.load(plan, 32);
  const last = v128.load(plan, 48);
  const scale = v128.load(plan, 64);
  const shift = v128.load(plan, 80);
  const samples = plan + 96;
  const samplesEnd = samples + 16 * sampleCount;
  const ones = f32x4.splat(1);
  let row = f32x4.splat(0);
  do {
    const rowEnd = out + rowLength;
    const line = f32x4.relaxed_madd(row, down, start);
    let column = f32x4.splat(0);
    do {
      let sum = f32x4.splat(0);
      let sample = samples;
      do {
        let place = f32x4.add(f32x4.relaxed_madd(across, column, line), v128.load(sample));
        place = f32x4.pmin(last, f32x4.pmax(f32x4.splat(0), place));
        const corner = i32x4.relaxed_trunc_f32x4_s(place);
        const rest = f32x4.sub(place, f32x4.convert_i32x4_s(corner));
        const restX = v128.shuffle<f32>(rest, rest, 0, 0, 0, 0);
        const restY = v128.shuffle<f32>(rest, rest, 1, 1, 1, 1);
        const address = region + i32x4.extract_lane(corner, 1) * stride + 3 * i32x4.extract_lane(corner, 0);
        const top = mix(v128.load64_zero(address), here, right, restX);
        const low = mix(v128.load64_zero(address + stride), here, right, restX);
        sum = f32x4.add(f32x4.relaxed_madd(f32x4.sub(low, top), restY, top), sum);
        sample += 16;
      } while (sample < samplesEnd);
      v128.store(out, f32x4.relaxed_madd(sum, scale, shift));
      column = f32x4.add(column, ones);
      out += 12;
    } while (out < rowEnd);
    row = f32x4.add(row, ones);
  } while (out < end);
}

/** Two pixels side by side, mixed. */
@inline
function mix(bytes: v128, here: v128, right: v128, rest: v128): v128 {
  const left = f32x4.convert_i32x4_s(i8x16.swizzle(bytes, here));
  return f32x4.relaxed_madd(rest, f32x4.sub(f32x4.convert_i32x4_s(i8x16.swizzle(bytes, right)), left), left);
}
