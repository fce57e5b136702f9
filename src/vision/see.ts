/** Knows the order in which a picture is looked at: decoded, searched for faces, and each face described. */
import type { Box, SeenFace, Sight } from '../domain/eyes.ts';
import { Refusal, type RefusalName } from '../errors/refusals.ts';
import { attributesOf, type Observation } from './attributes.ts';
import { cropFace } from './crop.ts';
import { type DecodeLimits, decodePicture, type Picture } from './decode.ts';
import { describe, join, recognise } from './embed.ts';
import { express } from './expression.ts';
import { type FoundFace, findFaces } from './find.ts';
import { Pyramid } from './kernels/pixels.ts';
import { boxOf, fitMeshes, frameOf } from './mesh.ts';
import type { Networks } from './networks.ts';
import meanFace from './parameters/mean-face.json' with { type: 'json' };

/** A face as every network saw it. */
export interface ObservedFace extends Observation {
  /** What the recogniser says, 128 numbers. */
  readonly recognised: Float32Array;
}

/** Milliseconds spent by stage. */
type Timings = Record<string, number>;

/** Faces that go through the networks together; more would only cost memory. */
const batchMax = 8;

/**
 * Looks at one encoded picture.
 * @param most how many faces, largest first, are described.
 * @throws Refusal of the stage that failed.
 */
export async function see(networks: Networks, file: Uint8Array, most: number, limits: DecodeLimits): Promise<Sight> {
  const timings: Timings = {};
  const picture = await timed(timings, 'decode', () => decodePicture(file, limits));
  const pyramid = new Pyramid(picture.pixels);
  const found = await timed(timings, 'detect', () => orRefuse('featureFailed', () => findFaces(networks, pyramid)));
  const faces: SeenFace[] = [];
  for (let start = 0; start < Math.min(most, found.length); start += batchMax) {
    const batch = found.slice(start, Math.min(start + batchMax, most));
    const observed = await observe(networks, pyramid, batch, timings);
    faces.push(
      ...(await timed(timings, 'crop', () => Promise.all(observed.map((face) => finish(face, pyramid, picture))))),
    );
  }
  const others = found.slice(most).map(({ box }) => inSent(box, picture));
  return { width: picture.width, height: picture.height, faces, others, timings };
}

/** Shows the faces to every network, all together. */
export async function observe(
  networks: Networks,
  picture: Pyramid,
  faces: readonly FoundFace[],
  timings: Timings = {},
): Promise<ObservedFace[]> {
  const frames = faces.map(({ mesh }) => frameOf(mesh));
  const meshes = await timed(timings, 'landmarks', () =>
    orRefuse('shapeFailed', () => fitMeshes(networks.mesher, picture, frames)),
  );
  const [descriptions, recognised] = await timed(timings, 'embed', () =>
    orRefuse('featureFailed', async () => [
      await describe(networks.describer, picture, meshes),
      await recognise(networks.recogniser, picture, meshes),
    ]),
  );
  const expressions = await timed(timings, 'attributes', () =>
    orRefuse('expressionFailed', () => express(networks.expresser, picture, meshes)),
  );
  return meshes.map((mesh, i) => ({
    mesh,
    description: descriptions[i]!,
    recognised: recognised[i]!,
    expressions: expressions[i]!,
  }));
}

async function finish(face: ObservedFace, pyramid: Pyramid, picture: Picture): Promise<SeenFace> {
  const embedding = join(face.description.feature, face.recognised, meanFace.feature);
  if (!embedding) throw new Refusal('featureFailed');
  const crop = await cropFace(pyramid, face.mesh);
  return { box: inSent(boxOf(face.mesh), picture), attributes: attributesOf(face), embedding, crop };
}

/** A box of the working picture in pixels of the picture that was sent. */
function inSent(box: Box, { pixels, width }: Picture): Box {
  const scale = width / pixels.width;
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

/** Whatever goes wrong in a network is that network's refusal; its cause goes to the log. */
async function orRefuse<T>(refusal: RefusalName, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw cause instanceof Refusal ? cause : new Refusal(refusal, '', { cause });
  }
}
