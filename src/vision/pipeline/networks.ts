/** Assigns each imported network its role, and loads it. */
import type { NetworkName } from '../models/catalog.ts';
import type { Network, Runtime } from '../models/runtime.ts';
import type { LoadedPack } from '../packs/load.ts';
import { builtinRecogniser, type Recogniser } from './embed.ts';

/**
 * The network of each role, and the shape of its input. The largest comes first: the others reuse the memory that
 * loading it frees.
 */
export const roles = {
  describer: { name: 'faceres', shape: [224, 224, 3] },
  recogniser: { name: 'mobileFaceNet', shape: [112, 112, 3] },
  mesher: { name: 'facemesh', shape: [192, 192, 3] },
  ager: { name: 'ageGender', shape: [112, 112, 3] },
  expresser: { name: 'emotion', shape: [64, 64, 1] },
  detector: { name: 'blazeface', shape: [256, 256, 3] },
  glancer: { name: 'blazefaceSmall', shape: [128, 128, 3] },
} as const satisfies Record<string, { readonly name: NetworkName; readonly shape: readonly [number, number, number] }>;

/** The role of a network. */
export type Role = keyof typeof roles;

/** The built-in networks, by role. */
export type Networks = Readonly<Record<Role, Network>>;

/** The built-in networks, and the networks of a pack that replace some. */
export type NetworksWithPack = Networks & {
  readonly pack?: LoadedPack | undefined;
  /** Packs whose embeddings are made beside; undefined for the built-in one. */
  readonly further?: readonly (LoadedPack | undefined)[] | undefined;
};

/** Where each network's ONNX file is. */
export type NetworkFiles = Readonly<Record<NetworkName, { readonly path: string }>>;

/** Loads every network and runs it once, so that the first picture does not pay for work that the engine defers. */
export async function loadNetworks(runtime: Runtime, files: NetworkFiles): Promise<Networks> {
  const loaded: [string, Network][] = [];
  for (const [role, { name, shape }] of Object.entries(roles)) {
    const network = await runtime.load(files[name].path);
    await network.run(new Float32Array(shape[0] * shape[1] * shape[2]), [1, ...shape]);
    loaded.push([role, network]);
  }
  return Object.fromEntries(loaded) as Networks;
}

/** The recogniser in use: the pack's if it brings one, or the built-in one. */
export function recogniserOf({ pack, recogniser }: NetworksWithPack): Recogniser {
  return pack?.recogniser ?? builtinRecogniser(recogniser);
}
