/** A request context in memory, so that what a call means is tested in milliseconds: no networks, no database and no HTTP. */
import assert from 'node:assert/strict';
import type { PictureSource, RequestContext } from '../../src/domain/context.ts';
import type {
  Analysis,
  AnalyzeOptions,
  Box,
  FaceAnalyzer,
  FacePart,
  FaceParts,
  FaceShape,
  Likeness,
  Quality,
} from '../../src/domain/face-analyzer.ts';
import type { Gallery } from '../../src/domain/gallery.ts';
import { registerPerson } from '../../src/domain/persons.ts';
import type { Store } from '../../src/domain/stores.ts';
import { Refusal, type RefusalName } from '../../src/errors/refusals.ts';
import { idsOf, limits, person } from '../store/fixtures.ts';
import { MapStore } from '../store/map-store.ts';

/** A face that a picture shows. */
export interface ShownFace {
  /** The cosine of its embedding with that of a face at 1. */
  readonly cosine: number;
  /** The best one, if it is left out. */
  readonly quality?: Quality;
  /** How many pixels its box is wide; tells faces of one picture apart. */
  readonly width?: number;
}

/** A context with what its ports have been asked and told. */
export interface MemoryContext extends RequestContext {
  /** How pictures were asked to be analysed, one by one. */
  readonly analyzeOptions: readonly AnalyzeOptions[];
  readonly analyses: readonly Analysis<never>[];
  /** What it was told of whom new faces resemble, and of faces that were seen. */
  readonly told: readonly (readonly (Likeness | undefined)[])[];
  readonly seen: readonly string[];
}

/** Opens an empty context; a test may put ports and limits of its own in the place of those in memory. */
export function openContext(replaced: Partial<RequestContext> = {}): MemoryContext {
  const analyzeOptions: AnalyzeOptions[] = [];
  const analyses: Analysis<never>[] = [];
  const store = replaced.store ?? new MapStore();
  const analyzer = replaced.analyzer ?? openFaceAnalyzer(analyzeOptions);
  let faceIds = 0;
  const [told, seen]: [(readonly (Likeness | undefined)[])[], string[]] = [[], []];
  return {
    store,
    gallery: galleryOf(store, analyzer),
    analyzer,
    limits,
    newFaceId: () => `face-${++faceIds}`,
    qualityMin: 0,
    onResembling: (likenesses) => void told.push(likenesses),
    onSeen: (faceId) => void seen.push(faceId),
    onAnalysis: (analysis) => void analyses.push(analysis),
    signal: new AbortController().signal,
    ...replaced,
    analyzeOptions,
    analyses,
    told,
    seen,
  };
}

/**
 * A picture of faces, largest first.
 * @param meanwhile what else happens to the registry before the picture is there.
 */
export function picture(faces: readonly ShownFace[], meanwhile?: () => Promise<unknown>): PictureSource {
  return {
    open: async () => {
      await meanwhile?.();
      return new TextEncoder().encode(JSON.stringify(faces));
    },
  };
}

/** A picture that nobody may ask for. */
export const unasked: PictureSource = { open: async () => assert.fail('the picture was asked for') };

/** A picture that cannot be had. */
export function failing(error: Error): PictureSource {
  return { open: () => Promise.reject(error) };
}

/** The embedding of a face at a cosine. */
export function embeddingAt(cosine: number): Float32Array {
  return Float32Array.of(cosine, Math.sqrt(1 - cosine * cosine));
}

/** The box of a face. */
export function boxOf({ width = 100 }: ShownFace): Box {
  return { x: 1.25, y: -2, width, height: 120 };
}

/** What every face is said to be. */
export const attributes = { gender: 100, age: 30, expression: 50, glass: true, pitch: -3, yaw: 30, roll: 180 };
/** What is cut out of every picture. */
export const crop = Uint8Array.of(1, 2, 3);

/** The contours of a face: one point each, as far right as the face is wide. */
export function shapeOf({ width = 100 }: ShownFace): FaceShape {
  const points = [{ x: width, y: 1 }];
  return {
    profile: points,
    leftEye: points,
    rightEye: points,
    leftEyebrow: points,
    rightEyebrow: points,
    mouth: points,
    nose: points,
  };
}

/** Registers a person with one face in groups; the rest of it is empty. */
export async function registered(
  context: RequestContext,
  personId: string,
  groupIds: string[],
  face: ShownFace,
): Promise<string> {
  return (await registerPerson(context, { person: person(personId), groupIds, picture: picture([face]) })).faceId;
}

/** Passes if the call is refused so. */
export function isRefused(call: Promise<unknown>, refusal: RefusalName, detail = ''): Promise<void> {
  return assert.rejects(call, (error) => {
    assert.ok(error instanceof Refusal, String(error));
    assert.deepEqual([error.refusal, error.detail], [refusal, detail]);
    return true;
  });
}

/** Reads from a picture what it shows; a score is a cosine in hundredths, and from 0.99 on pictures may be copies, and are. */
function openFaceAnalyzer(analyzeOptions: AnalyzeOptions[]): FaceAnalyzer {
  const scoreOf = (cosine: number): number => Math.round(cosine * 1e6) / 1e4;
  return {
    model: 'memory',
    dimension: 2,
    scoreOf,
    compare: (a, b) => {
      const score = scoreOf(a.reduce((sum, value, i) => sum + value * b[i]!, 0));
      return { score, mayBeCopy: score >= 99 };
    },
    areCopies: async (_, others) => others.map(() => true),
    async analyze(bytes, options) {
      analyzeOptions.push(options);
      const shown = JSON.parse(new TextDecoder().decode(bytes)) as readonly ShownFace[];
      const faces = shown.slice(0, options.facesMax).map((face) => ({
        box: boxOf(face),
        ...partsOf(face, options.parts ?? []),
      }));
      return { width: 640, height: 480, faces, others: shown.slice(options.facesMax).map(boxOf), timings: {} };
    },
  };
}

/** Those of a face's parts that were asked for, and no others. */
function partsOf<P extends FacePart>(face: ShownFace, asked: readonly P[]): Pick<FaceParts, P> {
  const parts: FaceParts = {
    attributes,
    embedding: embeddingAt(face.cosine),
    crop,
    shape: shapeOf(face),
    quality: face.quality ?? { score: 100 },
    further: [],
  };
  return Object.fromEntries(asked.map((part) => [part, parts[part]])) as Pick<FaceParts, P>;
}

/** Compares every face of the groups' members. */
function galleryOf(store: Store, analyzer: FaceAnalyzer): Gallery {
  return {
    async nearest({ probes, groupIds, count }) {
      const lists = await Promise.all(groupIds.map((groupId) => store.membersOf(groupId)));
      const personIds = [...new Set(lists.flatMap((list) => idsOf(list) ?? []))];
      const persons = await Promise.all(
        personIds.map(async (personId) => ({ personId, known: await store.embeddingsOf(personId, analyzer.model) })),
      );
      const better = (a: { cosine: number }, b: { cosine: number }) => b.cosine - a.cosine;
      return probes.map((probe) =>
        persons
          .flatMap(({ personId, known }) => {
            const faces = known.map(({ faceId, embedding }) => {
              const cosine = embedding.reduce((sum, value, i) => sum + value * probe[i]!, 0);
              return { personId, faceId, cosine };
            });
            return faces.sort(better).slice(0, 1);
          })
          .sort(better)
          .slice(0, count)
          .map(({ personId, faceId }) => ({ personId, faceId })),
      );
    },
  };
}
