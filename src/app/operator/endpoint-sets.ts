/** The endpoints that a key may call, as the operator names them. */
import { type EndpointName, endpoints } from '../../contract/endpoints.ts';
import { OrderRefused } from './order.ts';

/** Sets of endpoints for keys that do one thing. */
export const endpointSets = {
  /** Changes nothing: reads what is there, and recognises. */
  reader: [
    ...['getinfo', 'getgroupids', 'getpersonids', 'getfaceids', 'getfaceinfo'],
    ...['detect', 'shape', 'compare', 'verify', 'identify', 'multidentify'],
  ],
  /** Adds and names persons, and neither reads nor erases any. */
  enroller: ['newperson', 'addface', 'setinfo', 'addgroupids'],
} as const satisfies Record<string, readonly EndpointName[]>;

/** The word for a key that may call all endpoints, those of later versions too. */
export const allEndpoints = 'all';

/**
 * The endpoints that words name: endpoints, sets of them, or all.
 * @returns each once, in the order of the declarations; null for all. A set is kept as what it is now: a later version grants
 *   nothing to keys that are there.
 * @throws OrderRefused that names the word that is none.
 */
export function readEndpoints(words: readonly string[]): readonly EndpointName[] | null {
  if (words.length === 1 && words[0] === allEndpoints) return null;
  const named = new Set(words.flatMap((word) => endpointsOf(word)));
  if (named.size === 0) throw new OrderRefused('invalid', 'name at least one endpoint');
  return (Object.keys(endpoints) as EndpointName[]).filter((name) => named.has(name));
}

function endpointsOf(word: string): readonly string[] {
  if (Object.hasOwn(endpointSets, word)) return endpointSets[word as keyof typeof endpointSets];
  if (Object.hasOwn(endpoints, word)) return [word];
  const sets = Object.keys(endpointSets).join(', ');
  throw new OrderRefused('invalid', `there is no endpoint ${word}: name endpoints, ${sets}, or ${allEndpoints} alone`);
}
