/** Knows how a face is laid upright onto a template, so that its parts lie where a network was trained to find them. */
import { fitSimilarity, invert, type Point, type Similarity } from './geometry.ts';
import { centreOf, type Mesh, pointAt } from './mesh.ts';

/** Mesh points around the person's right and left eye, whose mean is the eye's centre. */
const rightEye = [33, 133, 159, 145];
const leftEye = [263, 362, 386, 374];
const noseTip = 1;
const mouthCorners = [61, 291] as const;

/**
 * Where the person's right eye, left eye, nose tip and mouth corners lie in a unit square: the mean face of dlib's
 * aligner (`get_face_chip_details`) on these five points.
 */
const template: readonly Point[] = [
  { x: 0.349, y: 0.39 },
  { x: 0.651, y: 0.39 },
  { x: 0.5, y: 0.567 },
  { x: 0.377, y: 0.723 },
  { x: 0.623, y: 0.723 },
];

/** The five points of {@link template} in a picture. */
export function fivePoints(mesh: Mesh): readonly Point[] {
  return [
    centreOf(mesh, rightEye),
    centreOf(mesh, leftEye),
    pointAt(mesh, noseTip),
    pointAt(mesh, mouthCorners[0]),
    pointAt(mesh, mouthCorners[1]),
  ];
}

/**
 * Carries an aligned crop to the picture.
 * @param points as {@link fivePoints} gives them.
 * @param size side of the crop in pixels.
 * @param zoom how much wider than the template the crop looks, 1 for the template itself.
 */
export function placeAligned(points: readonly Point[], size: number, zoom: number): Similarity {
  const targets = template.map(({ x, y }) => ({
    x: ((x - 0.5) / zoom + 0.5) * size,
    y: ((y - 0.5) / zoom + 0.5) * size,
  }));
  return invert(fitSimilarity(points, targets));
}
