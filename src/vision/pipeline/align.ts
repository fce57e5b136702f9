/** Aligns a face to a template, so that its features lie where the networks expect them. */
import { fitSimilarity, invert, meanOf, type Point, type SimilarityTransform } from './geometry.ts';
import { type Mesh, pointAt } from './mesh.ts';

/** The mesh points of {@link template}: outer and inner corner of the person's right eye, of the left eye, nose base. */
const anchors = [33, 133, 263, 362, 2] as const;

/**
 * Where the anchors lie in a unit square: the mean face of dlib's `get_face_chip_details` for five landmarks, with the
 * padding of a quarter with which its recogniser was trained.
 */
const template: readonly Point[] = [
  { x: 0.1205750620789, y: 0.2137274526848 },
  { x: 0.3340850613712, y: 0.2290642403242 },
  { x: 0.8595674595992, y: 0.2134981538014 },
  { x: 0.6460604764104, y: 0.2289674387677 },
  { x: 0.4901123135679, y: 0.6277975316475 },
].map(({ x, y }) => ({ x: (x + 0.25) / 1.5, y: (y + 0.25) / 1.5 }));

/** The five points by which a face is aligned, in the template's order. */
export function anchorsOf(mesh: Mesh): readonly Point[] {
  return anchors.map((index) => pointAt(mesh, index));
}

/**
 * The transform from an aligned square crop to the picture.
 * @param points as {@link anchorsOf} gives them.
 * @param size side of the crop in pixels.
 * @param zoom the width of the crop in widths of the template, 1 for the template itself.
 */
export function placeAligned(points: readonly Point[], size: number, zoom: number): SimilarityTransform {
  const widened = (value: number): number => ((value - 0.5) / zoom + 0.5) * size;
  const targets = template.map(({ x, y }) => ({ x: widened(x), y: widened(y) }));
  return invert(fitSimilarity(points, targets));
}

/**
 * The positions in a crop of the centres of the person's right and left eye, the tip of the nose, and the right and
 * left corner of the mouth.
 */
export type Template = readonly (readonly [x: number, y: number])[];

/**
 * The template of ArcFace (arXiv:1801.07698, InsightFace's `face_align.py`) in a crop of 112 × 112, counted from the
 * centre of the first pixel; most recognisers since then are trained with it.
 */
export const arcFaceTemplate = [
  [38.2946, 51.6963],
  [73.5318, 51.5014],
  [56.0252, 71.7366],
  [41.5493, 92.3655],
  [70.7299, 92.2041],
] as const satisfies Template;

/** The five points of a face that a {@link Template} names, in its order, in pixels of the picture. */
export type FacePoints = readonly Point[];

/** The mesh points whose mean is each of the five. */
const fivePoints: readonly (readonly number[])[] = [[33, 133, 159, 145], [263, 362, 386, 374], [1], [61], [291]];

/** The five points of a mesh. */
export function facePointsOf(mesh: Mesh): FacePoints {
  return fivePoints.map((indices) => meanOf(indices.map((index) => pointAt(mesh, index))));
}

/** The transform from a crop to the picture that best maps the template's points to the face's. */
export function placeOn(template: Template, points: FacePoints): SimilarityTransform {
  const targets = template.map(([x, y]): Point => ({ x: x + 0.5, y: y + 0.5 }));
  return invert(fitSimilarity(points, targets));
}
