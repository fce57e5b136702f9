/** Knows how to cut a turned and scaled square out of a picture without aliasing. */
import { channels, type Pixels, type Pyramid } from './pixels.ts';

/** A map of the plane: (x, y) ↦ (a·x − b·y + x₀, b·x + a·y + y₀). */
interface Placement {
  readonly a: number;
  readonly b: number;
  readonly x: number;
  readonly y: number;
}

/**
 * Fills a crop with bilinear samples of a picture. A crop coarser than the picture is read from a halved picture, and
 * where that is still finer averages 2 × 2 samples a pixel; little aliasing is left. Beyond the picture its border
 * goes on.
 * @param out at least `offset + size · size · 3` long; gets red, green, blue from 0 to 255.
 * @param offset where in `out` the crop begins.
 * @param size side of the crop in pixels.
 * @param toPicture carries coordinates of the crop to those of the full picture.
 */
export function warpInto(
  out: Float32Array,
  offset: number,
  size: number,
  picture: Pyramid,
  toPicture: Placement,
): void {
  const scale = Math.hypot(toPicture.a, toPicture.b);
  const { pixels, shrink } = picture.for(scale);
  const taps = scale / shrink > 1.2 ? 2 : 1;
  const step: Placement = {
    a: toPicture.a / shrink / taps,
    b: toPicture.b / shrink / taps,
    x: toPicture.x / shrink - 0.5,
    y: toPicture.y / shrink - 0.5,
  };
  const upright = step.b === 0 && step.a > 0;
  (upright ? sampleUprightInto : sampleInto)(out, offset, size, taps, pixels, step);
}

/**
 * What {@link sampleInto} does where rows of the crop are rows of the picture: each is blended once of the picture's
 * rows and then sampled along, which takes half of the time or less.
 */
function sampleUprightInto(
  out: Float32Array,
  offset: number,
  size: number,
  taps: number,
  pixels: Pixels,
  { a, x, y }: Placement,
): void {
  const { data, width, height } = pixels;
  const columns = marks(size * taps, a, x, width);
  const rows = marks(size * taps, a, y, height);
  const stride = width * channels;
  const first = columns.places[0]! * channels;
  const length = Math.min(columns.places.at(-1)! + 2, width) * channels - first;
  // The neighbour beyond the picture's last column weighs nothing, but is read.
  const line = new Float32Array(length + channels);
  const weight = 1 / (taps * taps);
  let to = offset;
  for (let j = 0; j < size * taps; j += taps) {
    line.fill(0);
    for (let t = j; t < j + taps; t++) {
      const top = rows.places[t]!;
      const lower = weight * rows.fractions[t]!;
      const upper = weight - lower;
      const above = top * stride + first;
      const below = top < height - 1 ? above + stride : above;
      for (let k = 0; k < length; k++) line[k]! += upper * data[above + k]! + lower * data[below + k]!;
    }
    for (let i = 0; i < size * taps; i += taps, to += channels) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let s = i; s < i + taps; s++) {
        const at = columns.places[s]! * channels - first;
        const right = columns.fractions[s]!;
        const left = 1 - right;
        red += left * line[at]! + right * line[at + 3]!;
        green += left * line[at + 1]! + right * line[at + 4]!;
        blue += left * line[at + 2]! + right * line[at + 5]!;
      }
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
    }
  }
}

/** Between which two pixels of a row of `length` each tap lies: the first of them, and how far towards the second. */
function marks(count: number, step: number, start: number, length: number) {
  const places = new Int32Array(count);
  const fractions = new Float32Array(count);
  for (let k = 0; k < count; k++) {
    const position = Math.max(0, Math.min(length - 1, (k + 0.5) * step + start));
    places[k] = position;
    fractions[k] = position - places[k]!;
  }
  return { places, fractions };
}

/** Averages `taps` × `taps` samples a pixel; `step` carries taps to coordinates that count from the centre of the first pixel. */
function sampleInto(
  out: Float32Array,
  offset: number,
  size: number,
  taps: number,
  pixels: Pixels,
  { a, b, x, y }: Placement,
): void {
  const { data, width, height } = pixels;
  const stride = width * channels;
  const lastX = width - 1;
  const lastY = height - 1;
  const weight = 1 / (taps * taps);
  let to = offset;
  for (let j = 0; j < size; j++) {
    for (let i = 0; i < size; i++) {
      let red = 0;
      let green = 0;
      let blue = 0;
      for (let t = 0; t < taps; t++) {
        const row = j * taps + t + 0.5;
        let u = (i * taps + 0.5) * a - row * b + x;
        let v = (i * taps + 0.5) * b + row * a + y;
        for (let s = 0; s < taps; s++, u += a, v += b) {
          const px = Math.max(0, Math.min(lastX, u));
          const py = Math.max(0, Math.min(lastY, v));
          const left = px | 0;
          const top = py | 0;
          const nw = top * stride + left * channels;
          const ne = left < lastX ? nw + channels : nw;
          const down = top < lastY ? stride : 0;
          const sw = nw + down;
          const se = ne + down;
          const fx = px - left;
          const fy = py - top;
          const rightTop = fx * (1 - fy);
          const rightLow = fx * fy;
          const leftTop = 1 - fy - rightTop;
          const leftLow = fy - rightLow;
          red += leftTop * data[nw]! + rightTop * data[ne]! + leftLow * data[sw]! + rightLow * data[se]!;
          green +=
            leftTop * data[nw + 1]! + rightTop * data[ne + 1]! + leftLow * data[sw + 1]! + rightLow * data[se + 1]!;
          blue +=
            leftTop * data[nw + 2]! + rightTop * data[ne + 2]! + leftLow * data[sw + 2]! + rightLow * data[se + 2]!;
        }
      }
      out[to++] = red * weight;
      out[to++] = green * weight;
      out[to++] = blue * weight;
    }
  }
}
