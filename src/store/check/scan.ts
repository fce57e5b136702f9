/** What one thread does of a check: it looks at some persons by themselves, and compares them with each other and all after them. */
import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { PairPanel } from '../../search/pairs.ts';
import type { OpeningScope } from '../scope.ts';
import type { Tables } from '../tables.ts';
import { Most } from './most.ts';
import { peopleAfter } from './people.ts';
import { type CheckCosines, type Exemplar, lookAt } from './person.ts';

/** What to check, as a thread is told. */
export interface ScanOrder {
  readonly appid: string;
  readonly model: string;
  readonly dimension: number;
  readonly cosines: CheckCosines;
  /** The appid's data key, and as it is kept. */
  readonly key: KeyObject;
  readonly wrapped: Uint8Array;
  /** The persons that are looked at: behind the first id and up to the second, or to the end. */
  readonly after: string;
  readonly upTo: string | undefined;
}

/** A face that stands for a person, or is unlike the rest of it. */
export interface Side {
  readonly person: string;
  readonly face: string;
  readonly isStray: boolean;
  /** As {@link import('./person.ts').LookedAt} says. */
  readonly isEven: boolean;
}

/** What a thread finds; lists hold the surest if there is too much. */
export interface Scanned {
  readonly persons: number;
  readonly faces: number;
  /** Persons with one face. */
  readonly single: number;
  readonly matches: readonly { readonly sides: readonly [Side, Side]; readonly cosine: number }[];
  /** `rest` is the face that stands for the person. */
  readonly strays: readonly (Omit<Side, 'isStray'> & {
    readonly cosine: number;
    readonly rest: string;
    /** Whether it is a stray only if it is like another person. */
    readonly isSuspect: boolean;
  })[];
  readonly alike: readonly { readonly person: string; readonly faces: readonly [string, string] }[];
  /** Whether there was too much of anything. */
  readonly isCut: boolean;
}

/** Of each list a thread keeps so many. */
export const findingsMax = 20_000;
/** Vectors that are held in one panel, and that pass by at once. */
const [panelRows, batchRows] = [16_384, 1_024];

/** The data key has been encrypted anew, or is gone. */
export class CheckKeyChanged extends Error {
  override readonly name = 'CheckKeyChanged';
}

/**
 * Checks.
 * @param onPersons told how many persons were gone through.
 */
export async function scan(db: Kysely<Tables>, order: ScanOrder, onPersons: (count: number) => void): Promise<Scanned> {
  const { appid, model, dimension, key, wrapped } = order;
  const open = (_: string, found: Uint8Array | null): KeyObject => {
    if (found === null || Buffer.compare(found, wrapped) !== 0)
      throw new CheckKeyChanged('the key of the appid changed');
    return key;
  };
  const scope: OpeningScope = { db, appid, dataKeys: { open } };
  const scanner = new Scanner(order);
  for await (const { persons, isWithin: isOwn } of peopleAfter(scope, order, model, dimension)) {
    const looked = persons.map((person) => ({
      id: person.id,
      faces: person.faceIds.length,
      ...lookAt(person, dimension, order.cosines),
    }));
    if (isOwn) for (const person of looked) scanner.count(person);
    scanner.compare(
      looked.flatMap(({ id, isEven, exemplars }) => exemplars.map((exemplar) => ({ id, isEven, exemplar }))),
      isOwn,
    );
    onPersons(persons.length);
  }
  return scanner.outcome();
}

interface OwnedExemplar {
  readonly id: string;
  readonly isEven: boolean;
  readonly exemplar: Exemplar;
}

class Scanner {
  readonly #order: ScanOrder;
  readonly #panels: PairPanel[] = [];
  /** Of all that are held, in order. */
  readonly #held: Side[] = [];
  readonly #matches = new Most<Scanned['matches'][number]>(findingsMax, ({ cosine }) => cosine);
  readonly #strays = new Most<Scanned['strays'][number]>(findingsMax, ({ cosine }) => -cosine);
  readonly #alike = new Most<Scanned['alike'][number]>(findingsMax, () => 0);
  #persons = 0;
  #faces = 0;
  #single = 0;

  constructor(order: ScanOrder) {
    this.#order = order;
  }

  /** Counts a person, and notes what there is to it by itself. */
  count({
    id: person,
    faces,
    strays,
    exemplars,
    isEven,
    alike,
  }: ReturnType<typeof lookAt> & { readonly id: string; readonly faces: number }): void {
    this.#persons += 1;
    this.#faces += faces;
    if (faces === 1) this.#single += 1;
    const rest = exemplars[0]!.faceId;
    for (const { faceId: face, ...unlike } of strays) this.#strays.add({ person, face, isEven, rest, ...unlike });
    for (const pair of alike) this.#alike.add({ person, faces: [...pair] });
  }

  /** Compares vectors with all that are held and, if they are to be held, with each other. */
  compare(exemplars: readonly OwnedExemplar[], isOwn: boolean): void {
    for (let i = 0; i < exemplars.length; i += batchRows) this.#compareSome(exemplars.slice(i, i + batchRows), isOwn);
  }

  outcome(): Scanned {
    const [matches, strays, alike] = [this.#matches, this.#strays, this.#alike];
    return {
      persons: this.#persons,
      faces: this.#faces,
      single: this.#single,
      matches: matches.items(),
      strays: strays.items(),
      alike: alike.items(),
      isCut: matches.isCut || strays.isCut || alike.isCut,
    };
  }

  #compareSome(exemplars: readonly OwnedExemplar[], isOwn: boolean): void {
    const { dimension, cosines } = this.#order;
    const rows = new Float32Array(exemplars.length * dimension);
    for (const [i, { exemplar }] of exemplars.entries()) rows.set(exemplar.vector, i * dimension);
    const sides = exemplars.map(({ id: person, isEven, exemplar }) => ({
      ...{ person, isEven },
      ...{ face: exemplar.faceId, isStray: exemplar.isStray },
    }));
    // Those that are held next are compared with each other, too: each pair once, by what is before it.
    const first = this.#held.length;
    if (isOwn) this.#hold(rows, sides);
    for (const [p, panel] of this.#panels.entries()) {
      // Where far too many are alike, only those that are more alike than all that are kept are looked at.
      const least = Math.max(cosines.double, this.#matches.floor + Number.EPSILON);
      panel.compare(rows, least, (row, passing, cosine) => {
        const held = this.#held[p * panelRows + row]!;
        if (isOwn && p * panelRows + row >= first + passing) return;
        const side = sides[passing]!;
        if (held.person !== side.person && !(held.isStray && side.isStray)) {
          this.#matches.add({ sides: [held, side], cosine });
        }
      });
    }
  }

  #hold(rows: Float32Array, sides: readonly Side[]): void {
    const { dimension } = this.#order;
    for (let i = 0; i < sides.length; ) {
      const room = panelRows - (this.#held.length % panelRows);
      if (room === panelRows) this.#panels.push(new PairPanel(dimension, panelRows, batchRows));
      const some = Math.min(room, sides.length - i);
      this.#panels.at(-1)!.hold(rows.subarray(i * dimension, (i + some) * dimension));
      this.#held.push(...sides.slice(i, i + some));
      i += some;
    }
  }
}
