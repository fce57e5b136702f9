/**
 * Runs familiar and two well-known libraries on the same task: every face of a picture, its embedding and its
 * attributes.
 */
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { openFaceAnalyzer } from '../../src/vision/pool/analyzer.ts';

/** One face as a library reports it. */
export interface AnalysedFace {
  /** Left, top, width and height in pixels of the picture. */
  readonly box: readonly [x: number, y: number, width: number, height: number];
  /** Closer, in Euclidean distance, for the same person. */
  readonly embedding: Float32Array;
  /** Whether the person is classified as a man. */
  readonly male: boolean;
  /** Higher for a broader smile. */
  readonly smile: number;
}

/** Analyses one encoded picture, decoding included. */
export type Analyse = (file: Uint8Array) => Promise<readonly AnalysedFace[]>;

/** Opens each library. Features that {@link AnalysedFace} does not need are enabled only if all libraries have them. */
export const analysts = { familiar, human, faceApi } as const satisfies Record<
  string,
  (models: string) => Promise<Analyse>
>;

/** The name of one of them. */
export type AnalystName = keyof typeof analysts;

/** Faces of a picture that are analysed, at most. */
const most = 20;
const require = createRequire(import.meta.url);
/** Packages by folder: `human` declares no entry that is its file for this backend. */
const packages = fileURLToPath(new URL('./node_modules/', import.meta.url));
const wasmFolder = join(packages, '@tensorflow/tfjs-backend-wasm/dist/');

/** As the server runs it: one worker, and every part of a face, with its contours and its crop. */
async function familiar(models: string): Promise<Analyse> {
  const analyzer = await openFaceAnalyzer({
    modelsFolder: models,
    workers: 1,
    queueMax: 1,
    deadlineMs: 60_000,
    pixelsMax: 40_000_000,
  });
  return async (file) => {
    const { faces } = await analyzer.analyze(Uint8Array.from(file), { facesMax: most });
    return faces.map(({ box: { x, y, width, height }, embedding, attributes }) => ({
      box: [x, y, width, height],
      embedding,
      male: attributes.gender >= 50,
      smile: attributes.expression,
    }));
  };
}

interface Tensor {
  readonly shape: readonly number[];
}

interface TensorFlow {
  tensor3d(values: Uint8Array, shape: readonly number[], type: 'int32'): Tensor;
  dispose(tensor: Tensor): void;
  setBackend(name: 'wasm'): Promise<boolean>;
  ready(): Promise<void>;
}

/** The input of both libraries: under Node, neither decodes pictures with this backend. */
async function decode(tf: TensorFlow, file: Uint8Array): Promise<Tensor> {
  const { data, info } = await sharp(file)
    .autoOrient()
    .flatten({ background: 'white' })
    .toColourspace('srgb')
    .raw({ depth: 'uchar' })
    .toBuffer({ resolveWithObject: true });
  return tf.tensor3d(data, [info.height, info.width, info.channels], 'int32');
}

interface HumanFace {
  readonly box: AnalysedFace['box'];
  readonly embedding?: readonly number[];
  readonly gender?: string;
  readonly emotion?: readonly { readonly emotion: string; readonly score: number }[];
}

interface Human {
  readonly tf: TensorFlow;
  init(): Promise<void>;
  load(): Promise<void>;
  detect(picture: Tensor): Promise<{ readonly face: readonly HumanFace[]; readonly error?: string }>;
}

/** `@vladmandic/human` without the models that familiar has no counterpart of, and without caching between pictures. */
async function human(): Promise<Analyse> {
  const home = join(packages, '@vladmandic/human');
  const { Human } = require(join(home, 'dist/human.node-wasm.js')) as { Human: new (config: object) => Human };
  await using models = await serveFolder(join(home, 'models'));
  const library = new Human({
    backend: 'wasm',
    wasmPath: wasmFolder,
    modelBasePath: models.url,
    cacheSensitivity: 0,
    skipAllowed: false,
    warmup: 'none',
    filter: { enabled: false },
    gesture: { enabled: false },
    body: { enabled: false },
    hand: { enabled: false },
    object: { enabled: false },
    segmentation: { enabled: false },
    face: {
      detector: { maxDetected: most, rotation: true },
      iris: { enabled: false },
      emotion: { minConfidence: 0 },
      description: { minConfidence: 0 },
    },
  });
  await library.init();
  await library.load();
  return async (file) => {
    const picture = await decode(library.tf, file);
    try {
      const { face, error } = await library.detect(picture);
      if (error) throw new Error(error);
      return face.map(({ box, embedding = [], gender, emotion = [] }) => ({
        box,
        embedding: Float32Array.from(embedding),
        male: gender === 'male',
        smile: emotion.find((one) => one.emotion === 'happy')?.score ?? 0,
      }));
    } finally {
      library.tf.dispose(picture);
    }
  };
}

interface FaceApiFace {
  readonly detection: { readonly box: { x: number; y: number; width: number; height: number } };
  readonly descriptor: Float32Array;
  readonly gender: string;
  readonly expressions: { readonly happy: number };
}

interface FaceApiTask extends Promise<readonly FaceApiFace[]> {
  withFaceLandmarks(): FaceApiTask;
  withFaceExpressions(): FaceApiTask;
  withFaceDescriptors(): FaceApiTask;
  withAgeAndGender(): FaceApiTask;
}

interface FaceApi {
  readonly tf: TensorFlow;
  readonly nets: Readonly<Record<string, { loadFromDisk(folder: string): Promise<void> }>>;
  readonly SsdMobilenetv1Options: new (options: object) => object;
  detectAllFaces(picture: Tensor, options: object): FaceApiTask;
}

/**
 * `@vladmandic/face-api` as its own demonstration for Node runs it, at its default confidence, with everything that it
 * computes of a face.
 */
async function faceApi(): Promise<Analyse> {
  const home = join(packages, '@vladmandic/face-api');
  const { setWasmPaths } = require('@tensorflow/tfjs-backend-wasm') as { setWasmPaths(folder: string): void };
  setWasmPaths(wasmFolder);
  const library = require(join(home, 'dist/face-api.node-wasm.js')) as FaceApi;
  await library.tf.setBackend('wasm');
  await library.tf.ready();
  for (const net of [
    'ssdMobilenetv1',
    'faceLandmark68Net',
    'ageGenderNet',
    'faceRecognitionNet',
    'faceExpressionNet',
  ]) {
    await library.nets[net]!.loadFromDisk(join(home, 'model'));
  }
  const options = new library.SsdMobilenetv1Options({ minConfidence: 0.5, maxResults: most });
  return async (file) => {
    const picture = await decode(library.tf, file);
    try {
      const faces = await library
        .detectAllFaces(picture, options)
        .withFaceLandmarks()
        .withFaceExpressions()
        .withFaceDescriptors()
        .withAgeAndGender();
      return faces.map(({ detection: { box }, descriptor, gender, expressions }) => ({
        box: [box.x, box.y, box.width, box.height],
        embedding: descriptor,
        male: gender === 'male',
        smile: expressions.happy,
      }));
    } finally {
      library.tf.dispose(picture);
    }
  };
}

/** Serves a folder over HTTP: without native TensorFlow, `human` can read models in no other way. */
async function serveFolder(folder: string): Promise<AsyncDisposable & { readonly url: string }> {
  const server = createServer(async ({ url = '' }, response) => {
    response.end(await readFile(join(folder, url)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
