/** Who has which faces and who is in which group, as numbers in columns. */

import { type Amounts, bytesOf, hasRoom, type Supply } from './room.ts';
import { type Rows, rowsPerBlock } from './rows.ts';
import { IdAllocator, type Int32, SharedColumn } from './shared-column.ts';
import { SharedList } from './shared-list.ts';

/** How many persons and secondary memberships addresses are reserved for; memory is taken as they come. */
const numbersMax = 1 << 27;

/**
 * A set of persons. The faces of its residents fill its blocks of rows without a gap, so that they are scanned in one
 * go; a person resides in one group only, and is a secondary member of the others, which list those by their numbers.
 */
export interface Group {
  /** Empty for the one whose residents are in no group. */
  readonly id: string;
  readonly number: number;
  /** Blocks of rows, all full but the last. */
  readonly blocks: SharedList;
  /** How many rows its residents fill. */
  rows: number;
  /** Pairs: a secondary member's number, and the number of the membership. */
  readonly secondary: SharedList;
  /** Residents and secondary members together. */
  members: number;
}

/** The persons, groups and rows of every gallery. Number 0 is nobody, no group and no row. */
export class People {
  readonly rows: Rows;
  /** First row of a person; the rest follow by {@link nextRow}. */
  readonly firstRow: SharedColumn<Int32>;
  readonly nextRow: SharedColumn<Int32>;
  /** The group a person resides in. */
  readonly homes: SharedColumn<Int32>;
  /** For the threads that scan: the search that saw a person last. */
  readonly seenBy: SharedColumn<Int32>;
  readonly #names: (string | undefined)[] = [undefined];
  readonly #numbers: IdAllocator;
  readonly #previousRow: SharedColumn<Int32>;
  readonly #firstSecondary: SharedColumn<Int32>;
  /** Of each secondary membership: which group, where in its list, and the person's next one. */
  readonly #secondaryIds: IdAllocator;
  readonly #secondaryGroup: SharedColumn<Int32>;
  readonly #secondaryIndex: SharedColumn<Int32>;
  readonly #nextSecondary: SharedColumn<Int32>;
  readonly #groups: (Group | undefined)[] = [undefined];
  readonly #groupNumbers = new IdAllocator();
  readonly #supply: Supply;
  #faces = 0;

