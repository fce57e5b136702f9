/** Runs the same networks twice: as imported, in ONNX Runtime; and as their authors ship them, in TensorFlow.js. */
import { mkdtempSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createRequire, registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';
import * as wasm from '@tensorflow/tfjs-backend-wasm';
import * as converter from '@tensorflow/tfjs-converter';
import * as tf from '@tensorflow/tfjs-core';
import sharp from 'sharp';
import { type CatalogNetwork, type NetworkName, networkCatalog } from '../../../src/vision/models/catalog.ts';
import { convertNetwork } from '../../../src/vision/models/convert.ts';
import { InferenceSession, Tensor } from '../../../src/vision/models/engine.ts';
import { importGraphModel } from '../../../src/vision/models/graph-model.ts';
import type { OnnxGraph } from '../../../src/vision/models/onnx.ts';
import { type ConvertibleName, convertibleNetworks } from '../../../src/vision/models/pack-catalog.ts';
import { runTflite } from './tflite-reference.ts';

/** Every output of a network by name. */
export type Outputs = Readonly<Record<string, Float32Array>>;

const require = createRequire(import.meta.url);
const modules = dirname(dirname(dirname(require.resolve('@tensorflow/tfjs-core/package.json'))));

/** A folder that goes away with the tests of this file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'familiar-'));
  after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs imported networks; each is loaded once. */
export function imported(): (name: ConvertibleName, input: Float32Array) => Promise<Outputs> {
  const folder = temporaryFolder();
  const sessions = new Map<ConvertibleName, Promise<InferenceSession>>();
  async function load(name: ConvertibleName): Promise<InferenceSession> {
    const path = join(folder, `${name}.onnx`);
    await convertNetwork(name, path);
    return InferenceSession.create(path, { intraOpNumThreads: 1 });
  }
  return async (name, input) => {
    const session = sessions.get(name) ?? load(name);
    sessions.set(name, session);
    const dims = [input.length / size(name), ...convertibleNetworks[name].input];
    const outputs = await (await session).run({ input: new Tensor('float32', input, dims) });
    return Object.fromEntries(Object.entries(outputs).map(([key, value]) => [key, value.data as Float32Array]));
  };
}

/** How many numbers one item of a network's input is. */
export function size(name: ConvertibleName): number {
  const [height, width, channels] = convertibleNetworks[name].input;
  return height * width * channels;
}

/** A face from a photograph that the packages carry, in a network's size and colours, numbers from 0 to 255. */
export async function face(name: ConvertibleName): Promise<Float32Array> {
  const [height, width, channels] = convertibleNetworks[name].input;
  const picture = sharp(join(modules, '@vladmandic/face-api/demo/sample6.jpg'))
    .extract({ left: 1057, top: 265, width: 400, height: 400 })
    .resize(width, height, { fit: 'fill' })
    .toColourspace(channels === 1 ? 'b-w' : 'srgb');
  return Float32Array.from(await picture.raw().toBuffer());
}

/** Numbers from 0 to 255 that look random and are the same every time. */
export function noise(name: ConvertibleName): Float32Array {
  let state = 1;
  return Float32Array.from({ length: size(name) }, () => {
    state = (state * 48271) % 2147483647;
    return state % 256;
  });
}

/** A graph model as it is read, before its numbers are made integers. */
export async function graphOf(name: NetworkName): Promise<OnnxGraph> {
  const network: CatalogNetwork = networkCatalog[name];
  const [manifest, weights] = await Promise.all(
    [network.manifest!, network.weights].map(({ path }) => readFile(join(modules, network.package, path))),
  );
  const outputs = Object.entries(network.outputs).map(([output, { node }]) => [output, node!]);
  const wish = { name, input: network.input, outputs: Object.fromEntries(outputs) };
  return importGraphModel(JSON.parse(manifest!.toString()), weights!, wish);
}

/** TensorFlow.js, computing in WebAssembly. */
export async function startTensorflow(): Promise<void> {
  wasm.setWasmPaths(join(modules, '@tensorflow/tfjs-backend-wasm/wasm-out/'));
  await tf.setBackend('wasm');
}

interface Topology {
  readonly node: readonly {
    readonly name: string;
    readonly op: string;
    readonly input?: readonly string[];
    readonly attr?: object;
  }[];
}

/** A graph for another size of pictures than the file says. */
function topologyOf(graph: Topology, [height, width, channels]: readonly number[]): Topology {
  const dim = [-1, height, width, channels].map((size) => ({ size: String(size) }));
  const resized = (node: Topology['node'][number]) =>
    node.op === 'Placeholder' ? { ...node, attr: { ...node.attr, shape: { shape: { dim } } } } : node;
  return { ...graph, node: graph.node.map(resized) };
}

/** The node that computes what an output only passes on, or lays out in rows for one size of pictures. */
function unshaped({ node: nodes }: Topology, name: string): string {
  const node = nodes.find((one) => one.name === name)!;
  return node.op === 'Identity' || node.op === 'Reshape' ? unshaped({ node: nodes }, node.input![0]!) : name;
}

/** A graph model run as TensorFlow.js runs it. */
export async function runGraphModel(name: ConvertibleName, input: Float32Array): Promise<Outputs> {
  const network = convertibleNetworks[name];
  const manifest = JSON.parse(await readFile(join(modules, network.package, network.manifest!.path), 'utf8'));
  const weights = await readFile(join(modules, network.package, network.weights.path));
  const graph = topologyOf(manifest.modelTopology, network.input);
  const model = await converter.loadGraphModel(
    tf.io.fromMemory({
      modelTopology: graph,
      weightSpecs: manifest.weightsManifest[0].weights,
      weightData: new Uint8Array(weights).buffer,
    }),
  );
  const wanted = Object.entries(network.outputs);
  const nodes = wanted.map(([, { node }]) => unshaped(graph, node!));
  const outputs = [model.execute(tf.tensor(input, [1, ...network.input]), nodes)].flat();
  const meant = wanted.map(([output, { isRoot }], i) => [output, isRoot ? tf.sqrt(outputs[i]!) : outputs[i]!]);
  return read(Object.fromEntries(meant));
}

/** MobileFaceNet, run as its file says. */
export async function runMobileFaceNet(input: Float32Array): Promise<Outputs> {
  const network = networkCatalog.mobileFaceNet;
  const file = await readFile(join(modules, network.package, network.weights.path));
  const picture = tf.tensor(input, [1, ...network.input]);
  return { embedding: await runTflite(file, picture, 'MobileFaceNet/Logits/SpatialSqueeze') };
}

/**
 * A network of face-api, run by face-api.
 * @param picture numbers from 0 to 255: it subtracts the mean itself.
 */
export async function runFaceApi(name: ConvertibleName, picture: Float32Array): Promise<Outputs> {
  const { nets, toNetInput } = await loadFaceApi();
  // Its declarations carry a copy of TensorFlow.js's.
  const tensor: unknown = tf.tensor4d(picture, [1, ...convertibleNetworks[name].input]);
  const input = await toNetInput(tensor as Parameters<typeof toNetInput>[0]);
  const folder = join(modules, '@vladmandic/face-api/model');
  switch (name) {
    case 'ageGender': {
      await nets.ageGenderNet.loadFromDisk(folder);
      const { age, gender } = nets.ageGenderNet.forwardInput(input);
      return read({ age, gender: tf.slice(gender as unknown as tf.Tensor, [0, 0], [1, 1]) });
    }
    case 'dlibResnet':
      await nets.faceRecognitionNet.loadFromDisk(folder);
      return read({ embedding: nets.faceRecognitionNet.forwardInput(input) });
    default:
      throw new Error(`face-api has no ${name}`);
  }
}

async function read(tensors: Readonly<Record<string, { data(): Promise<unknown> }>>): Promise<Outputs> {
  const entries = Object.entries(tensors).map(async ([name, tensor]) => [name, await tensor.data()] as const);
  return Object.fromEntries(await Promise.all(entries)) as Outputs;
}

/**
 * face-api, on this TensorFlow.js. It asks for the package that bundles every part of TensorFlow.js, and for tensors
 * with methods; the core has all it needs, as functions.
 */
async function loadFaceApi() {
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier === '@tensorflow/tfjs' ? '@tensorflow/tfjs-core' : specifier, context),
  });
  const methods = {
    mean: method(tf.mean as Operation),
    div: method(tf.div as Operation),
    sub: method(tf.sub as Operation),
    mul: method(tf.mul as Operation),
    as1D: method(reshape),
    as2D: method(reshape),
    as3D: method(reshape),
    as4D: method(reshape),
  };
  Object.assign(tf.Tensor.prototype, methods);
  try {
    return await import('@vladmandic/face-api/dist/face-api.node-wasm.js');
  } finally {
    hooks.deregister();
  }
}

type Operation = (x: tf.Tensor, ...rest: unknown[]) => tf.Tensor;

function method(operation: Operation) {
  return function (this: tf.Tensor, ...rest: unknown[]) {
    return operation(this, ...rest);
  };
}

function reshape(x: tf.Tensor, ...shape: unknown[]): tf.Tensor {
  return tf.reshape(x, shape.length === 0 ? [x.size] : (shape as number[]));
}
