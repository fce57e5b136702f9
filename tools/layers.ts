/** The table of layers: which layer may import which, and which package belongs to which layer. Tests enforce it. */
import { table } from './markdown.ts';

/** One layer: a folder of `src/`, or a file of it. */
export interface Layer {
  /** What the layer is about, in a few words. */
  readonly about: string;
  /** The layers that it may import. */
  readonly imports: readonly string[];
  /** The layers of which it may import types, beyond those. */
  readonly importsTypes?: readonly string[];
  /** The packages that no other layer may import. */
  readonly owns?: readonly string[];
}

/** The layers, from the ones with the fewest dependencies to the ones with the most. */
export const layers = {
  errors: { about: 'every refusal, one row each', imports: [] },
  contract: { about: 'declarations of the endpoints, their parsing, and the OpenAPI document', imports: ['errors'] },
  client: { about: 'the typed client for others: no dependencies, and no Node', imports: [] },
  auth: {
    about: 'signature in, caller or refusal out; operators, their passwords and passkeys',
    imports: ['errors'],
    owns: ['@simplewebauthn/server'],
  },
  domain: { about: 'persons, faces, groups and recognition, and the ports that they use', imports: ['errors'] },
  concurrency: {
    about: 'how many may do something at once, how much each may hold, and when it is tried again',
    imports: [],
  },
  files: { about: 'files that are there whole or not at all', imports: [] },
  memory: { about: 'memory that goes back to the system', imports: [] },
  processes: { about: 'child processes that may do little, and messages to them', imports: [] },
  wasm: { about: 'inner loops over pixels, vectors and encrypted bytes, as WebAssembly', imports: [] },
  vision: {
    about: 'face analysis: decode, detect, align, embed, describe',
    imports: ['errors', 'concurrency', 'files', 'processes', 'wasm'],
    importsTypes: ['domain'],
    owns: ['sharp', '@cornerstonejs/codec-libjpeg-turbo-8bit', 'onnxruntime-node', '@bufbuild/protobuf', 'flatbuffers'],
  },
  search: {
    about: 'exact nearest faces: index, kernels, threads',
    imports: ['concurrency', 'memory', 'wasm'],
    importsTypes: ['sync', 'domain'],
  },
  sync: {
    about: 'keeps the search index in step with the database: change feed, following, pruning, health',
    imports: ['errors', 'concurrency', 'search'],
    importsTypes: ['domain'],
  },
  store: {
    about: 'queries, migrations, and searches of the database; what differs between databases is in dialects/',
    imports: ['errors', 'concurrency', 'memory', 'search', 'wasm'],
    importsTypes: ['domain', 'auth', 'sync'],
    owns: ['kysely', 'pg'],
  },
  http: {
    about: 'the HTTP server: bodies, downloads, admission, envelope',
    imports: ['contract', 'auth', 'domain', 'errors', 'concurrency'],
    owns: ['fastify', '@fastify/cors', 'undici'],
  },
  ops: {
    about: 'what the person who runs a server sees and keeps: metrics, traces, backups, statements, import and export',
    imports: ['errors', 'contract', 'domain', 'files', 'store'],
    owns: [
      'csv-parse',
      'prom-client',
      'tar',
      '@opentelemetry/api',
      '@opentelemetry/core',
      '@opentelemetry/exporter-trace-otlp-http',
      '@opentelemetry/resources',
      '@opentelemetry/sdk-trace',
    ],
  },
  app: {
    about: 'settings and the composition root',
    imports: [
      'errors',
      'files',
      'memory',
      'contract',
      'auth',
      'domain',
      'vision',
      'store',
      'search',
      'sync',
      'http',
      'ops',
    ],
    owns: ['pino'],
  },
  cli: { about: 'commands for the person who runs the server', imports: ['app'], owns: ['commander', 'cli-progress'] },
  main: { about: 'arguments and signals in, exit code out', imports: ['cli'] },
} as const satisfies Record<string, Layer>;

/** The name of a layer. */
export type LayerName = keyof typeof layers;

/** The table in ARCHITECTURE.md. */
export function renderLayers(): string {
  const rows = Object.entries(layers).map(([name, layer]: [string, Layer]) => {
    const imports = [...layer.imports, ...(layer.importsTypes ?? []).map((other) => `${other} (types)`)];
    const owns = (layer.owns ?? []).map((name) => `\`${name}\``);
    return [`\`${name}\``, layer.about, imports.join(', ') || '—', owns.join(', ') || '—'];
  });
  return table(['layer', 'about', 'may import', 'owns'], rows);
}
