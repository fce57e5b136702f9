/** Finds faces of 12 to 20 pixels, of which little more than the place can be told. */
import { overlapOfSmaller } from '../kernels/nms.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import type { Network } from '../models/runtime.ts';
import { detect, tilesOf } from './detect.ts';
import { type Detection, middleOf, squareAbout } from './detector.ts';
import { alikeMax, distinct, type LocatedFace, type LocatorNetworks } from './locate.ts';
import { isCentredInside } from './main-face.ts';
import { boxOf, fitMeshes, frameOf, frameOfDetection } from './mesh.ts';

/** Pictures with more pixels are not searched: it would take hundreds of runs of the detector. */
const pixelsMax = 2_000_000;
/** Nor are pictures whose faces all have at least so many pixels on their shorter side: such faces are seldom among tiny ones. */
const smallMax = 40;
/** Nor are pictures with a side of fewer pixels, which hold one face at most and nothing that would be told of it. */
const pictureSideMin = 32;
/** The side of a tile: one pixel of the picture is one of the detector's input, which suffices for faces of 12 pixels. */
const tileSide = 256;
/** Larger detections are left to the usual search, which finds what they show. */
const detectionSideMax = 32;
/** At most this many detections are examined. */
const detectionsMax = 300;
/** Detections below this score are noise: nearly every face of 12 pixels has more. */
const scoreMin = 0.4;
/**
 * The mesh is fitted to squares of these shares of a detection's side, and to its own frame then. The second fit decides:
 * the first is often sure of what is no face (docs/decisions/0003-detection.md).
 */
const shares = [1, 0.8, 1.2] as const;
/** A detection is a face if its score × the presence of a second fit is at least this. */
const faceMin = 0.3;
/** The shorter side of a box has at least so many pixels: a face of 12 pixels, the root of its box's area, is 9 to 12 wide. */
const sideMin = 9;

/**
 * Adds tiny faces to those that {@link locateFaces} found in a picture, if the picture has at most two megapixels and
 * its faces are small or missing.
 * @returns all faces, largest first.
 */
export async function addTinyFaces(
  { detector, mesher }: LocatorNetworks,
  picture: Pyramid,
  faces: readonly LocatedFace[],
): Promise<readonly LocatedFace[]> {
  if (!isWorthwhile(picture, faces)) return faces;
  const isNew = (box: Detection['box']): boolean => !faces.some((face) => overlapOfSmaller(face.box, box) > alikeMax);
  const detections = (await detect(detector, picture, tilesOf(picture, tileSide)))
    .filter(({ box, score }) => box.width <= detectionSideMax && score >= scoreMin)
    .slice(0, detectionsMax);
  const tiny = (await confirm(mesher, picture, detections)).filter(
    ({ box }) => Math.min(box.width, box.height) >= sideMin && isCentredInside(box, picture.base) && isNew(box),
  );
  return distinct([...faces, ...tiny]);
}

/** The detections that are faces, with the mesh that confirms each. */
async function confirm(mesher: Network, picture: Pyramid, detections: readonly Detection[]): Promise<LocatedFace[]> {
  const confirmed: LocatedFace[] = [];
  let doubtful = detections;
  for (const share of shares) {
    const frames = doubtful.map((detection) =>
      frameOfDetection({ ...detection, box: squareAbout(middleOf(detection.box), share * detection.box.width) }),
    );
    const first = await fitMeshes(mesher, picture, frames);
    const second = await fitMeshes(mesher, picture, first.map(frameOf));
    const isFace = (score: number, i: number): boolean => score * second[i]!.presence >= faceMin;
    doubtful.forEach(({ score }, i) => {
      if (isFace(score, i)) confirmed.push({ box: boxOf(second[i]!), score, mesh: second[i]! });
    });
    doubtful = doubtful.filter(({ score }, i) => !isFace(score, i));
  }
  return confirmed;
}

function isWorthwhile({ base: { width, height } }: Pyramid, faces: readonly LocatedFace[]): boolean {
  const isSmall = ({ box }: LocatedFace): boolean => Math.min(box.width, box.height) < smallMax;
  const hasSize = width * height <= pixelsMax && Math.min(width, height) >= pictureSideMin;
  return hasSize && (faces.length === 0 || faces.some(isSmall));
}
