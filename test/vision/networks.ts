/** Networks that see drawn faces, in the form of the built-in ones. */
import type { Network } from '../../src/vision/models/runtime.ts';
import { type Networks, type Role, roles } from '../../src/vision/pipeline/networks.ts';
import { type DottedFace, facesIn, fittedTo } from './drawn.ts';

/** What a network has been given: one item, as red, green and blue from 0 to 255 where it is a picture in colours. */
export type Shown = Readonly<Record<Role, Float32Array[]>>;

/** Networks, and what they have been shown so far. */
export interface SeeingNetworks {
  readonly networks: Networks;
  readonly shown: Shown;
}

/** How well the networks see. */
export interface Sight {
  /** The score of what a detector sees of a face; 0 for nothing. By default it sees faces that are nearly upright. */
  readonly scoreOf?: (face: DottedFace) => number;
  /** The same of the detector for the first look. By default it sees nothing, so that the first look is never enough. */
  readonly glanceScoreOf?: (face: DottedFace) => number;
  /** How sure the mesher is of a face. By default it is of faces that are upright and fill its input well. */
  readonly presenceOf?: (face: DottedFace) => number;
}

/** What each network wants of a value from 0 to 255: times a scale, plus its channel's shift. */
const tones: Readonly<Record<Role, readonly [scale: number, shift: readonly number[]]>> = {
  detector: [1 / 127.5, [-1, -1, -1]],
  glancer: [1 / 127.5, [-1, -1, -1]],
  mesher: [1 / 255, [0, 0, 0]],
  // Blue comes first.
  describer: [1, [-103.939, -116.779, -123.68]],
  recogniser: [1 / 128, [-127.5 / 128, -127.5 / 128, -127.5 / 128]],
  ager: [1 / 255, [-122.782 / 255, -117.001 / 255, -104.298 / 255]],
  expresser: [1 / 127.5, [-1, -1, -1]],
};

/** The values from 0 to 255 that a network was given. */
function untoned(role: Role, input: Float32Array): Float32Array {
  const [scale, shift] = tones[role];
  const values = new Float32Array(input.length);
  for (let i = 0; i < values.length; i++) values[i] = (input[i]! - shift[i % 3]!) / scale;
  return values;
}

/** The scores of a detector that sees what is turned by 50° at most, and neither very small nor very large. */
export function nearlyUpright({ degrees, eyeDistance, sure }: DottedFace): number {
  return Math.abs(degrees) <= 50 && eyeDistance >= 5 && eyeDistance <= 70 ? sure : 0;
}

/** The presence that a mesher gives what is upright and as large as it was trained with, but nothing else. */
export function upright({ degrees, eyeDistance }: DottedFace): number {
  return Math.abs(degrees) <= 8 && eyeDistance >= 30 && eyeDistance <= 80 ? 1 : 0.02;
}

/** Networks that see drawn faces. */
export function seeingNetworks({
  scoreOf = nearlyUpright,
  glanceScoreOf = () => 0,
  presenceOf = upright,
}: Sight = {}): SeeingNetworks {
  const shown: Shown = {
    detector: [],
    glancer: [],
    mesher: [],
    describer: [],
    recogniser: [],
    ager: [],
    expresser: [],
  };
  const network = (
    role: Role,
    answer: (pictures: readonly Float32Array[]) => Record<string, Float32Array>,
  ): Network => ({
    async run(input, [count, ...item]) {
      const length = item.reduce((product, side) => product * side, 1);
      const pictures = Array.from({ length: count! }, (_, i) =>
        untoned(role, input.subarray(i * length, (i + 1) * length)),
      );
      shown[role].push(...pictures);
      return answer(pictures);
    },
  });
  const networks: Networks = {
    detector: network('detector', ([picture]) => detections(facesIn(picture!, 256), scoreOf, 16)),
    glancer: network('glancer', ([picture]) => detections(facesIn(picture!, 128), glanceScoreOf, 8)),
    mesher: network('mesher', ([picture]) => mesh(facesIn(picture!, 192), presenceOf)),
    describer: network('describer', () => ({
      feature: new Float32Array(1024).fill(0.1),
      gender: Float32Array.of(0.5),
    })),
    recogniser: network('recogniser', (pictures) => ({ embedding: Float32Array.from(pictures.flatMap(summary)) })),
    ager: network('ager', () => ({ age: Float32Array.of(30) })),
    expresser: network('expresser', () => ({ expressions: Float32Array.of(0, 0, 0, 0.5, 0, 0, 0.5) })),
  };
  return { networks, shown };
}

/** The roles whose inputs are in colours. */
export const colourRoles = Object.keys(roles).filter((role) => roles[role as Role].shape[2] === 3) as Role[];

/** As BlazeFace answers: faces in the first anchors, whose cells' middles are known; there are `cells` in a row. */
function detections(
  faces: readonly DottedFace[],
  scoreOf: (face: DottedFace) => number,
  cells: number,
): Record<string, Float32Array> {
  const [fine, coarse] = [2 * cells ** 2, 1.5 * cells ** 2];
  const scores16 = new Float32Array(fine).fill(-20);
  const boxes16 = new Float32Array(fine * 16);
  faces.forEach((face, i) => {
    const score = scoreOf(face);
    scores16[i] = score > 0 ? Math.log(score / Math.max(1e-9, 1 - score)) : -20;
    const cell = { x: (Math.floor(i / 2) % cells) * 16 + 8, y: Math.floor(i / (2 * cells)) * 16 + 8 };
    const [right, left, chin] = face.dots;
    const side = 2.1 * face.eyeDistance;
    // From the brows to the chin.
    const centre = { x: (right.x + left.x + chin.x) / 3, y: (right.y + left.y + chin.y) / 3 };
    const offsets = [centre.x - cell.x, centre.y - cell.y, side, side, right.x - cell.x, right.y - cell.y];
    boxes16.set([...offsets, left.x - cell.x, left.y - cell.y], 16 * i);
  });
  return { scores16, boxes16, scores8: new Float32Array(coarse).fill(-20), boxes8: new Float32Array(coarse * 16) };
}

/** As the mesh network answers: for the face nearest to the middle. */
function mesh(faces: readonly DottedFace[], presenceOf: (face: DottedFace) => number): Record<string, Float32Array> {
  const distance = ({ dots: [right, left] }: DottedFace): number =>
    Math.hypot((right.x + left.x) / 2 - 96, (right.y + left.y) / 2 - 96);
  const [face] = faces.toSorted((a, b) => distance(a) - distance(b));
  const landmarks = face ? fittedTo(face) : Float32Array.from({ length: 468 * 3 }, (_, i) => 60 + ((i * 37) % 72));
  return { landmarks, flag: Float32Array.of(face ? presenceOf(face) : 0) };
}

/** 192 numbers of a picture of 112 × 112: the mean of each channel in each square of 14 × 14, about their middle. */
function summary(picture: Float32Array): number[] {
  const sums = new Array<number>(192).fill(0);
  for (let i = 0; i < picture.length; i++) {
    const [x, y] = [Math.floor(i / 3) % 112, Math.floor(i / 336)];
    sums[(Math.floor(y / 14) * 8 + Math.floor(x / 14)) * 3 + (i % 3)]! += (picture[i]! - 127.5) / 196;
  }
  return sums;
}
