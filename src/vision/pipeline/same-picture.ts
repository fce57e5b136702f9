/** Tells a copy of a photograph from another photograph of the person, however alike: by their kept crops. */
import sharp from 'sharp';
import { type Grey, identity, register, warpTo } from './registration.ts';

/** Side of the crops as they are compared, in pixels. */
const size = 80;
/** Steps on each level of a registration, from a quarter of the size on. */
const steps = 8;
/** The filter that takes away what compression leaves: a Gaussian with a deviation of one pixel. */
const blurRadius = 3;
const blurKernel = Float32Array.from({ length: 2 * blurRadius + 1 }, (_, i) => Math.exp(-((i - blurRadius) ** 2) / 2));
const blurTotal = blurKernel.reduce((sum, weight) => sum + weight, 0);
/** Half the side of a window, in pixels, without its middle. */
const reach = 3;
/** The variance, in squared levels of grey, below which a window holds little but noise. */
const noise = 400;
/** The windows that agree least decide: this share of them may agree less than the answer says. */
const share = 0.02;
/** Levels of grey outside which light was clipped, so that nothing is left of what was there. */
const [darkest, brightest] = [4, 250];
/** What copies agree at least: of edits 1.5 in a hundred agree less (bench/vision/copies.ts, docs/decisions/0015-copies.md). */
export const copyMin = 0.963;
/**
 * Crops that do not correlate as much as this at a quarter of the size are of two photographs, and are compared no further: edits
 * reach 0.98 there, and of pairs of one person’s photographs one in a hundred as much as this (docs/decisions/0015-copies.md).
 */
const coarseMin = 0.95;
/** How much stronger the light of a copy may be, or weaker; what is faded further tells nothing any more. */
const gainMax = 4;
/** Fewer windows without clipped pixels than this tell nothing. */
const windowsMin = 300;

/** The pixels of the face: an ellipse from the brows' upper edge to the chin, with the ears. */
const face = [size / 4, size / 2, size].map((side) => {
  const inside: number[] = [];
  for (let y = 1; y < side - 1; y++) {
    for (let x = 1; x < side - 1; x++) {
      const [u, v] = [(x + 0.5) / side - 0.5, (y + 0.5) / side - 0.52];
      if ((u / 0.34) ** 2 + (v / 0.42) ** 2 <= 1) inside.push(y * side + x);
    }
  }
  return Int32Array.from(inside);
});

/** A crop as it is compared. */
export interface ComparableCrop {
  /** Without the noise of compression; a quarter, a half and the whole of the size. */
  readonly levels: readonly [Grey, Grey, Grey];
  readonly unfiltered: Grey;
}

/** Reads a kept crop of any side: those of before had 160 pixels. */
export async function readCrop(crop: Uint8Array): Promise<ComparableCrop> {
  const image = sharp(crop);
  const { width, height } = await image.metadata();
  if (width !== height || width < 2 * size) throw new Error(`a crop of ${width} × ${height}`);
  const data = await image
    .resize(2 * size, 2 * size)
    .greyscale()
    .raw()
    .toBuffer();
  const unfiltered = halved({ size: 2 * size, values: Float32Array.from(data) });
  const whole = blurred(unfiltered);
  const half = halved(whole);
  return { levels: [halved(half), half, whole], unfiltered };
}

/**
 * Whether each of some kept crops is of the same photograph as a crop, however edited.
 * @param untilFirst whether the first copy is the last one that is compared, and answered.
 */
export async function areCopies(
  crop: Uint8Array,
  others: readonly Uint8Array[],
  untilFirst = false,
): Promise<readonly boolean[]> {
  const face = await readCrop(crop);
  const copies: boolean[] = [];
  for (const other of others) {
    copies.push(isCopy(face, await readCrop(other)));
    if (untilFirst && copies.at(-1)) break;
  }
  return copies;
}

/** Whether two crops are of one photograph, however edited. */
export function isCopy(a: ComparableCrop, b: ComparableCrop): boolean {
  return agreementAsIs(a, b) >= copyMin || agreementAsIs(a, mirrored(b)) >= copyMin;
}

/**
 * How well two crops agree where they agree least, up to 1: each is laid over the other by an affine map, mirrored or
 * not, and the light of one fitted to the other's; then the structure of small windows is compared (Wang et al. 2004,
 * "Image quality assessment: from error visibility to structural similarity", the structure term). A copy agrees everywhere; another photograph does not
 * where the face has moved: at the mouth, the lids, the nose.
 */
export function agreement(a: ComparableCrop, b: ComparableCrop): number {
  return Math.max(agreementAsIs(a, b), agreementAsIs(a, mirrored(b)));
}

