/**
 * Finds faces in the cheapest way that is sure to find all: by one coarse look where a picture shows nothing but large
 * faces, as portraits do, and by the whole search of `locate.ts` everywhere else.
 */
import { iou } from '../kernels/nms.ts';
import type { Pyramid } from '../kernels/pyramid.ts';
import { detect, wholeTile } from './detect.ts';
import type { Detection, Detector } from './detector.ts';
import { type LocatedFace, type LocatorNetworks, locateFaces } from './locate.ts';
import { isCentredInside } from './main-face.ts';
import { boxOf, type Frame, fitMeshes, frameOfDetection } from './mesh.ts';

/** The networks that find faces. */
export interface FinderNetworks extends LocatorNetworks {
  /** A detector that costs little, for a first look at the whole picture. */
  readonly glancer?: Detector | undefined;
}

/**
 * A detection in a first look is a face if it is as sure as this, alone and multiplied by the presence that the mesh
 * network tells (docs/decisions/0017-large-pictures.md).
 */
const sureMin = 0.75;
/** It is none if it has less than this score, and the mesh network tells less presence than that. */
const [ghostMax, presenceMin] = [0.35, 0.1];
/** Whether there is a face at all can be told from a quarter of the pixels. */
const ghostEnlargedMax = 4;
/** If it is neither, the first look does not count; nor with more detections than this that are not sure. */
const doubtfulMax = 2;
/** A face has at least this share of the picture's longer side: beside a smaller one there may be some that are too small to see. */
const shareMin = 0.15;
/**
 * From the square of a detection in a first look to the frame that a mesh fitted to it has, at the median of 80 photographs of LFW:
 * by how much its side is larger, and how far its middle lies nearer to the brow, in sides.
 */
const [frameGrowth, frameRise] = [1.06, 0.033];
/** Smaller pictures, by their longer side in pixels, are not worth a first look. */
const sideMin = 160;
/** Boxes that have more than this in common may be of one face. */
const apartMax = 0.3;

/** Finds every face, largest first. */
export async function findFaces(networks: FinderNetworks, picture: Pyramid): Promise<LocatedFace[]> {
  return (await glance(networks, picture)) ?? locateFaces(networks, picture);
}

/** The faces that a first look shows, largest first; undefined if it leaves a doubt. */
async function glance({ glancer, mesher }: FinderNetworks, picture: Pyramid): Promise<LocatedFace[] | undefined> {
  const whole = wholeTile(picture, 1, 0);
  if (glancer === undefined || whole.side < sideMin) return undefined;
  const seen = await detect(glancer, picture, [whole]);
  const isLargeAndSure = ({ box, score }: Detection): boolean => score >= sureMin && box.width >= shareMin * whole.side;
  const [sure, doubtful] = [seen.filter(isLargeAndSure), seen.filter((detection) => !isLargeAndSure(detection))];
  if (sure.length === 0 || doubtful.length > doubtfulMax || doubtful.some(({ score }) => score >= ghostMax))
    return undefined;
  const ghosts = await fitMeshes(mesher, picture, doubtful.map(frameOf), ghostEnlargedMax);
  if (ghosts.some(({ presence }) => presence >= presenceMin)) return undefined;
  const meshes = await fitMeshes(mesher, picture, sure.map(frameOf));
  const faces = meshes.map((mesh, i): LocatedFace => ({ box: boxOf(mesh), score: sure[i]!.score, mesh }));
  const isSure = faces.every(
    ({ box, score, mesh }, i) =>
      score * mesh.presence >= sureMin &&
      isCentredInside(box, picture.base) &&
      faces.every((other, k) => k >= i || iou(box, other.box) <= apartMax),
  );
  const area = ({ box }: LocatedFace): number => box.width * box.height;
  return isSure ? faces.toSorted((a, b) => area(b) - area(a)) : undefined;
}

/** The frame that the mesh of a detection will have, as far as the detection tells. */
function frameOf(detection: Detection): Frame {
  const { centre, side, angle } = frameOfDetection(detection);
  const rise = frameRise * side;
  return {
    centre: { x: centre.x + rise * Math.sin(angle), y: centre.y - rise * Math.cos(angle) },
    side: frameGrowth * side,
    angle,
  };
}
