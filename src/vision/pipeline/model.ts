/** Names a model: the digest of everything that determines embeddings, under which they are stored. */
import { createHash } from 'node:crypto';
import type { NetworkName } from '../models/catalog.ts';
import { digestOf, type Manifest } from '../packs/manifest.ts';
import { roles } from './networks.ts';

/**
 * Raise it when you change how an embedding is computed (decoding, alignment, crops, centring): embeddings of different
 * versions cannot be compared.
 */
export const preprocessingVersion = 3;

/** Everything that determines embeddings. */
export interface Provenance {
  /** The {@link preprocessingVersion}. */
  readonly preprocessing: number;
  /** The built-in networks, each with the digest that tells what it computes. */
  readonly networks: Readonly<Record<NetworkName, { readonly identity: string }>>;
  /** Digest of the learned parameters that embeddings of the built-in recogniser depend on. */
  readonly parameters: string;
  /** The manifest of the pack in use, if it is not the built-in one. */
  readonly pack?: Manifest | undefined;
}

/**
 * The digest of what determines embeddings; embeddings of different digests cannot be compared. Networks that only
 * compute attributes have no part in it, nor has the built-in recogniser where a pack has its own.
 */
export function modelOf({ preprocessing, networks, parameters, pack }: Provenance): string {
  const hash = createHash('sha256').update(`preprocessing ${preprocessing}\n`);
  const embedding = pack?.recogniser ? [] : (['recogniser'] as const);
  for (const role of ['detector', 'mesher', ...embedding] as const) {
    hash.update(`${networks[roles[role].name].identity}\n`);
  }
  if (embedding.length > 0) hash.update(`parameters ${parameters}\n`);
  if (pack) hash.update(`pack ${digestOf(pack)}\n`);
  return hash.digest('hex');
}
