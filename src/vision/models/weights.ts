/** Reads the weights of TensorFlow.js: a manifest of names and shapes, and one sequence of bytes. */

/** Numbers with a shape, in TensorFlow's order (the last dimension is the innermost). */
export interface Weight {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** How a weight was compressed: halved to float16, or mapped to integers by `value = integer × scale + min`. */
type Quantization =
  | { readonly dtype: 'float16' }
  | { readonly dtype: 'uint8' | 'uint16'; readonly scale: number; readonly min: number };

interface ManifestEntry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly quantization?: Quantization;
}

/** The manifest as TensorFlow.js writes it: groups of weights, each packed into files in the order given. */
export type WeightsManifest = readonly { readonly weights: readonly ManifestEntry[] }[];

/**
 * Unpacks every weight as float32, integers too: those of our networks are small enough to be exact in float32.
 * @param bytes the weight files of all groups, joined.
 * @throws Error if the bytes are fewer or more than the manifest accounts for.
 */
export function decodeWeights(manifest: WeightsManifest, bytes: Uint8Array): ReadonlyMap<string, Weight> {
  const weights = new Map<string, Weight>();
  let offset = 0;
  for (const entry of manifest.flatMap((group) => group.weights)) {
    const count = entry.shape.reduce((product, size) => product * size, 1);
    const [width, decode] = decoder(entry);
    // Copied, because the bytes may not be aligned as a typed array needs.
    const packed = new Uint8Array(bytes.subarray(offset, offset + count * width)).buffer;
    offset += count * width;
    weights.set(entry.name, { shape: entry.shape, data: decode(packed) });
  }
  if (offset !== bytes.length)
    throw new Error(`the manifest accounts for ${offset} bytes of weights, not ${bytes.length}`);
  return weights;
}

/** Bytes per number, and how to convert them to float32. */
function decoder(entry: ManifestEntry): [number, (packed: ArrayBuffer) => Float32Array] {
  const { quantization } = entry;
  switch (quantization?.dtype ?? entry.dtype) {
    case 'float32':
      return [4, (packed) => new Float32Array(packed)];
    case 'int32':
      return [4, (packed) => new Float32Array(new Int32Array(packed))];
    case 'float16':
      return [2, (packed) => new Float32Array(new Float16Array(packed))];
    case 'uint8':
      return [1, (packed) => affine(new Uint8Array(packed), entry)];
    case 'uint16':
      return [2, (packed) => affine(new Uint16Array(packed), entry)];
    default:
      throw new Error(`weight ${entry.name} is of an unknown kind, ${entry.dtype}`);
  }
}

function affine(integers: Uint8Array | Uint16Array, { dtype, quantization }: ManifestEntry): Float32Array {
  const { scale, min } = quantization as { scale: number; min: number };
  const values = new Float64Array(integers.length);
  for (let index = 0; index < values.length; index++) values[index] = integers[index]! * scale + min;
  return new Float32Array(dtype === 'int32' ? Int32Array.from(values, Math.round) : values);
}
