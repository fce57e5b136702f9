/** Decodes YuNet, a detector. */
import type { Detection } from '../pipeline/detector.ts';
import { apply, type Point, type SimilarityTransform } from '../pipeline/geometry.ts';
import { checkLength, type Decoder, type Outputs, scoreMin, squareOf, strides } from './detector-outputs.ts';
import type { DetectorPlan } from './manifest.ts';

/** Numbers per cell of each output. */
const widths = { cls: 1, obj: 1, bbox: 4, kps: 10 } as const;

/** YuNet as its authors export it. */
export function yunet({ file, input: { size } }: DetectorPlan): Decoder {
  return {
    check(outputs) {
      for (const stride of strides) {
        for (const [name, width] of Object.entries(widths))
          checkLength(outputs, `${name}_${stride}`, width * (size / stride) ** 2, `${file} is no YuNet`);
      }
    },
    decode: (outputs, toPicture) => strides.flatMap((stride) => decodeGrid(outputs, stride, size / stride, toPicture)),
  };
}

/**
 * Decodes a grid as OpenCV's FaceDetectorYN does: a cell's score is the geometric mean of `cls` and `obj`; `bbox` is the
 * centre's offset and the logarithm of the size, `kps` five points, all in strides from the cell's corner; the first two
 * points are the person's right and left eye.
 */
function decodeGrid(outputs: Outputs, stride: number, columns: number, toPicture: SimilarityTransform): Detection[] {
  const [cls, obj, bbox, kps] = (['cls', 'obj', 'bbox', 'kps'] as const).map((name) => outputs[`${name}_${stride}`]!);
  const found: Detection[] = [];
  cls!.forEach((value, i) => {
    const score = Math.sqrt(clip(value) * clip(obj![i]!));
    if (!(score >= scoreMin)) return;
    const [column, row] = [i % columns, Math.floor(i / columns)];
    const at = (values: Float32Array, k: number): Point =>
      apply(toPicture, { x: (column + values[k]!) * stride, y: (row + values[k + 1]!) * stride });
    const [width, height] = [bbox![4 * i + 2]!, bbox![4 * i + 3]!].map((value) => Math.exp(value) * stride);
    const box = squareOf(at(bbox!, 4 * i), width!, height!, toPicture);
    found.push({ box, score, eyes: [at(kps!, 10 * i), at(kps!, 10 * i + 2)] });
  });
  return found;
}

function clip(value: number): number {
  return Math.min(1, Math.max(0, value));
}
