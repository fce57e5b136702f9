/** Converts the networks of npm packages to ONNX. */
import { randomUUID } from 'node:crypto';
import { rename, rm, writeFile } from 'node:fs/promises';
import { type Architecture, GraphBuilder } from './builder.ts';
import type { CatalogNetwork, SourceFile } from './catalog.ts';
import { dlibResnet } from './dlib-resnet.ts';
import { ageGender } from './face-api.ts';
import { type GraphOptions, importGraphModel } from './graph-model.ts';
import { mobileFaceNet } from './mobile-face-net.ts';
import { encodeModel, type OnnxGraph } from './onnx.ts';
import { type ConvertibleName, convertibleNetworks } from './pack-catalog.ts';
import { quantise } from './quantise.ts';
import { readSource, sha256 } from './sources.ts';
import { readTflite } from './tflite.ts';
import { decodeWeights, type Weight } from './weights.ts';

/** The architectures of the networks whose sources hold only weights. */
const architectures = { mobileFaceNet, ageGender, dlibResnet } as const satisfies Record<
  Exclude<CatalogNetwork['kind'], 'graphModel'>,
  Architecture
>;

/**
 * Converts a network and writes it as an ONNX file, in the place of what is there.
 * @param modules the `node_modules` folder with the packages; wherever Node finds them if undefined.
 * @throws Error, saying what to do, if a package's file is missing or differs from the table.
 */
export async function convertNetwork(name: ConvertibleName, path: string, modules?: string): Promise<void> {
  const draft = `${path}.${randomUUID()}.tmp`;
  try {
    // Not synced: digests are checked at every start, and what a crash has cut short is converted again.
    await writeFile(draft, await convert(name, modules));
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** The network as an ONNX file, converted from the package's files. */
async function convert(name: ConvertibleName, modules: string | undefined): Promise<Uint8Array> {
  const network = convertibleNetworks[name];
  const source = (file: SourceFile) => readSource(network.package, file, modules);
  const manifest = network.manifest && JSON.parse(Buffer.from(await source(network.manifest)).toString());
  const weights = await source(network.weights);
  const graph =
    network.kind === 'graphModel'
      ? importGraphModel(manifest, weights, { name, input: network.input, ...outputsOf(network) })
      : build(
          name,
          network.input,
          architectures[network.kind],
          manifest ? decodeWeights(manifest, weights) : readTflite(weights),
        );
  const onnx = encodeModel(network.integers ? quantise(graph) : graph);
  const digest = sha256(onnx);
  if (digest === network.sha256) return onnx;
  // Embeddings are stored under the digest, so the files' bytes must not change unintentionally.
  throw new Error(
    `The importer made ${name}.onnx with SHA-256 ${digest}; the catalog in src/vision/models expects ${network.sha256}.`,
  );
}

/** The node of each output, and which outputs are square roots. */
function outputsOf(network: CatalogNetwork): Pick<GraphOptions, 'outputs' | 'roots'> {
  const outputs = Object.entries(network.outputs);
  return {
    outputs: Object.fromEntries(outputs.map(([output, { node }]) => [output, node!])),
    roots: new Set(outputs.filter(([, { isRoot }]) => isRoot).map(([output]) => output)),
  };
}

function build(
  name: string,
  input: readonly number[],
  architecture: Architecture,
  weights: ReadonlyMap<string, Weight>,
): OnnxGraph {
  const builder = new GraphBuilder(input);
  const outputs = architecture(builder, (weight) => {
    const found = weights.get(weight);
    if (!found) throw new Error(`${name} has no weight ${weight}`);
    return found;
  });
  return builder.graph(name, outputs);
}
