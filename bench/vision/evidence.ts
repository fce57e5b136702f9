/** Collects the input of every measure: the labels, the analyses of the pictures, and the person in each. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Box } from '../../src/domain/face-analyzer.ts';
import type { EvaluableAnalyzer } from '../../src/vision/pool/analyzer.ts';
import type { DescribedFace, Face, PictureResult } from './analyses.ts';
import type { Sampled } from './figures.ts';
import { namingOf, type Row } from './manifests.ts';
import { confidenceThere, type WireClient } from './wire.ts';

/** The input of every measure. */
export interface Evidence {
  /** The folder with the photographs. */
  readonly data: string;
  /** The lines of a manifest; none if it is not there. */
  readonly rows: (manifest: string) => readonly Row[];
  /** By path. */
  readonly analysed: ReadonlyMap<string, PictureResult>;
  readonly people: People;
  /** How many pictures may be analysed at a time. */
  readonly abreast: number;
  /** The boxes of all faces of a picture that no manifest names. */
  readonly boxesOf: (picture: Uint8Array<ArrayBuffer>) => Promise<readonly Box[]>;
}

/** The input of measures of face analysis in this process, which can be asked for embeddings. */
export interface InnerEvidence extends Evidence {
  readonly analyzer: EvaluableAnalyzer;
  readonly analysed: ReadonlyMap<string, PictureResult<Face>>;
}

/** The input of measures of a running server. */
export interface WireEvidence extends Evidence {
  readonly client: WireClient;
  /** The bytes of a picture. */
  readonly picture: (path: string) => Promise<Uint8Array<ArrayBuffer>>;
  /** What compare says of two pictures, each pair asked once; undefined if one of them is refused. */
  readonly confidence: (pathA: string, pathB: string) => Promise<number | undefined>;
}

/** What measures of a running server are given: pictures are read when they are sent, and each pair is compared once. */
export function wireEvidence(evidence: Evidence, client: WireClient): WireEvidence {
  const asked = new Map<string, Promise<number | undefined>>();
  const picture = async (path: string) => Uint8Array.from(await readFile(join(evidence.data, path)));
  const compare = async (pathA: string, pathB: string) =>
    confidenceThere(client, await picture(pathA), await picture(pathB));
  return {
    ...evidence,
    client,
    picture,
    confidence: (pathA, pathB) => {
      const key = `${pathA}\n${pathB}`;
      const confidence = asked.get(key) ?? compare(pathA, pathB);
      asked.set(key, confidence);
      return confidence;
    },
  };
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

/** A labelled picture with a face: its label, and the face. */
export interface LabelledFace<F extends DescribedFace = DescribedFace> extends Sampled {
  readonly label: Row;
  readonly face: F;
  readonly attributes: F['attributes'];
  readonly rawAttributes: F['rawAttributes'];
}

/** The labelled pictures of a manifest that show a face. */
export function labelledFaces(evidence: InnerEvidence, manifest: string): LabelledFace<Face>[];
export function labelledFaces(evidence: Evidence, manifest: string): LabelledFace[];
export function labelledFaces({ rows, analysed, people }: Evidence, manifest: string): LabelledFace[] {
  return rows(manifest).flatMap((label) => {
    const face = analysed.get(label.path!)?.face;
    if (!face) return [];
    const { attributes, rawAttributes } = face;
    return [{ label, face, attributes, rawAttributes, person: people.of(label.path!) }];
  });
}
