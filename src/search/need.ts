/**
 * Tells how much room changes could take. An index that has not that much left refuses them all, before it makes any,
 * because changes that are half made could not be taken back.
 */
import type { RegistryChange } from '../sync/change-feed.ts';
import type { Group, People } from './people.ts';
import type { Amounts } from './room.ts';
import { rowsPerBlock } from './rows.ts';

/** How a gallery's persons and groups are found. */
export interface Finder {
  /** A person's number, or 0. */
  personOf(personId: string): number;
  groupOf(groupId: string): Group | undefined;
}

/** A person whom changes name. */
interface Named {
  /** 0 if the person is not there yet. */
  readonly number: number;
  /** Whether the person may have faces by now. */
  hasFaces: boolean;
  /** Where the person resides for certain, if that is known. */
  home: Group | undefined;
  /** Whether the first group that the person joins is no secondary one, because the person is in none. */
  isOutside: boolean;
}

/** The most that changes could take; what they give back meanwhile is not counted on. */
export function needOf(changes: readonly RegistryChange[], people: People, finder: Finder): Amounts {
  const persons = new Map<string, Named>();
  const newcomers = new Set<string>();
  const filed = new Map<Group, number>();
  let [blocks, secondaries] = [0, 0];
  for (const change of changes) {
    if (change.kind === 'removeFace') continue;
    const person = persons.get(change.personId) ?? name(change.personId, people, finder);
    persons.set(change.personId, person);
    const isMade = change.kind === 'insertFace' || change.kind === 'joinGroup';
    if (isMade && person.number === 0) newcomers.add(change.personId);
    if (change.kind === 'insertFace') {
      person.hasFaces = true;
      if (person.home === undefined) blocks += 1;
      else filed.set(person.home, (filed.get(person.home) ?? 0) + 1);
      continue;
    }
    const isKnown = person.home !== undefined;
    // Nothing has changed for the person so far, so a membership that is there is only repeated.
    if (isKnown && change.kind === 'joinGroup' && isMember(people, person.number, finder.groupOf(change.groupId)))
      continue;
    person.home = undefined;
    if (change.kind === 'removePerson') continue;
    // If all faces move, the rows they leave are given back one by one: however many they are, one block more will do.
    if (person.hasFaces) blocks += 1;
    if (change.kind === 'leaveGroup' || isMember(people, person.number, finder.groupOf(change.groupId))) continue;
    if (!person.isOutside) secondaries += 1;
    person.isOutside = false;
  }
  for (const [{ rows }, faces] of filed) blocks += blocksFor(rows + faces) - blocksFor(rows);
  return { blocks, persons: newcomers.size, secondaries };
}

function name(personId: string, people: People, finder: Finder): Named {
  const number = finder.personOf(personId);
  if (number === 0) return { number, hasFaces: false, home: undefined, isOutside: true };
  const home = people.homeOf(number);
  return { number, hasFaces: people.firstRow.view[number] !== 0, home, isOutside: finder.groupOf(home.id) !== home };
}

function blocksFor(rows: number): number {
  return Math.ceil(rows / rowsPerBlock);
}

function isMember(people: People, person: number, group: Group | undefined): boolean {
  return person !== 0 && group !== undefined && (people.homeOf(person) === group || people.isSecondary(person, group));
}
