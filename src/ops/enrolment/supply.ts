/** Where pictures of persons come from: what a folder, a table and another server have in common. */
import { id, readField, text } from '../../contract/fields.ts';
import type { PictureSource } from '../../domain/context.ts';
import type { Person } from '../../domain/stores.ts';

/** A picture that is to be enrolled. */
export interface SuppliedPicture {
  /** What the operator finds it by: a path below the folder, a path or url of the table. */
  readonly label: string;
  /** What it is told from others by, from one run to the next; a file that was changed has another. */
  readonly key: string;
  /** Of the face. */
  readonly tag: string;
  readonly source: PictureSource;
}

/** A person and some pictures; the person may come again with others. */
export interface SuppliedPerson {
  readonly person: Person;
  readonly groupIds: readonly string[];
  readonly pictures: readonly SuppliedPicture[];
}

/** Pictures of persons. */
export interface PictureSupply {
  /** What it is, the same from one run to the next. */
  readonly key: string;
  /** How many pictures there are, at least until something changes. */
  count(signal: AbortSignal): Promise<number>;
  /** One person after the other, with few in memory. */
  persons(signal: AbortSignal): AsyncIterable<SuppliedPerson>;
}

/**
 * The id of a person or group that has a name: the name itself, in which a character that no id may have, and `%`, is written as
 * urls do (`Ada Lovelace` is `Ada%20Lovelace`). So two names never give one id.
 */
export function idOf(name: string): string {
  return name.replace(/[\s\p{Cc}/\\"'%]/gu, encodeOne);
}

/** `encodeURIComponent` leaves the apostrophe as it is. */
function encodeOne(character: string): string {
  return character === "'" ? '%27' : encodeURIComponent(character);
}

const [idField, textField] = [id('An id.'), text('A name or tag.')];

/**
 * Passes if a person may be registered under these words.
 * @throws Refusal `parameterMissing`, `parameterTooLong` or `parameterInvalid` that says which word is not as it must be.
 */
export function checkWords({ person, groupIds, pictures }: SuppliedPerson): void {
  readField('person_id', idField, person.id === '' ? undefined : person.id);
  for (const groupId of groupIds) readField('group', idField, groupId);
  for (const value of [person.name, person.tag, ...pictures.map(({ tag }) => tag)])
    readField('name or tag', textField, value);
}