  /** Holds so many persons and secondary memberships, and takes so many bytes of memory at most. */
  constructor(
    rows: Rows,
    { persons = numbersMax, secondaries = numbersMax }: Partial<Amounts> = {},
    bytesMax: number | (() => number) = Number.POSITIVE_INFINITY,
  ) {
    const column = (elementsMax: number) => new SharedColumn<Int32>(Int32Array, elementsMax);
    this.rows = rows;
    this.nextRow = column(rows.faceIds.elementsMax);
    this.#previousRow = column(rows.faceIds.elementsMax);
    this.#numbers = new IdAllocator(persons);
    this.firstRow = column(persons + 1);
    this.homes = column(persons + 1);
    this.seenBy = column(persons + 1);
    this.#firstSecondary = column(persons + 1);
    this.#secondaryIds = new IdAllocator(secondaries);
    this.#secondaryGroup = column(secondaries + 1);
    this.#secondaryIndex = column(secondaries + 1);
    this.#nextSecondary = column(secondaries + 1);
    this.#supply = {
      blocks: rows.blocks,
      persons: this.#numbers,
      secondaries: this.#secondaryIds,
      bytesOf: bytesOf(rows.layout),
      bytesMax: typeof bytesMax === 'number' ? () => bytesMax : bytesMax,
    };
  }

  /**
   * Whether there is room for so much more.
   * @param spare what would be given back before.
   */
  hasRoom(need: Amounts, spare?: Amounts): boolean {
    return hasRoom(this.#supply, need, spare);
  }

  addGroup(id: string): Group {
    const number = this.#groupNumbers.take();
    const group = { id, number, blocks: new SharedList(), rows: 0, secondary: new SharedList(), members: 0 };
    this.#groups[number] = group;
    return group;
  }

  /** Forgets a group without members. */
  removeGroup(group: Group): void {
    this.#groups[group.number] = undefined;
    this.#groupNumbers.giveBack(group.number);
  }

  /** Makes a person without faces, who resides in `home`. */
  addPerson(name: string, home: Group): number {
    const person = this.#numbers.take();
    for (const column of [this.firstRow, this.homes, this.seenBy, this.#firstSecondary]) column.hold(person + 1);
    this.#names[person] = name;
    this.homes.view[person] = home.number;
    home.members += 1;
    return person;
  }

  /** Forgets a person without faces and secondary memberships. */
  removePerson(person: number): void {
    this.homeOf(person).members -= 1;
    for (const column of [this.firstRow, this.homes, this.seenBy, this.#firstSecondary]) column.view[person] = 0;
    this.#names[person] = undefined;
    this.#numbers.giveBack(person);
  }

  nameOf(person: number): string {
    return this.#names[person]!;
  }

  homeOf(person: number): Group {
    return this.#groups[this.homes.view[person]!]!;
  }

  /** Writes a face where its person resides. @returns its row. */
  addFace(person: number, faceId: bigint, embedding: Float32Array): number {
    const row = this.#takeRow(this.homeOf(person));
    this.rows.write(row, faceId, person, embedding);
    const second = this.firstRow.view[person]!;
    this.firstRow.view[person] = row;
    this.#link(row, second);
    this.#previousRow.view[row] = 0;
    this.#faces += 1;
    return row;
  }

  /**
   * Erases the face in `row`.
   * @param moved called for a row that has got a new place to fill the gap.
   */
  removeFace(row: number, moved: (row: number) => void): void {
    const person = this.rows.owners.view[row]!;
    const next = this.nextRow.view[row]!;
    const previous = this.#previousRow.view[row]!;
    if (previous === 0) this.firstRow.view[person] = next;
    else this.nextRow.view[previous] = next;
    if (next !== 0) this.#previousRow.view[next] = previous;
    this.#closeGap(this.homeOf(person), row, moved);
    this.#faces -= 1;
  }

  /** Moves a person, no secondary member of `home`, there with all faces. */
  moveTo(home: Group, person: number, moved: (row: number) => void): void {
    const old = this.homeOf(person);
    for (let row = this.firstRow.view[person]!; row !== 0; row = this.nextRow.view[row]!) {
      const gap = row;
      row = this.#takeRow(home);
      this.#moveRow(gap, row, moved);
      this.#closeGap(old, gap, moved);
    }
    this.homes.view[person] = home.number;
    old.members -= 1;
    home.members += 1;
  }

  addSecondary(person: number, group: Group): void {
    const secondary = this.#secondaryIds.take();
    for (const column of [this.#secondaryGroup, this.#secondaryIndex, this.#nextSecondary]) column.hold(secondary + 1);
    this.#secondaryGroup.view[secondary] = group.number;
    this.#secondaryIndex.view[secondary] = group.secondary.length;
    this.#nextSecondary.view[secondary] = this.#firstSecondary.view[person]!;
    this.#firstSecondary.view[person] = secondary;
    group.secondary.push(person);
    group.secondary.push(secondary);
    group.members += 1;
  }

  /**
   * Ends a person's secondary membership of `group`. False if there was none.
   * @param moved called for a person who has got a new place in the list of secondary members to fill the gap.
   */
  removeSecondary(person: number, group: Group, moved: (person: number) => void): boolean {
    let previous = 0;
    let secondary = this.#firstSecondary.view[person]!;
    while (secondary !== 0 && this.#secondaryGroup.view[secondary] !== group.number) {
      previous = secondary;
      secondary = this.#nextSecondary.view[secondary]!;
    }
    if (secondary === 0) return false;
    const next = this.#nextSecondary.view[secondary]!;
    if (previous === 0) this.#firstSecondary.view[person] = next;
    else this.#nextSecondary.view[previous] = next;
    const index = this.#secondaryIndex.view[secondary]!;
    const lastSecondary = group.secondary.pop();
    const lastPerson = group.secondary.pop();
    if (lastSecondary !== secondary) {
      group.secondary.view[index] = lastPerson;
      group.secondary.view[index + 1] = lastSecondary;
      this.#secondaryIndex.view[lastSecondary] = index;
      moved(lastPerson);
    }
    this.#secondaryIds.giveBack(secondary);
    group.members -= 1;
    return true;
  }

  isSecondary(person: number, group: Group): boolean {
    for (
      let secondary = this.#firstSecondary.view[person]!;
      secondary !== 0;
      secondary = this.#nextSecondary.view[secondary]!
    ) {
      if (this.#secondaryGroup.view[secondary] === group.number) return true;
    }
    return false;
  }

  /** A group that the person is a secondary member of, if any. */
  secondaryGroupOf(person: number): Group | undefined {
    const secondary = this.#firstSecondary.view[person]!;
    return secondary === 0 ? undefined : this.#groups[this.#secondaryGroup.view[secondary]!];
  }

  get faces(): number {
    return this.#faces;
  }

  get persons(): number {
    return this.#numbers.inUse;
  }

  /** Bytes of shared memory in use or set aside. */
  get bytes(): number {
    const perRow = [this.nextRow, this.#previousRow];
    const perPerson = [this.firstRow, this.homes, this.seenBy, this.#firstSecondary];
    const perSecondary = [this.#secondaryGroup, this.#secondaryIndex, this.#nextSecondary];
    const columns = [...perRow, ...perPerson, ...perSecondary];
    const lists = this.#groups.flatMap((group) => (group === undefined ? [] : [group.blocks, group.secondary]));
    return [...columns, ...lists].reduce((sum, { buffer }) => sum + buffer.byteLength, this.rows.bytes);
  }

  /** A new row at the end of the group's. */
  #takeRow(group: Group): number {
    const within = group.rows % rowsPerBlock;
    if (within === 0) group.blocks.push(this.rows.takeBlock());
    group.rows += 1;
    const row = group.blocks.last * rowsPerBlock + within;
    this.nextRow.hold(row + 1);
    this.#previousRow.hold(row + 1);
    return row;
  }

  /** Moves the group's last row into `gap`, and erases where it was. */
  #closeGap(group: Group, gap: number, moved: (row: number) => void): void {
    group.rows -= 1;
    const within = group.rows % rowsPerBlock;
    const last = group.blocks.last * rowsPerBlock + within;
    if (last !== gap) this.#moveRow(last, gap, moved);
    this.rows.erase(last);
    this.nextRow.view[last] = 0;
    this.#previousRow.view[last] = 0;
    if (within === 0) this.rows.blocks.giveBack(group.blocks.pop());
  }

  /** Copies a row and takes its place among its person's; what was there stays to be erased. */
  #moveRow(from: number, to: number, moved: (row: number) => void): void {
    this.rows.copy(from, to);
    const previous = this.#previousRow.view[from]!;
    if (previous === 0) this.firstRow.view[this.rows.owners.view[to]!] = to;
    else this.nextRow.view[previous] = to;
    this.#previousRow.view[to] = previous;
    this.#link(to, this.nextRow.view[from]!);
    moved(to);
  }

  /** Makes `next`, which may be none, follow `row`. */
  #link(row: number, next: number): void {
    this.nextRow.view[row] = next;
    if (next !== 0) this.#previousRow.view[next] = row;
  }
}
