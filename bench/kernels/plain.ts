/**
 * The kernels for pictures as plain loops over the same memory. `bench/kernels/run.ts` uses them in place of
 * `src/wasm/load.ts` to measure what WebAssembly gains.
 */

/** Bytes of a pixel: red, green, blue. */
const channels = 3;

/** Stands in for compiled code: {@link bindTo} only needs the name. */
export function loadKernel(name: string): string {
  return name;
}

/** The loops over a memory, under the names that the kernels export. */
export function bindTo(memory: WebAssembly.Memory, name: string): Readonly<Record<string, unknown>> {
  if (name === 'halve') return { halveRow: halveRowOver(memory) };
  const [rgb, bgr] = [sampleOver(memory, [0, 1, 2]), sampleOver(memory, [2, 1, 0])];
  return { rgb1: rgb(1), rgb4: rgb(4), bgr1: bgr(1), bgr4: bgr(4) };
}

/** As `src/wasm/halve.as.ts` says. */
function halveRowOver(memory: WebAssembly.Memory) {
  return (above: number, below: number, out: number, end: number): void => {
    const bytes = new Uint8Array(memory.buffer);
    for (let at = out, from = 0; at < end; from += 2 * channels) {
      for (let channel = 0; channel < channels && at < end; channel++, at++) {
        const left = from + channel;
        const right = left + channels;
        const sum = bytes[above + left]! + bytes[above + right]! + bytes[below + left]! + bytes[below + right]!;
        bytes[at] = (sum + 2) >> 2;
      }
    }
  };
}

/** As `src/wasm/sample.as.ts` says. */
function sampleOver(memory: WebAssembly.Memory, order: readonly number[]) {
  return (sampleCount: number) =>
    (plan: number, region: number, stride: number, out: number, rowLength: number, end: number): void => {
      const bytes = new Uint8Array(memory.buffer);
      const floats = new Float32Array(memory.buffer);
      const entry = (i: number): Float32Array => floats.subarray(plan / 4 + 4 * i, plan / 4 + 4 * i + 4);
      const [start, across, down, last, scale, shift] = [0, 1, 2, 3, 4, 5].map(entry) as Six;
      const samples = Array.from({ length: sampleCount }, (_, i) => entry(6 + i));
      for (let row = 0, at = out / 4; at < end / 4; row++) {
        for (let column = 0; column < rowLength / (4 * channels); column++, at += channels) {
          const sums = [0, 0, 0];
          for (const sample of samples) {
            const x = clamp(start[0]! + row * down[0]! + column * across[0]! + sample[0]!, last[0]!);
            const y = clamp(start[1]! + row * down[1]! + column * across[1]! + sample[1]!, last[1]!);
            const [left, top] = [Math.floor(x), Math.floor(y)];
            const corner = region + top * stride + left * channels;
            for (let c = 0; c < channels; c++) {
              const here = corner + order[c]!;
              const upper = bytes[here]! + (bytes[here + channels]! - bytes[here]!) * (x - left);
              const below = here + stride;
              const lower = bytes[below]! + (bytes[below + channels]! - bytes[below]!) * (x - left);
              sums[c]! += upper + (lower - upper) * (y - top);
            }
          }
          for (let c = 0; c < channels; c++) floats[at + c] = sums[c]! * scale[c]! + shift[c]!;
        }
      }
    };
}

type Six = [Float32Array, Float32Array, Float32Array, Float32Array, Float32Array, Float32Array];

function clamp(value: number, last: number): number {
  return Math.min(last, Math.max(0, value));
}
