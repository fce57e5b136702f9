/** Decides which detections are faces, and which face is the largest. */

import { iou, nonMaximumSuppression, overlapOfSmaller } from '../kernels/nms.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import type { Network } from '../models/runtime.ts';
import { detect, merge, tilesOf, wholeTile } from './detect.ts';
import { type Detection, type Detector, middleOf } from './detector.ts';
import { isCentredInside } from './main-face.ts';
import { boxOf, fitMeshes, frameOfDetection, type Mesh } from './mesh.ts';

/** A face that the mesh network has confirmed. */
export interface LocatedFace {
  /** The upright rectangle about the mesh, in pixels of the picture. */
  readonly box: Detection['box'];
  /** The detector's score, from 0 to 1. */
  readonly score: number;
  /** The mesh as fitted to the detector's box; {@link settleMeshes} makes it better. */
  readonly mesh: Mesh;
}

/** The networks that find faces. */
export interface LocatorNetworks {
  readonly detector: Detector;
  readonly mesher: Network;
}

/** A detection is a face if its score × presence is at least this. */
const sureMin = 0.62;
/**
 * An uncertain detection is examined again in a square of this many sides of the face: at this size the detector is
 * most accurate.
 */
const secondMargin = 3.5;
/**
 * The second detection is tried with these shares of its side: for a profile the mesh often fits better in the smaller
 * square.
 */
const secondFits = [1, 0.8] as const;
/** The better of the two fits must reach this score × presence. */
const secondMin = 0.65;
/** The second detection is the same face if its IoU with the first is above this. */
const sameMin = 0.3;
/** Faces whose overlap is above this share of the smaller one are one face. */
export const alikeMax = 0.5;
/**
 * A detection narrower than this share of its tile is a reason to run the detector on smaller tiles: the detector finds
 * faces of a third of it, so that what is missing is far smaller than what is seen.
 */
const smallShare = 0.075;
/** So is a picture in which no detection has this score. */
const promisingMin = 0.6;
/**
 * Larger tiles are halved once more: in a tile of this side a face of 24 pixels is 6 pixels wide for the detector,
 * about the least that it finds.
 */
const tileSideMax = 1024;
/**
 * Pictures whose longer side has at most this many pixels are not tiled: a small face in them is too coarse to be
 * recognised.
 */
const untiledSideMax = 400;
/** Faces whose shorter side has fewer pixels are not reported: they are too coarse for the networks. */
const faceSideMin = 20;
/** At most this many detections are examined, more than the largest group photographs have. */
const detectionsMax = 100;

/** A picture is taken to be upright if the score × presence of its best face is at least this. */
const uprightMin = 0.85;
/**
 * The other tiles in which a doubtful picture is searched: a larger one, in case a face fills the picture, and rotated
 * ones.
 */
const otherLooks = [
  { margin: 1.5, quarters: 0 },
  { margin: 1, quarters: 2 },
  { margin: 1, quarters: 1 },
  { margin: 1, quarters: 3 },
] as const;

/**
 * Finds every face, largest first. A picture without a certain face is also searched enlarged and rotated, and the best
 * result counts: a face that is upside down is often found in the upright picture, but badly.
 */
export async function locateFaces(networks: LocatorNetworks, picture: Pyramid): Promise<LocatedFace[]> {
  let best = await confirm(networks, picture, await detectCloser(networks.detector, picture), 0, sureMin);
  for (const { margin, quarters } of otherLooks) {
    if (certainty(best) >= uprightMin) break;
    const angle = (quarters * Math.PI) / 2;
    const detections = await detect(networks.detector, picture, [wholeTile(picture, margin, angle)]);
    const others = await confirm(networks, picture, detections, angle, uprightMin);
    if (others.length >= best.length && certainty(others) > certainty(best)) best = others;
  }
  return best;
}

function certainty(faces: readonly LocatedFace[]): number {
  return faces.reduce((most, { score, mesh }) => Math.max(most, score * mesh.presence), 0);
}

/**
 * Detections in the whole picture and, while smaller faces are likely, in tiles of a half and of a quarter of its side.
 */
async function detectCloser(detector: Detector, picture: Pyramid): Promise<Detection[]> {
  const whole = wholeTile(picture, 1, 0);
  let { side } = whole;
  let seen = await detect(detector, picture, [whole]);
  if (side <= untiledSideMax) return seen;
  const found = [...seen];
  do {
    const isPromising =
      found.every(({ score }) => score < promisingMin) || seen.some(({ box }) => box.width < smallShare * side);
    if (!isPromising) break;
    side /= 2;
    seen = await detect(detector, picture, tilesOf(picture, side));
    found.push(...seen);
  } while (side > tileSideMax);
  return merge(found);
}

/**
 * The faces among the detections in a picture rotated by `angle`, largest first. Detections below `sure` are examined
 * again.
 */
async function confirm(
  networks: LocatorNetworks,
  picture: Pyramid,
  detections: readonly Detection[],
  angle: number,
  sure: number,
): Promise<LocatedFace[]> {
  const found: LocatedFace[] = [];
  for (const face of await meshed(networks.mesher, picture, detections.slice(0, detectionsMax))) {
    const isSure = face.score * face.mesh.presence >= sure;
    const confirmed = isSure ? face : await detectAgain(networks, picture, face, angle);
    if (confirmed) found.push(confirmed);
  }
  return distinct(found);
}

/** Each face once, the surest of those that overlap, largest first. */
export function distinct(faces: readonly LocatedFace[]): LocatedFace[] {
  const area = ({ box }: LocatedFace): number => box.width * box.height;
  return nonMaximumSuppression(faces, overlapOfSmaller, alikeMax)
    .map(([best]) => best)
    .toSorted((a, b) => area(b) - area(a));
}

/** Runs the detector on a square about a doubtful face; undefined if it is not a face. */
async function detectAgain(
  networks: LocatorNetworks,
  picture: Pyramid,
  { box }: LocatedFace,
  angle: number,
): Promise<LocatedFace | undefined> {
  const side = secondMargin * Math.max(box.width, box.height);
  const seen = await detect(networks.detector, picture, [{ centre: middleOf(box), side, angle }]);
  const same = seen.find((detection) => iou(detection.box, box) > sameMin);
  if (!same) return undefined;
  const fits = secondFits.map((share) => ({ ...same, box: shrunk(same.box, share) }));
  const again = (await meshed(networks.mesher, picture, fits)).toSorted((a, b) => b.mesh.presence - a.mesh.presence)[0];
  return again && again.score * again.mesh.presence >= secondMin ? again : undefined;
}

/** The square with the same centre and a share of the side. */
function shrunk({ x, y, width }: Detection['box'], share: number): Detection['box'] {
  const off = (width * (1 - share)) / 2;
  return { x: x + off, y: y + off, width: width * share, height: width * share };
}

async function meshed(mesher: Network, picture: Pyramid, detections: readonly Detection[]): Promise<LocatedFace[]> {
  const meshes = await fitMeshes(mesher, picture, detections.map(frameOfDetection));
  return meshes
    .map((mesh, i) => ({ box: boxOf(mesh), score: detections[i]!.score, mesh }))
    .filter(({ box }) => Math.min(box.width, box.height) >= faceSideMin && isCentredInside(box, picture.base));
}
