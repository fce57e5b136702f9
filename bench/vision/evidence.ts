/** Collects what every measure starts from: labels, what the analyser says of the pictures, and who is shown. */
import type { Attributes, FaceAnalyzer, RawAttributes } from '../../src/domain/face-analyzer.ts';
import type { Sampled } from './figures.ts';
import type { Gaze } from './gaze.ts';
import { namingOf, type Row } from './manifests.ts';

/** What every measure is given. */
export interface Evidence {
  readonly analyzer: FaceAnalyzer;
  /** The folder with the photographs. */
  readonly data: string;
  /** The lines of a manifest; none if it is not there. */
  readonly rows: (manifest: string) => readonly Row[];
  /** By path. */
  readonly gazes: ReadonlyMap<string, Gaze>;
  readonly people: People;
}

/** Who is shown. */
export interface People {
  /** Whether pictures of different people can be told beyond the labelled pairs. */
  readonly known: boolean;
  /** The person of a picture; the picture itself where nobody is known. */
  readonly of: (path: string) => string;
}

/** Who is shown, as the labelled pairs and the names of their files tell. */
export function peopleOf(pairs: readonly Row[]): People {
  const naming = namingOf(pairs);
  if (!naming) return { known: false, of: (path) => path };
  const top = (path: string): string => path.split('/')[0]!;
  // Elsewhere a folder may hold many people.
  const named = new Set(pairs.flatMap(({ pathA, pathB }) => [top(pathA!), top(pathB!)]));
  return { known: true, of: (path) => (named.has(top(path)) ? naming(path) : path) };
}

/** A labelled picture with a face: its label, and what is told of the face. */
export interface Told extends Sampled {
  readonly label: Row;
  readonly told: Attributes;
  readonly signs: RawAttributes;
}

/** The labelled pictures of a manifest that show a face. */
export function toldOf({ rows, gazes, people }: Evidence, manifest: string): Told[] {
  return rows(manifest).flatMap((label) => {
    const face = gazes.get(label.path!)?.face;
    return face ? [{ label, told: face.attributes, signs: face.rawAttributes, person: people.of(label.path!) }] : [];
  });
}
