/** Collects the input of every measure: the labels, the analyses of the pictures, and the person in each. */
import type { Attributes, FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import type { RawAttributes } from '../../src/vision/attributes/attributes.ts';
import type { PictureResult } from './analyses.ts';
import type { Sampled } from './figures.ts';
import { namingOf, type Row } from './manifests.ts';

/** The input of every measure. */
export interface Evidence {
  readonly analyzer: FaceAnalyzer;
  /** The folder with the photographs. */
  readonly data: string;
  /** The lines of a manifest; none if it is not there. */
  readonly rows: (manifest: string) => readonly Row[];
  /** By path. */
  readonly analysed: ReadonlyMap<string, PictureResult>;
  readonly people: People;
}

/** The person in each picture. */
export interface People {
  /** Whether it is known, beyond the labelled pairs, which pictures show different people. */
  readonly known: boolean;
  /** The person of a picture; the path itself where the person is not known. */
  readonly of: (path: string) => string;
}

/** The person in each picture, from the labelled pairs and the names of their files. */
export function peopleOf(pairs: readonly Row[]): People {
  const naming = namingOf(pairs);
  if (!naming) return { known: false, of: (path) => path };
  const top = (path: string): string => path.split('/')[0]!;
  // Elsewhere a folder may contain many people.
  const named = new Set(pairs.flatMap(({ pathA, pathB }) => [top(pathA!), top(pathB!)]));
  return { known: true, of: (path) => (named.has(top(path)) ? naming(path) : path) };
}

/** A labelled picture with a face: its label, and the attributes of the face. */
export interface LabelledFace extends Sampled {
  readonly label: Row;
  readonly attributes: Attributes;
  readonly rawAttributes: RawAttributes;
}

/** The labelled pictures of a manifest that show a face. */
export function labelledFaces({ rows, analysed, people }: Evidence, manifest: string): LabelledFace[] {
  return rows(manifest).flatMap((label) => {
    const face = analysed.get(label.path!)?.face;
    return face
      ? [{ label, attributes: face.attributes, rawAttributes: face.rawAttributes, person: people.of(label.path!) }]
      : [];
  });
}
