/** What corrections are, and what undoes them. */
import type { Limits, Person } from '../../domain/stores.ts';
import type { Touched } from '../audit/touched.ts';
import type { GrowthOfTransaction } from '../growth.ts';
import type { ChangingScope } from '../scope.ts';
import type { PlacedFace } from './rows.ts';

/** A correction. Ids are those of persons unless they say otherwise. */
export type Correction =
  /** Gives faces to a person, whoever has them. */
  | { readonly kind: 'move'; readonly faces: readonly string[]; readonly to: string }
  /** Makes one person of two: `to` stays, and has all faces and groups. Its name and tag are those given, else its own, else those of `from`. */
  | {
      readonly kind: 'merge';
      readonly from: string;
      readonly to: string;
      readonly name?: string | undefined;
      readonly tag?: string | undefined;
    }
  /** Makes a new person `to` of some faces of a person, in the same groups. */
  | {
      readonly kind: 'split';
      readonly from: string;
      readonly faces: readonly string[];
      readonly to: string;
      readonly name?: string | undefined;
      readonly tag?: string | undefined;
    }
  /** Gives a person another id. */
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  /** Notes that two persons are not the same, which no merge may make of them; or takes that back. */
  | { readonly kind: 'forbid' | 'allow'; readonly first: string; readonly second: string };

/** One kind of correction. */
export type CorrectionOf<Kind extends Correction['kind']> = Extract<Correction, { kind: Kind }>;

/** A transaction that corrects. */
export interface Correcting {
  readonly scope: ChangingScope;
  readonly touched: Touched;
  readonly growth: GrowthOfTransaction;
  readonly limits: Limits;
}

/** What undoes a correction, and of whom it tells. */
export interface Made {
  readonly undo: Undo;
  readonly subjects: Subjects;
}

/** What is needed to undo a correction, as JSON is. */
export type Undo =
  | { readonly kind: 'move'; readonly to: string; readonly faces: readonly PlacedFace[] }
  | {
      readonly kind: 'merge';
      /** Both as they were. */
      readonly from: Person;
      readonly to: Person;
      /** What was written of the one that stayed. */
      readonly written: { readonly name: string; readonly tag: string };
      readonly faces: readonly PlacedFace[];
      /** The groups of `from`: those that `to` was not in, and the others. */
      readonly gained: readonly string[];
      readonly common: readonly string[];
      /** The digests of those that `from` was not to be merged with; and those of them that are new for `to`. */
      readonly pairs: readonly string[];
      readonly newPairs: readonly string[];
    }
  | { readonly kind: 'split'; readonly from: string; readonly to: string; readonly faces: readonly PlacedFace[] }
  | { readonly kind: 'rename'; readonly from: string; readonly to: string }
  | { readonly kind: 'forbid' | 'allow'; readonly first: string; readonly second: string };

/** What is needed to undo one kind. */
export type UndoOf<Kind extends Undo['kind']> = Extract<Undo, { kind: Kind }>;

/** The persons and faces that a record tells of: it goes with the first of them that is erased. */
export interface Subjects {
  readonly persons: readonly string[];
  readonly faces: readonly string[];
}