function agreementAsIs(target: ComparableCrop, picture: ComparableCrop): number {
  const registration = identity();
  for (const [i, where] of face.entries()) {
    register(target.levels[i]!, picture.levels[i]!, where, registration, steps);
    if (i === 0 && correlation(target.levels[0], picture.levels[0], registration.map) < coarseMin) return -1;
  }
  const { map, gain, offset } = registration;
  if (!(gain <= gainMax && gain >= 1 / gainMax)) return -1;
  const lit = warpTo(picture.levels[2], map).map((value) => gain * value + offset);
  const clipped = windowMeans(clippedIn(target.unfiltered.values, warpTo(picture.unfiltered, map)));
  const windows = face[2]!.filter((i) => clipped[i] === 0);
  if (windows.length < windowsMin) return -1;
  const structure = structureAt(windows, target.levels[2].values, lit).sort();
  return structure[Math.floor(share * structure.length)]!;
}

/** The correlation of two faces at a quarter of the size, the second as a map carries it to the first. */
function correlation({ values }: Grey, picture: Grey, map: Float64Array): number {
  const warped = warpTo(picture, map);
  const pixels = face[0]!;
  let [sumA, sumB, squareA, squareB, both] = [0, 0, 0, 0, 0];
  for (const i of pixels) {
    const [a, b] = [values[i]!, warped[i]!];
    sumA += a;
    sumB += b;
    squareA += a * a;
    squareB += b * b;
    both += a * b;
  }
  const spread = (sum: number, square: number): number => square - (sum * sum) / pixels.length;
  return (both - (sumA * sumB) / pixels.length) / Math.sqrt(spread(sumA, squareA) * spread(sumB, squareB));
}

/** 1 where either picture is clipped, 0 elsewhere. */
function clippedIn(a: Float32Array, b: Float32Array): Float32Array {
  const isClipped = (value: number): boolean => value < darkest || value > brightest;
  return a.map((value, i) => (isClipped(value) || isClipped(b[i]!) ? 1 : 0));
}

/** The structural similarity of the windows around some pixels. */
function structureAt(pixels: Int32Array, a: Float32Array, b: Float32Array): Float32Array {
  const meanProduct = (x: Float32Array, y: Float32Array) => windowMeans(x.map((value, i) => value * y[i]!));
  const [meanA, meanB] = [windowMeans(a), windowMeans(b)];
  const [squareA, squareB, both] = [meanProduct(a, a), meanProduct(b, b), meanProduct(a, b)];
  return Float32Array.from(pixels, (i) => {
    const variances = squareA[i]! - meanA[i]! ** 2 + squareB[i]! - meanB[i]! ** 2;
    const covariance = both[i]! - meanA[i]! * meanB[i]!;
    return (2 * covariance + noise) / (variances + noise);
  });
}

/** The mean of the window around each pixel; at the edge of the part that is in the picture. */
function windowMeans(values: Float32Array): Float64Array {
  const width = size + 1;
  const sums = new Float64Array(width * width);
  for (let y = 0; y < size; y++) {
    for (let x = 0, row = 0; x < size; x++) {
      row += values[y * size + x]!;
      sums[(y + 1) * width + x + 1] = sums[y * width + x + 1]! + row;
    }
  }
  return Float64Array.from(values, (_, i) => {
    const [x, y] = [i % size, Math.floor(i / size)];
    const [left, right] = [Math.max(0, x - reach), Math.min(size, x + reach + 1)];
    const [top, bottom] = [Math.max(0, y - reach), Math.min(size, y + reach + 1)];
    const sum =
      sums[bottom * width + right]! -
      sums[top * width + right]! -
      sums[bottom * width + left]! +
      sums[top * width + left]!;
    return sum / ((right - left) * (bottom - top));
  });
}

function mirrored({ levels: [quarter, half, whole], unfiltered }: ComparableCrop): ComparableCrop {
  return { levels: [mirror(quarter), mirror(half), mirror(whole)], unfiltered: mirror(unfiltered) };
}

function mirror({ size, values }: Grey): Grey {
  return { size, values: values.map((_, i) => values[i - 2 * (i % size) + size - 1]!) };
}

function halved({ size, values }: Grey): Grey {
  const side = size / 2;
  const out = new Float32Array(side * side);
  for (let y = 0, at = 0; y < side; y++) {
    for (let x = 0; x < side; x++, at++) {
      const i = 2 * (y * size + x);
      out[at] = (values[i]! + values[i + 1]! + values[i + size]! + values[i + size + 1]!) / 4;
    }
  }
  return { size: side, values: out };
}

function blurred({ size, values }: Grey): Grey {
  return { size, values: blurredAlong(blurredAlong(values, size, 1, size), size, size, 1) };
}

/** Filters lines of pixels, whose ends go on as they are. @param step from pixel to pixel. @param next from line to line. */
function blurredAlong(values: Float32Array, size: number, step: number, next: number): Float32Array {
  const out = new Float32Array(values.length);
  for (let line = 0; line < size; line++) {
    for (let place = 0; place < size; place++) {
      let sum = 0;
      for (let k = -blurRadius; k <= blurRadius; k++) {
        const at = Math.max(0, Math.min(size - 1, place + k));
        sum += blurKernel[k + blurRadius]! * values[line * next + at * step]!;
      }
      out[line * next + place * step] = sum / blurTotal;
    }
  }
  return out;
}
