/** What the kinds of detectors have in common: how the outputs of one are read. */
import type { Detection } from '../pipeline/detector.ts';
import { type Point, type SimilarityTransform, scaleOf } from '../pipeline/geometry.ts';

/** The outputs of a network by name. */
export type Outputs = Readonly<Record<string, Float32Array>>;

/** How the outputs of one kind of detector are read. */
export interface Decoder {
  /**
   * Checks that the outputs are those of this kind.
   * @throws Error that says what is wrong with them.
   */
  check(outputs: Outputs): void;
  /**
   * The detections in an input.
   * @param toPicture carries pixels of the input to the picture.
   */
  decode(outputs: Outputs, toPicture: SimilarityTransform): Detection[];
}

/** Detections below this score are noise; those above it must still be confirmed by the mesh network. */
export const scoreMin = 0.3;

/** Pixels of the input from one cell of a grid to the next: both kinds have three grids. */
export const strides = [8, 16, 32] as const;

/** Checks that there is an output of so many numbers. @throws Error that says what there is instead. */
export function checkLength(outputs: Outputs, name: string, wanted: number, of: string): void {
  const found = outputs[name]?.length;
  if (found !== wanted) throw new Error(`${of}: ${name} has ${found ?? 'no'} numbers, not ${wanted}.`);
}

/** The square about a box, as large as its longer side, in pixels of the picture. */
export function squareOf(centre: Point, width: number, height: number, toPicture: SimilarityTransform) {
  const side = Math.max(width, height) * scaleOf(toPicture);
  return { x: centre.x - side / 2, y: centre.y - side / 2, width: side, height: side };
}
