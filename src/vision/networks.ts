/** Knows which of the imported networks does what, and makes them ready to run. */
import type { NetworkName } from './models/networks.ts';
import type { Network, Runtime } from './runtime.ts';

/** Which network does what, and the shape of one input. */
export const roles = {
  detector: { name: 'blazeface', shape: [256, 256, 3] },
  mesher: { name: 'facemesh', shape: [192, 192, 3] },
  describer: { name: 'faceres', shape: [224, 224, 3] },
  expresser: { name: 'emotion', shape: [64, 64, 1] },
  recogniser: { name: 'recognition', shape: [150, 150, 3] },
} as const satisfies Record<string, { readonly name: NetworkName; readonly shape: readonly number[] }>;

/** The networks, by what they do. */
export type Networks = Readonly<Record<keyof typeof roles, Network>>;

/** Where each network's ONNX file is. */
export type NetworkPaths = Readonly<Record<(typeof roles)[keyof typeof roles]['name'], string>>;

/** Loads every network and runs it once, so that the first picture does not pay for what the engine puts off. */
export async function loadNetworks(runtime: Runtime, paths: NetworkPaths): Promise<Networks> {
  const load = async ({ name, shape }: (typeof roles)[keyof typeof roles]): Promise<Network> => {
    const network = await runtime.load(paths[name]);
    await network.run(new Float32Array(shape[0] * shape[1] * shape[2]), [1, ...shape]);
    return network;
  };
  return {
    detector: await load(roles.detector),
    mesher: await load(roles.mesher),
    describer: await load(roles.describer),
    expresser: await load(roles.expresser),
    recogniser: await load(roles.recogniser),
  };
}
