/** Selects the points of the mesh that make up a face's contours, in the order of docs/contract.md §3.2. */
import type { FaceShape, Point } from '../../domain/face-analyzer.ts';
import { type Mesh, pointAt } from '../pipeline/mesh.ts';

/**
 * Points of MediaPipe's face mesh (its canonical face model). The person's right is the picture's left. Each list has
 * the order that {@link FaceShape} gives; the nose goes from the tip to the left flank, round the nostrils, up the
 * right flank and ends between the eyes.
 */
export const contours = {
  profile: [234, 93, 132, 58, 172, 136, 150, 149, 176, 148, 152, 377, 400, 378, 379, 365, 397, 288, 361, 323, 454],
  leftEye: [33, 163, 145, 154, 133, 157, 159, 161],
  rightEye: [263, 390, 374, 381, 362, 384, 386, 388],
  leftEyebrow: [46, 53, 52, 65, 55, 66, 105, 63],
  rightEyebrow: [276, 283, 282, 295, 285, 296, 334, 293],
  mouth: [61, 91, 84, 17, 314, 321, 291, 270, 267, 0, 37, 40, 78, 88, 87, 317, 318, 308, 310, 312, 82, 80],
  nose: [1, 193, 236, 198, 64, 97, 2, 326, 294, 420, 456, 417, 168],
} as const satisfies Readonly<Record<keyof FaceShape, readonly number[]>>;

/** The contours of a face in pixels of the picture that was sent. */
export function shapeOf(mesh: Mesh, toSent: (point: Point) => Point): FaceShape {
  const trace = (indices: readonly number[]) => indices.map((index) => toSent(pointAt(mesh, index)));
  return {
    profile: trace(contours.profile),
    leftEye: trace(contours.leftEye),
    rightEye: trace(contours.rightEye),
    leftEyebrow: trace(contours.leftEyebrow),
    rightEyebrow: trace(contours.rightEyebrow),
    mouth: trace(contours.mouth),
    nose: trace(contours.nose),
  };
}
