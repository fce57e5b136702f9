/** Applies changes to the gallery of one appid. */

import type { RegistryChange } from '../sync/change-feed.ts';
import { IndexFull } from './gallery.ts';
import { HashIndex, hashInteger, hashText } from './hash-index.ts';
import type { InnerProduct } from './inner-product.ts';
import { needOf } from './need.ts';
import type { Group, People } from './people.ts';
import type { Amounts } from './room.ts';
import { rowsPerBlock } from './rows.ts';
import { hasUnitLength } from './scan.ts';

/** How many persons are removed at once when all are: with 20 faces each, some two milliseconds. */
const personsPerPart = 50;

/** One appid's persons, faces and groups by their ids. Every change takes time by what it names, not by how many there are. */
export class GalleryState {
  readonly #people: People;
  /** Rows by face id. */
  readonly #faces: HashIndex<bigint>;
  /** Numbers by person id. */
  readonly #persons: HashIndex<string>;
  readonly #groups = new Map<string, Group>();
  /** Holds the persons who are in no group. It is never searched. */
  readonly #outside: Group;
  readonly #touched: (faceId: bigint) => void;
  readonly #moved = (row: number): void => {
    const faceId = this.#people.rows.faceIds.view[row]!;
    this.#faces.set(faceId, row);
    this.#touched(faceId);
  };
  readonly #touchPerson = (person: number): void => {
    const { rows, firstRow, nextRow } = this.#people;
    for (let row = firstRow.view[person]!; row !== 0; row = nextRow.view[row]!) this.#touched(rows.faceIds.view[row]!);
  };

  /**
   * @param touched called for each face that a change makes, removes or moves, or that it makes to be looked for in
   *   other groups.
   */
  constructor(people: People, touched: (faceId: bigint) => void = () => {}) {
    this.#people = people;
    this.#touched = touched;
    const keyOf = (row: number): bigint => people.rows.faceIds.view[row]!;
    this.#faces = new HashIndex({ hashOf: hashInteger, keyOf });
    this.#persons = new HashIndex({ hashOf: hashText, keyOf: (person) => people.nameOf(person) });
    this.#outside = people.addGroup('');
  }

  /** Those of the groups that have members, each once. */
  find(groupIds: readonly string[]): readonly Group[] {
    return [...new Set(groupIds)].flatMap((id) => this.#groups.get(id) ?? []);
  }

  nameOf(person: number): string {
    return this.#people.nameOf(person);
  }

  /** Whose a face is; 0 if it is not there, or if the person is in none of the groups. */
  personIn(groups: ReadonlySet<Group>, faceId: bigint): number {
    const person = this.#people.rows.owners.view[this.#faces.find(faceId)]!;
    if (person === 0 || groups.has(this.#people.homeOf(person))) return person;
    return [...groups].some((group) => this.#people.isSecondary(person, group)) ? person : 0;
  }

  /** The inner product of a face, which must be there, with a probe. */
  cosine(faceId: bigint, probe: Float32Array, product: InnerProduct): number {
    return this.#people.rows.cosine(this.#faces.find(faceId), probe, product);
  }

  /** What would be given back if everything went. */
  get amounts(): Amounts {
    let [blocks, secondaries] = [0, 0];
    for (const group of [this.#outside, ...this.#groups.values()]) {
      blocks += group.blocks.length;
      secondaries += group.secondary.length / 2;
    }
    return { blocks, persons: this.#persons.size, secondaries };
  }

  /** @throws RangeError, with nothing changed, if one of the changes cannot be made. */
  apply(changes: readonly RegistryChange[]): void {
    const { dimension } = this.#people.rows.layout;
    // Read once, since to read a number of 19 digits takes as long as to find its row.
    const faceIds = changes.map(faceIdOf);
    for (const change of changes) if (change.kind === 'insertFace') assertFits(change.embedding, dimension);
    if (!this.#fits(changes)) throw new IndexFull();
    for (let i = 0; i < changes.length; i++) this.#make(changes[i]!, faceIds[i]!);
  }

  /** Removes everybody: as many persons as there are in a part at each step. Nothing may be applied meanwhile. */
  *clear(): Generator<void, void> {
    let removed = 0;
    for (const person of this.#everybody()) {
      this.#removePerson(person);
      if (++removed % personsPerPart === 0) yield;
    }
  }

  /** Everybody, to be removed one by one: from the end of each group, so that no row moves to close a gap. */
  *#everybody(): Generator<number, void> {
    const { rows } = this.#people;
    for (const group of [this.#outside, ...this.#groups.values()]) {
      while (group.rows > 0) {
        yield rows.owners.view[group.blocks.last * rowsPerBlock + ((group.rows - 1) % rowsPerBlock)]!;
      }
    }
    yield* this.#persons.numbers();
  }

  /** @param faceId of the face that the change names, if it names one. */
  #make(change: RegistryChange, faceId: bigint): void {
    switch (change.kind) {
      case 'insertFace':
        this.#removeFace(faceId);
        this.#touched(faceId);
        this.#faces.set(faceId, this.#people.addFace(this.#personOf(change.personId), faceId, change.embedding));
        break;
      case 'removeFace':
        this.#removeFace(faceId);
        break;
      case 'removePerson':
        this.#removePerson(this.#persons.find(change.personId));
        break;
      case 'joinGroup':
        this.#join(this.#personOf(change.personId), change.groupId);
        break;
      case 'leaveGroup':
        this.#leave(this.#persons.find(change.personId), change.groupId);
        break;
    }
  }

  /** Whether there is room for the most that the changes could take before they give any back. */
  #fits(changes: readonly RegistryChange[]): boolean {
    // Far from the limits, where nearly every index is, this takes no look at each change.
    const most = { blocks: changes.length, persons: changes.length, secondaries: 0 };
    if (this.#people.hasRoom(most) && changes.every(({ kind }) => kind === 'insertFace')) return true;
    return this.#people.hasRoom(
      needOf(changes, this.#people, {
        personOf: (id) => this.#persons.find(id),
        groupOf: (id) => this.#groups.get(id),
      }),
    );
  }

  #personOf(personId: string): number {
    const known = this.#persons.find(personId);
    if (known !== 0) return known;
    const person = this.#people.addPerson(personId, this.#outside);
    this.#persons.set(personId, person);
    return person;
  }

  #groupOf(groupId: string): Group {
    const known = this.#groups.get(groupId);
    if (known !== undefined) return known;
    const group = this.#people.addGroup(groupId);
    this.#groups.set(groupId, group);
    return group;
  }

  #removeFace(faceId: bigint): void {
    const row = this.#faces.find(faceId);
    if (row === 0) return;
    const person = this.#people.rows.owners.view[row]!;
    this.#faces.delete(faceId);
    this.#touched(faceId);
    this.#people.removeFace(row, this.#moved);
    this.#forgetIfBare(person);
  }

  #removePerson(person: number): void {
    if (person === 0) return;
    const { rows, firstRow } = this.#people;
    this.#touchPerson(person);
    for (let row = firstRow.view[person]!; row !== 0; row = firstRow.view[person]!) {
      this.#faces.delete(rows.faceIds.view[row]!);
      this.#people.removeFace(row, this.#moved);
    }
    for (
      let host = this.#people.secondaryGroupOf(person);
      host !== undefined;
      host = this.#people.secondaryGroupOf(person)
    ) {
      this.#people.removeSecondary(person, host, this.#touchPerson);
      this.#endIfEmpty(host);
    }
    const home = this.#people.homeOf(person);
    if (home !== this.#outside) this.#people.moveTo(this.#outside, person, this.#moved);
    this.#endIfEmpty(home);
    this.#forgetIfBare(person);
  }

  /** A person resides in the larger group, so that most searches find most faces side by side. */
  #join(person: number, groupId: string): void {
    const people = this.#people;
    const home = people.homeOf(person);
    const group = this.#groupOf(groupId);
    if (home === group || people.isSecondary(person, group)) return;
    if (home !== this.#outside && home.members >= group.members) {
      people.addSecondary(person, group);
      this.#touchPerson(person);
      return;
    }
    people.moveTo(group, person, this.#moved);
    if (home !== this.#outside) people.addSecondary(person, home);
  }

  #leave(person: number, groupId: string): void {
    const group = this.#groups.get(groupId);
    if (person === 0 || group === undefined) return;
    if (this.#people.homeOf(person) === group) {
      const host = this.#people.secondaryGroupOf(person);
      if (host !== undefined) this.#people.removeSecondary(person, host, this.#touchPerson);
      this.#people.moveTo(host ?? this.#outside, person, this.#moved);
    } else {
      this.#people.removeSecondary(person, group, this.#touchPerson);
      this.#touchPerson(person);
    }
    this.#endIfEmpty(group);
    this.#forgetIfBare(person);
  }

  #endIfEmpty(group: Group): void {
    if (group === this.#outside || group.members > 0) return;
    this.#groups.delete(group.id);
    this.#people.removeGroup(group);
  }

  /** Forgets a person without faces who is in no group. */
  #forgetIfBare(person: number): void {
    if (this.#people.firstRow.view[person] !== 0 || this.#people.homeOf(person) !== this.#outside) return;
    this.#persons.delete(this.#people.nameOf(person));
    this.#people.removePerson(person);
  }
}

const decimal = /^(?:0|-?[1-9]\d{0,18})$/;

/** The id of the face that a change names; 0 if it names none. */
function faceIdOf(change: RegistryChange): bigint {
  if (change.kind !== 'insertFace' && change.kind !== 'removeFace') return 0n;
  const faceId = decimal.test(change.faceId) ? BigInt(change.faceId) : undefined;
  if (faceId !== undefined && BigInt.asIntN(64, faceId) === faceId) return faceId;
  throw new RangeError('a face id is a whole number of 64 bits in decimal digits');
}

function assertFits(embedding: Float32Array, dimension: number): void {
  if (embedding.length !== dimension) throw new RangeError(`an embedding has ${dimension} elements`);
  if (!hasUnitLength(embedding)) throw new RangeError('an embedding has length 1');
}
