/** Analyses a picture: decodes it, finds its faces, and computes the requested parts of each. */
import type { Analysis, AnalyzedFace, Box, FaceParts, Point } from '../../domain/face-analyzer.ts';
import { Refusal, type RefusalName } from '../../errors/refusals.ts';
import { estimateYears } from '../attributes/age.ts';
import { attributesOf, type Observation, type RawAttributes, rawAttributesOf } from '../attributes/attributes.ts';
import { describeFaces } from '../attributes/describe.ts';
import { recogniseExpressions } from '../attributes/expression.ts';
import { qualityOf } from '../attributes/quality.ts';
import { shapeOf } from '../attributes/shape.ts';
import { Pyramid } from '../kernels/pyramid.ts';
import { facePointsOf } from './align.ts';
import { blazeFace, smallForm } from './blazeface.ts';
import { cropFace } from './crop.ts';
import { type DecodeLimits, decodePicture } from './decode.ts';
import { embeddingOf, recognise } from './embed.ts';
import { type FinderNetworks, findFaces } from './find.ts';
import type { LocatedFace } from './locate.ts';
import { mainFaceOf, type Size } from './main-face.ts';
import { boxOf, settleMeshes } from './mesh.ts';
import type { Networks, NetworksWithPack } from './networks.ts';
import { addTinyFaces } from './tiny.ts';

/** A face with the outputs of every network. */
export interface ObservedFace extends Observation {
  /** The recogniser's output. */
  readonly recognised: Float32Array;
}

/**
 * A face with the outputs of the networks that the requested parts need. `embedding` comes from the recogniser of a
 * pack.
 */
type PartlyObserved = Partial<ObservedFace> &
  Pick<ObservedFace, 'mesh'> & {
    readonly embedding?: Float32Array;
    /** In the order of the packs; undefined for those of the built-in recogniser. */
    readonly further?: readonly (Float32Array | undefined)[];
  };

/** Everything that can be told of a face here: what the domain asks for, and what only evaluations read. */
export interface EvaluatedParts extends Omit<FaceParts, 'further'> {
  /** The embeddings of further packs, in their order. */
  readonly further: readonly Float32Array[];
  readonly rawAttributes: RawAttributes;
  /** The outputs of every built-in network; absent where a pack has the recogniser. */
  readonly observed: ObservedFace;
}

/** The name of a part. */
export type EvaluatedPart = keyof EvaluatedParts;

/** What to compute. */
export interface AnalysisRequest {
  /**
   * How many faces are analysed; of the others only the boxes are returned. More than one: the largest. One: the face
   * that is meant.
   */
  readonly facesMax: number;
  /** Whether faces of 12 to 20 pixels are searched for, too. */
  readonly tinyFaces?: boolean | undefined;
  readonly parts: readonly EvaluatedPart[];
}

/** Milliseconds spent by stage. */
type Timings = Record<string, number>;

/** Faces whose crops are made and encoded at the same time; more would only cost memory. */
const batchMax = 8;

/**
 * Analyses one encoded picture.
 * @throws Refusal of the stage that failed.
 */
export async function analyzePicture(
  networks: NetworksWithPack,
  file: Uint8Array,
  wish: AnalysisRequest,
  limits: DecodeLimits,
): Promise<Analysis> {
  const { facesMax, parts } = wish;
  const timings: Timings = {};
  const picture = await timed(timings, 'decode', () => decodePicture(file, limits));
  const pyramid = new Pyramid(picture.pixels, picture.full);
  const scale = picture.width / pyramid.base.width;
  const located = await timed(timings, 'detect', () =>
    orRefuse('featureFailed', () => locate(finderOf(networks), pyramid, wish.tinyFaces === true && scale === 1)),
  );
  const found = facesMax === 1 ? mainFirst(located, pyramid.base) : located;
  const faces: AnalyzedFace[] = [];
  for (let start = 0; start < Math.min(facesMax, found.length); start += batchMax) {
    const batch = found.slice(start, Math.min(start + batchMax, facesMax));
    const observed = await observeFor(parts, networks, pyramid, batch, timings);
    const finished = await timed(timings, 'finish', () =>
      Promise.all(observed.map((face) => finish(face, pyramid, scale, parts))),
    );
    faces.push(...finished);
  }
  pyramid.free();
  const others = found.slice(facesMax).map(({ box }) => inSent(box, scale));
  // The second fit may have changed which of two similar faces is the larger.
  faces.sort((a, b) => b.box.width * b.box.height - a.box.width * a.box.height);
  return { width: picture.width, height: picture.height, faces, others, timings };
}

/**
 * The networks that find faces: the pack's detector if it has one, or the built-in ones, and the built-in mesh network,
 * which confirms detections.
 */
export function finderOf({ pack, detector, glancer, mesher }: NetworksWithPack): FinderNetworks {
  if (pack?.detector) return { detector: pack.detector, mesher };
  return { detector: blazeFace(detector), glancer: blazeFace(glancer, smallForm), mesher };
}

/** The faces of a picture, largest first. */
async function locate(finder: FinderNetworks, picture: Pyramid, tinyFaces: boolean): Promise<readonly LocatedFace[]> {
  const faces = await findFaces(finder, picture);
  return tinyFaces ? addTinyFaces(finder, picture, faces) : faces;
}

/** The face that is meant, then the others as they are. */
function mainFirst(faces: readonly LocatedFace[], size: Size): readonly LocatedFace[] {
  const main = mainFaceOf(
    faces.map(({ box }) => box),
    size,
  );
  return faces.length === 0 ? faces : [faces[main]!, ...faces.toSpliced(main, 1)];
}

