/** Lays one grey picture over another: finds the affine map and the change of light that make them agree best. */

/** A square grey picture, row by row. */
export interface Grey {
  readonly size: number;
  readonly values: Float32Array;
}

/**
 * Carries a point of the one picture to the other: `x' = x + a·x + b·y + c`, `y' = y + d·x + e·y + f`, in units of the
 * side, counted from the middle. Then `gain · value + offset` is the light.
 */
export interface Registration {
  /** a, b, c, d, e, f; all zero where both lie alike. */
  readonly map: Float64Array;
  gain: number;
  offset: number;
}

/** Unknowns: six of the map, two of the light. */
const unknowns = 8;
/** Residuals beyond so many times their median count less: what covers a face must not move it. */
const outlier = 1.5;
/** Levels of grey below which no residual is an outlier: the noise of compression. */
const residualMin = 1.5;
/** A step this small, in sides of the picture, changes nothing that is measured. */
const stepMin = 2e-4;
/** How far a face may be stretched, turned and moved, in sides; two aligned crops differ by far less. */
const [stretchMax, shiftMax] = [0.3, 0.2];

/** The registration of pictures that lie alike. */
export function identity(): Registration {
  return { map: new Float64Array(6), gain: 1, offset: 0 };
}

/**
 * Improves a registration of `picture` on `target` by Gauss–Newton steps (Lucas and Kanade 1981), each pixel weighted
 * after Huber.
 * @param where the pixels that count, as indices.
 * @param steps at most.
 */
export function register(
  target: Grey,
  picture: Grey,
  where: Int32Array,
  registration: Registration,
  steps: number,
): void {
  const { map } = registration;
  const residuals = new Float32Array(where.length);
  for (let step = 0; step < steps; step++) {
    const warped = warpTo(picture, map);
    if (step === 0) fitLight(target.values, warped, where, registration);
    const { gain, offset } = registration;
    for (let k = 0; k < where.length; k++) {
      residuals[k] = target.values[where[k]!]! - gain * warped[where[k]!]! - offset;
    }
    const change = solve(normalEquations(warped, target.size, where, residuals, gain));
    if (change === undefined) return;
    for (let i = 0; i < 6; i++) {
      const max = i % 3 === 2 ? shiftMax : stretchMax;
      map[i] = Math.max(-max, Math.min(max, map[i]! + change[i]!));
    }
    registration.gain += change[6]!;
    registration.offset += change[7]!;
    if (Math.hypot(...change.subarray(0, 6)) < stepMin) return;
  }
}

/** The picture as the map carries it to the target, between pixels linearly. */
export function warpTo({ size, values }: Grey, map: Float64Array): Float32Array {
  const out = new Float32Array(values.length);
  const [a, b, c, d, e, f] = map as unknown as readonly [number, number, number, number, number, number];
  const last = size - 1.001;
  for (let row = 0, at = 0; row < size; row++) {
    const v = (row + 0.5) / size - 0.5;
    for (let column = 0; column < size; column++, at++) {
      const u = (column + 0.5) / size - 0.5;
      const x = Math.max(0, Math.min(last, (u + a * u + b * v + c + 0.5) * size - 0.5));
      const y = Math.max(0, Math.min(last, (v + d * u + e * v + f + 0.5) * size - 0.5));
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [right, down, corner] = [x - left, y - top, top * size + left];
      const upper = values[corner]! + right * (values[corner + 1]! - values[corner]!);
      const lower = values[corner + size]! + right * (values[corner + size + 1]! - values[corner + size]!);
      out[at] = upper + down * (lower - upper);
    }
  }
  return out;
}

/** The gain and offset of least squares. */
function fitLight(target: Float32Array, warped: Float32Array, where: Int32Array, registration: Registration): void {
  let [sumT, sumW, sumTW, sumWW] = [0, 0, 0, 0];
  for (const i of where) {
    const [t, w] = [target[i]!, warped[i]!];
    sumT += t;
    sumW += w;
    sumTW += t * w;
    sumWW += w * w;
  }
  const count = where.length;
  registration.gain = (sumTW - (sumT * sumW) / count) / Math.max(1, sumWW - (sumW * sumW) / count);
  registration.offset = (sumT - registration.gain * sumW) / count;
}

/** Rows of eight coefficients and the right-hand side. */
function normalEquations(
  warped: Float32Array,
  size: number,
  where: Int32Array,
  residuals: Float32Array,
  gain: number,
): Float64Array {
  const width = unknowns + 1;
  const sums = new Float64Array(unknowns * width);
  const row = new Float64Array(width);
  const limit = Math.max(residualMin, outlier * medianSize(residuals));
  for (let k = 0; k < where.length; k++) {
    const i = where[k]!;
    const residual = residuals[k]!;
    const weight = Math.min(1, limit / Math.abs(residual));
    const across = (gain * size * (warped[i + 1]! - warped[i - 1]!)) / 2;
    const down = (gain * size * (warped[i + size]! - warped[i - size]!)) / 2;
    const u = ((i % size) + 0.5) / size - 0.5;
    const v = (Math.floor(i / size) + 0.5) / size - 0.5;
    row[0] = across * u;
    row[1] = across * v;
    row[2] = across;
    row[3] = down * u;
    row[4] = down * v;
    row[5] = down;
    row[6] = warped[i]!;
    row[7] = 1;
    row[8] = residual;
    for (let r = 0; r < unknowns; r++) {
      const weighted = weight * row[r]!;
      for (let c = r; c < width; c++) sums[r * width + c]! += weighted * row[c]!;
    }
  }
  for (let r = 1; r < unknowns; r++) for (let c = 0; c < r; c++) sums[r * width + c] = sums[c * width + r]!;
  return sums;
}

/** The middle one of the sizes, of a sample of a few hundred. */
function medianSize(residuals: Float32Array): number {
  const stride = Math.max(1, Math.floor(residuals.length / 400));
  const sizes = new Float32Array(Math.ceil(residuals.length / stride));
  for (let k = 0; k < sizes.length; k++) sizes[k] = Math.abs(residuals[k * stride]!);
  return sizes.sort()[sizes.length >> 1]!;
}

/** Gauss's elimination with pivots. @returns undefined if the picture has too little in it to decide. */
function solve(rows: Float64Array): Float64Array | undefined {
  const width = unknowns + 1;
  for (let i = 0; i < unknowns; i++) {
    let pivot = i;
    for (let r = i + 1; r < unknowns; r++) {
      if (Math.abs(rows[r * width + i]!) > Math.abs(rows[pivot * width + i]!)) pivot = r;
    }
    const [from, to] = [rows.slice(pivot * width, (pivot + 1) * width), rows.slice(i * width, (i + 1) * width)];
    if (Math.abs(from[i]!) < 1e-9) return undefined;
    rows.set(to, pivot * width);
    rows.set(from, i * width);
    for (let r = i + 1; r < unknowns; r++) {
      const factor = rows[r * width + i]! / from[i]!;
      for (let c = i; c < width; c++) rows[r * width + c]! -= factor * from[c]!;
    }
  }
  const solution = new Float64Array(unknowns);
  for (let i = unknowns - 1; i >= 0; i--) {
    let rest = rows[i * width + unknowns]!;
    for (let c = i + 1; c < unknowns; c++) rest -= rows[i * width + c]! * solution[c]!;
    solution[i] = rest / rows[i * width + i]!;
  }
  return solution;
}
