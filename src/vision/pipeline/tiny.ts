/** Finds faces of 12 to 20 pixels, of which little more than the place can be told. */
import { overlapOfSmaller } from '../kernels/nms.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { detect, tilesOf } from './detect.ts';
import type { Detection } from './detector.ts';
import { alikeMax, distinct, type LocatedFace, type LocatorNetworks } from './locate.ts';
import { isCentredInside } from './main-face.ts';
import { boxOf, fitMeshes, frameOf, frameOfDetection } from './mesh.ts';

/** Pictures with more pixels are not searched: it would take hundreds of runs of the detector. */
const pixelsMax = 2_000_000;
/** Nor are pictures whose faces all have at least so many pixels on their shorter side: such faces are seldom among tiny ones. */
const smallMax = 40;
/** The side of a tile: one pixel of the picture is one of the detector's input, which suffices for faces of 12 pixels. */
const tileSide = 256;
/** Larger detections are left to the usual search, which finds what they show. */
const detectionSideMax = 32;
/** At most this many detections are examined. */
const detectionsMax = 300;
/**
 * A detection is a face if its score × the presence of a second fit is at least this. The first fit is not asked: of
 * pictures without faces its best product is 0.41, that of the second fit 0.19 (docs/decisions/0003-detection.md).
 */
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
    .filter(({ box }) => box.width <= detectionSideMax)
    .slice(0, detectionsMax);
  const fits = await fitMeshes(mesher, picture, detections.map(frameOfDetection));
  const meshes = await fitMeshes(mesher, picture, fits.map(frameOf));
  const tiny = meshes
    .map((mesh, i) => ({ box: boxOf(mesh), score: detections[i]!.score, mesh }))
    .filter(({ score, mesh }) => score * mesh.presence >= faceMin)
    .filter(
      ({ box }) => Math.min(box.width, box.height) >= sideMin && isCentredInside(box, picture.base) && isNew(box),
    );
  return distinct([...faces, ...tiny]);
}

function isWorthwhile({ base: { width, height } }: Pyramid, faces: readonly LocatedFace[]): boolean {
  const isSmall = ({ box }: LocatedFace): boolean => Math.min(box.width, box.height) < smallMax;
  return width * height <= pixelsMax && (faces.length === 0 || faces.some(isSmall));
}
