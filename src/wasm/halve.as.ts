/**
 * Averages the squares of four pixels in two rows of bytes, red, green and blue a pixel, from `out` on up to `end` or 7
 * bytes farther. 15 bytes after each row are read.
 */
export function halveRow(above: usize, below: usize, out: usize, end: usize): void {
  do {
    // Four pixels of each row become two: each channel spread to 16 bits, the first and third pixel plus the others.
    const upper = v128.load(above);
    const lower = v128.load(below);
    let sum = i16x8.splat(2);
    sum = i16x8.add(sum, evenPixels(upper));
    sum = i16x8.add(sum, oddPixels(upper));
    sum = i16x8.add(sum, evenPixels(lower));
    sum = i16x8.add(sum, oddPixels(lower));
    const mean = i16x8.shr_u(sum, 2);
    v128.store64_lane(out, i8x16.narrow_i16x8_u(mean, mean), 0);
    above += 12;
    below += 12;
    out += 6;
  } while (out < end);
}

/** The first and third of four pixels; a number from 128 on picks a zero. */
function evenPixels(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(0, -1, 1, -1, 2, -1, 6, -1, 7, -1, 8, -1, -1, -1, -1, -1));
}

/** The second and fourth of four pixels. */
function oddPixels(pixels: v128): v128 {
  return i8x16.swizzle(pixels, i8x16(3, -1, 4, -1, 5, -1, 9, -1, 10, -1, 11, -1, -1, -1, -1, -1));
}
