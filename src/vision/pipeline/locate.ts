/** Decides which detections are faces, and which face is the largest. */

import { iou, nonMaximumSuppression, overlapOfSmaller } from '../kernels/nms.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import type { Network } from '../models/runtime.ts';
import { detect, merge, tilesOf, wholeTile } from './detect.ts';
import { type Detection, type Detector, middleOf } from './detector.ts';
import { boxOf, fitMeshes, frameOfDetection, type Mesh } from './mesh.ts';

/** A face that the mesh network has confirmed. */
export interface LocatedFace {
  /** The upright rectangle about the mesh, in pixels of the picture. */
  readonly box: Detection['box'];
  /** The detector's score, from 0 to 1. */
  readonly score: number;
  /** The mesh as fitted to the detector's box; a second fit to its own frame is better. */
  readonly mesh: Mesh;
}

/** What finds faces. */
export interface LocatorNetworks {
  readonly detector: Detector;
  readonly mesher: Network;
}

/** Score × presence from which on a detection is a face. */
const sureMin = 0.62;
/** Side of the square in which what is not sure is looked at again, in sides of the face: there the detector is at its best. */
const secondMargin = 3.5;
/** The second look fits the mesh to the detection and to its middle: on a profile a closer fit is often the better. */
const secondFits = [1, 0.8] as const;
/** Score × presence that the better of them must reach. */
const secondMin = 0.65;
/** The second look's detection is the same face if they share this much of what they cover together. */
const sameMin = 0.3;
/** Faces that share more than this of the smaller one are one face. */
const alikeMax = 0.5;
/** Where the detector saw something smaller than this share of the square it looked at, it looks at smaller ones too. */
const smallShare = 0.1;
/** Where it saw nothing better than this, too. */
const promisingMin = 0.6;
/** Larger tiles are halved once more: in these a face of 24 pixels is one of 6 for the detector, about the least it sees. */
const tileSideMax = 1024;
/** Longer side in pixels up to which a picture is not tiled: what is small in it is too coarse to be recognised. */
const untiledSideMax = 400;
/** Shorter side in pixels below which a face is too coarse for the networks to tell anything of it. */
const faceSideMin = 20;
/** Detections that are followed up; the largest group photographs stay below it. */
const detectionsMax = 100;

/** Score × presence of the best face from which on a picture is taken to be upright. */
const uprightMin = 0.85;
/** How else a doubtful picture is looked at: from farther away, in case a face fills it, and turned by quarters. */
const otherLooks = [
  { margin: 1.5, quarters: 0 },
  { margin: 1, quarters: 2 },
  { margin: 1, quarters: 1 },
  { margin: 1, quarters: 3 },
] as const;

/**
 * Finds every face, largest first. A picture without a sure face is looked at in other ways too, of which the best
 * counts: a face that is upside down is often found, but badly, in the upright picture.
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

/** Detections over the whole picture and, while that promises more, over tiles of a half and of a quarter of its side. */
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

/** Those of the detections in a picture turned by `angle` that are faces, largest first; whatever is less than `sure` is looked at again. */
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
  const area = ({ box }: LocatedFace): number => box.width * box.height;
  return nonMaximumSuppression(found, overlapOfSmaller, alikeMax)
    .map(([best]) => best)
    .toSorted((a, b) => area(b) - area(a));
}

/** What the detector sees in a square about a doubtful face, if it is a face. */
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

/** The same square with a share of its side. */
function shrunk({ x, y, width }: Detection['box'], share: number): Detection['box'] {
  const off = (width * (1 - share)) / 2;
  return { x: x + off, y: y + off, width: width * share, height: width * share };
}

async function meshed(mesher: Network, picture: Pyramid, detections: readonly Detection[]): Promise<LocatedFace[]> {
  const meshes = await fitMeshes(mesher, picture, detections.map(frameOfDetection));
  return meshes
    .map((mesh, i) => ({ box: boxOf(mesh), score: detections[i]!.score, mesh }))
    .filter(({ box }) => Math.min(box.width, box.height) >= faceSideMin);
}
