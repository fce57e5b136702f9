/** What a check of a register finds. Scores are on the scale of docs/contract.md §3.2. */

/** A face of a person. */
export interface FaceOf {
  readonly person: string;
  readonly face: string;
}

/** What is found, and proposed to be corrected. */
export type Finding =
  /** Two persons are probably one: the faces that are most like all others of theirs, and how alike the persons are. */
  | {
      readonly kind: 'double';
      readonly persons: readonly [string, string];
      readonly faces: readonly [string, string];
      readonly score: number;
      /** Whether these faces are of one photograph. */
      readonly samePicture: boolean;
    }
  /** A face is unlike the others of its person, and perhaps like another person. */
  | {
      readonly kind: 'stray';
      readonly person: string;
      readonly face: string;
      /** How like the person's other faces it is. */
      readonly score: number;
      readonly resembles?: FaceOf & { readonly score: number };
    }
  /** Two faces of a person are of one photograph. */
  | { readonly kind: 'copy'; readonly person: string; readonly faces: readonly [kept: string, copy: string] }
  /** A face is hardly fit for recognition. */
  | { readonly kind: 'lowQuality'; readonly person: string; readonly face: string; readonly quality: number };

/** The kind of a finding. */
export type FindingKind = Finding['kind'];

/** The kinds, in the order in which they are listed. */
export const findingKinds = ['double', 'stray', 'copy', 'lowQuality'] as const satisfies FindingKind[];

/** The persons and faces that a finding tells of. */
export function subjectsOf(finding: Finding): {
  readonly persons: readonly string[];
  readonly faces: readonly string[];
} {
  switch (finding.kind) {
    case 'double':
      return { persons: finding.persons, faces: finding.faces };
    case 'stray': {
      const { person, face, resembles } = finding;
      return resembles === undefined
        ? { persons: [person], faces: [face] }
        : { persons: [person, resembles.person], faces: [face, resembles.face] };
    }
    case 'copy':
      return { persons: [finding.person], faces: finding.faces };
    case 'lowQuality':
      return { persons: [finding.person], faces: [finding.face] };
  }
}

/** Whose each face of a finding must be, as pairs of face and person. */
export function placesIn(finding: Finding): readonly FaceOf[] {
  switch (finding.kind) {
    case 'double':
      return finding.faces.map((face, i) => ({ face, person: finding.persons[i]! }));
    case 'stray': {
      const { person, face, resembles } = finding;
      return [{ person, face }, ...(resembles === undefined ? [] : [resembles])];
    }
    case 'copy':
      return finding.faces.map((face) => ({ face, person: finding.person }));
    case 'lowQuality':
      return [finding];
  }
}

/** What tells a finding from others: another check that finds it again finds the same. */
export function keyOf(finding: Finding): string {
  switch (finding.kind) {
    case 'double':
      return pairKey(...finding.persons);
    case 'stray':
    case 'lowQuality':
      return `${finding.kind}\n${finding.face}`;
    case 'copy':
      return ['copy', ...finding.faces.toSorted()].join('\n');
  }
}

/** The key of a double. */
export function pairKey(first: string, second: string): string {
  return ['double', ...[first, second].sort()].join('\n');
}

/** The place in the list: doubles before strays, and of each the surest first. */
export function weightOf(finding: Finding): number {
  const place = findingKinds.indexOf(finding.kind) * 1_000_000;
  const hundredths = (value: number): number => Math.round(100 * value);
  switch (finding.kind) {
    case 'double':
      return place + 10_000 - hundredths(finding.score);
    case 'stray':
      return place + 10_000 + hundredths(finding.score) - hundredths(finding.resembles?.score ?? 0);
    case 'copy':
      return place;
    case 'lowQuality':
      return place + hundredths(finding.quality);
  }
}
