/** The interface of a face detector: BlazeFace, or the one that a pack puts in its place. */

import type { Pyramid } from '../kernels/pyramid.ts';
import { meanOf, type Point } from './geometry.ts';

/** A face as a detector reports it. */
export interface Detection {
  /** A square from the brows to the chin, in pixels of the picture. */
  readonly box: { readonly x: number; readonly y: number; readonly width: number; readonly height: number };
  /** From 0 to 1. */
  readonly score: number;
  /** Centres of the person's right and left eye. */
  readonly eyes: readonly [right: Point, left: Point];
}

/** A square of the picture that is the input of one run of the network. */
export interface Tile {
  readonly centre: Point;
  /** In pixels of the picture. */
  readonly side: number;
  /** The rotation of the tile, in radians, positive clockwise. */
  readonly angle: number;
}

/** A detector that is ready to run. */
export interface Detector {
  /** Finds possible faces in a square of the picture; one face may be reported several times. */
  detect(picture: Pyramid, tile: Tile): Promise<Detection[]>;
}

/** The square with this centre and side. */
export function squareAbout({ x, y }: Point, side: number): Detection['box'] {
  return { x: x - side / 2, y: y - side / 2, width: side, height: side };
}

/** The centre of a rectangle. */
export function middleOf({ x, y, width, height }: Detection['box']): Point {
  return meanOf([
    { x, y },
    { x: x + width, y: y + height },
  ]);
}
