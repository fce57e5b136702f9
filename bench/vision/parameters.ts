/** Writes the parameters of face analysis, each with a description of its origin. */
import { writeFileSync } from 'node:fs';
import { identityOf } from '../../src/vision/models/catalog.ts';
import { type ConvertibleName, convertibleNetworks } from '../../src/vision/models/pack-catalog.ts';

/** The source of the examples, for the descriptions. */
export const lfw =
  'Labeled Faces in the Wild, deep-funneled, the half of its people that development may use, with labels by eye.';
/** How probes are measured. */
export const disjoint = 'on people that the probe had not seen, five folds';

/**
 * Writes `src/vision/parameters/<name>.json`.
 * @param sources the networks on whose outputs the parameters were fitted.
 */
export function writeParameters(name: string, sources: readonly ConvertibleName[], parameters: object): void {
  const file = new URL(`../../src/vision/parameters/${name}.json`, import.meta.url);
  const digests = Object.fromEntries(sources.map((source) => [source, identityOf(convertibleNetworks[source])]));
  writeFileSync(file, `${JSON.stringify({ networks: digests, ...parameters })}\n`);
  process.stderr.write(`${name} ${JSON.stringify('measured' in parameters ? parameters.measured : {})}\n`);
}

/** Rounds to `digits` significant digits. */
export function round(value: number, digits: number): number {
  return Number(value.toPrecision(digits));
}