/** Runs every network on the faces. */
export async function observe(
  networks: Networks,
  picture: Pyramid,
  faces: readonly LocatedFace[],
): Promise<readonly ObservedFace[]> {
  return (await observeFor(['attributes', 'embedding'], networks, picture, faces, {})) as readonly ObservedFace[];
}

/** Runs the networks that the parts need on the faces. */
async function observeFor(
  parts: readonly EvaluatedPart[],
  networks: NetworksWithPack,
  picture: Pyramid,
  faces: readonly LocatedFace[],
  timings: Timings,
): Promise<PartlyObserved[]> {
  const wants = (part: EvaluatedPart): boolean => parts.includes(part);
  const observed = wants('observed');
  const [attributes, embedding] = [wants('attributes') || observed, wants('embedding') || observed];
  const own = networks.pack?.recogniser;
  const further = wants('further') ? (networks.further ?? []).map((pack) => pack?.recogniser) : [];
  const located = faces.map(({ mesh }) => mesh);
  const meshes = await timed(timings, 'landmarks', () => settleMeshes(networks.mesher, picture, located));
  const points = meshes.map(facePointsOf);
  const [descriptions, recognised, embeddings] = await timed(timings, 'embed', () =>
    orRefuse('featureFailed', async () => [
      attributes || wants('rawAttributes') ? await describeFaces(networks.describer, picture, meshes) : [],
      (embedding && !own) || wants('quality') || further.includes(undefined)
        ? await recognise(networks.recogniser, picture, points)
        : [],
      embedding && own ? await own.embed(picture, points) : [],
    ]),
  );
  const others = await timed(timings, 'embed', () =>
    orRefuse('featureFailed', async () => {
      const made: (readonly Float32Array[] | undefined)[] = [];
      for (const recogniser of further) made.push(await recogniser?.embed(picture, points));
      return made;
    }),
  );
  const expressions = await timed(timings, 'attributes', () =>
    orRefuse('expressionFailed', async () =>
      attributes ? recogniseExpressions(networks.expresser, picture, meshes) : [],
    ),
  );
  const years = await timed(timings, 'attributes', () =>
    orRefuse('ageFailed', async () => (attributes ? estimateYears(networks.ager, picture, meshes) : [])),
  );
  return meshes.map((mesh, i) => ({
    mesh,
    ...(descriptions[i] && { description: descriptions[i] }),
    ...(recognised[i] && { recognised: recognised[i] }),
    ...(embeddings[i] && { embedding: embeddings[i] }),
    ...(wants('further') && { further: others.map((made) => made?.[i]) }),
    ...(expressions[i] && { expressions: expressions[i] }),
    ...(years[i] !== undefined && { years: years[i] }),
  }));
}

/** Computes the requested parts of a face, and no others; `scale` is sent pixels for each of the working picture. */
async function finish(
  { mesh, description, recognised, embedding, further, expressions, years }: PartlyObserved,
  pyramid: Pyramid,
  scale: number,
  parts: readonly EvaluatedPart[],
): Promise<AnalyzedFace> {
  const made: { -readonly [P in EvaluatedPart]?: EvaluatedParts[P] } = {};
  if (parts.includes('attributes') && description && expressions && years !== undefined) {
    made.attributes = attributesOf({ mesh, description, expressions, years });
  }
  if (parts.includes('embedding')) {
    const described = embedding ?? (recognised && embeddingOf(recognised));
    if (!described) throw new Refusal('featureFailed');
    made.embedding = described;
  }
  if (further !== undefined) {
    const builtin = recognised && embeddingOf(recognised);
    made.further = further.map((each) => each ?? builtin ?? refuse());
  }
  if (parts.includes('quality') && recognised) {
    made.quality = qualityOf(recognised, pyramid, mesh, scale);
  }
  if (parts.includes('rawAttributes') && description) made.rawAttributes = rawAttributesOf(mesh, description);
  if (parts.includes('observed') && description && recognised && expressions && years !== undefined) {
    made.observed = { mesh, description, recognised, expressions, years };
  }
  if (parts.includes('crop')) made.crop = await cropFace(pyramid, mesh);
  if (parts.includes('shape')) made.shape = shapeOf(mesh, (point) => pointInSent(point, scale));
  // The object has just the requested parts, as the type that the caller asked for says.
  return { box: inSent(boxOf(mesh), scale), ...(made as EvaluatedParts) } as unknown as AnalyzedFace;
}

function refuse(): never {
  throw new Refusal('featureFailed');
}

/** A point of the working picture in pixels of the picture that was sent. */
function pointInSent({ x, y }: Point, scale: number): Point {
  return { x: x * scale, y: y * scale };
}

/** A box of the working picture in pixels of the picture that was sent. */
function inSent(box: Box, scale: number): Box {
  return { x: box.x * scale, y: box.y * scale, width: box.width * scale, height: box.height * scale };
}

async function timed<T>(timings: Timings, stage: string, work: () => Promise<T>): Promise<T> {
  const start = performance.now();
  try {
    return await work();
  } finally {
    timings[stage] = (timings[stage] ?? 0) + performance.now() - start;
  }
}

/** An error in a network becomes that network's refusal; its cause is logged. */
async function orRefuse<T>(refusal: RefusalName, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof Refusal ? cause : new Refusal(refusal, '', { cause });
  }
}
