/** Imports the networks of npm packages as ONNX files into a folder; written once and checked at every start. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { digestOfFile, replaceFile } from '../../files/files.ts';
import { type Architecture, GraphBuilder } from './builder.ts';
import { type CatalogNetwork, type NetworkName, networkCatalog, type SourceFile } from './catalog.ts';
import { ageGender } from './face-api.ts';
import { importGraphModel } from './graph-model.ts';
import { mobileFaceNet } from './mobile-face-net.ts';
import { encodeModel, type OnnxGraph } from './onnx.ts';
import { quantise } from './quantise.ts';
import { readSource, sha256 } from './sources.ts';
import { readTflite } from './tflite.ts';
import { decodeWeights, type Weight } from './weights.ts';

/** Every built-in network, ready to be loaded. */
export interface ImportedNetworks {
  /** SHA-256 over the digests of all networks, hexadecimal. */
  readonly digest: string;
  readonly networks: Readonly<Record<NetworkName, { readonly path: string; readonly sha256: string }>>;
}

/** How to import. */
export interface ImportOptions {
  /** Called after each network. */
  readonly onProgress?: ((done: number, total: number, name: NetworkName) => void) | undefined;
  /** Cancels the import; checked between two networks. */
  readonly signal?: AbortSignal | undefined;
  /** The `node_modules` folder with the packages; wherever Node finds them if absent. */
  readonly modules?: string | undefined;
}

/** The architectures of the networks whose sources hold only weights. */
const architectures = { mobileFaceNet, ageGender } as const satisfies Record<
  Exclude<CatalogNetwork['kind'], 'graphModel'>,
  Architecture
>;

/**
 * Makes sure that `<folder>/<pack digest>/<name>.onnx` exists for every network. A file whose digest differs from the
 * table is written again; another process may do the same at the same time.
 * @throws Error, saying what to do, if a package's file is missing or differs from the table.
 */
export async function importNetworks(folder: string, options: ImportOptions = {}): Promise<ImportedNetworks> {
  const names = Object.keys(networkCatalog) as NetworkName[];
  const digest = sha256(names.map((name) => networkCatalog[name].sha256).join('\n'));
  const home = join(folder, digest);
  await mkdir(home, { recursive: true });
  const imported = names.map((name) => [
    name,
    { path: join(home, `${name}.onnx`), sha256: networkCatalog[name].sha256 },
  ]);
  const pack: ImportedNetworks = { digest, networks: Object.fromEntries(imported) };
  for (const [index, name] of names.entries()) {
    options.signal?.throwIfAborted();
    const { path, sha256: expected } = pack.networks[name];
    if (!(await isIntact(path, expected))) await replaceFile(path, await convert(name, options.modules));
    options.onProgress?.(index + 1, names.length, name);
  }
  return pack;
}

async function isIntact(path: string, expected: string): Promise<boolean> {
  try {
    return (await digestOfFile(path)) === expected;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** The network as an ONNX file, converted from the package's files. */
async function convert(name: NetworkName, modules: string | undefined): Promise<Uint8Array> {
  const network: CatalogNetwork = networkCatalog[name];
  const source = (file: SourceFile) => readSource(network.package, file, modules);
  const manifest = network.manifest && JSON.parse(Buffer.from(await source(network.manifest)).toString());
  const weights = await source(network.weights);
  const graph =
    network.kind === 'graphModel'
      ? importGraphModel(manifest, weights, { name, input: network.input, outputs: nodes(network) })
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
    `The importer made ${name}.onnx with SHA-256 ${digest}; src/vision/models/catalog.ts expects ${network.sha256}.`,
  );
}

function nodes(network: CatalogNetwork): Record<string, string> {
  return Object.fromEntries(Object.entries(network.outputs).map(([output, { node }]) => [output, node!]));
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
