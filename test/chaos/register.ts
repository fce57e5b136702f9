/**
 * What a registry must hold after calls that were answered, refused or cut off. A call that was answered is done; one that
 * was refused left nothing behind; of one that got no answer nobody knows, but it is done whole or not at all.
 */
import assert from 'node:assert/strict';
import type { Random } from '../random.ts';

/** A person as getinfo tells of it. */
export interface Person {
  readonly name: string;
  readonly tag: string;
  /** In the order of joining. */
  readonly groups: readonly string[];
  /** In the order of creation; undefined for one whose id was never told. */
  readonly faces: readonly (string | undefined)[];
}

/** What a person may be; undefined is nobody. */
type State = Person | undefined;

/** A call that changes a person. */
export interface Change {
  readonly endpoint: 'newperson' | 'addface' | 'setinfo' | 'addgroupids' | 'delgroupids' | 'delface' | 'delperson';
  readonly personId: string;
  /** Fields of the request beside appid, person_id and pictures. */
  readonly fields: Readonly<Record<string, string | readonly string[]>>;
  /** Which of the pictures it carries. */
  readonly picture: number | undefined;
}

/** What came of a call: its data; a code other than 0; or nothing. */
export type Outcome =
  | { readonly kind: 'done'; readonly data: Record<string, unknown> }
  | { readonly kind: 'refused'; readonly code: number }
  | { readonly kind: 'lost' };

/** The persons of one client, who makes one call after the other. */
export class Register {
  /** The groups of this client's persons; nobody else has members in them. */
  readonly groupIds: readonly string[];
  readonly #name: string;
  readonly #persons = new Map<string, readonly State[]>();
  #made = 0;

  /** @param name begins each of its ids. */
  constructor(name: string) {
    this.#name = name;
    this.groupIds = [0, 1, 2].map((i) => `${name}-g${i}`);
  }

  /** Everybody who was ever to be registered. */
  get personIds(): readonly string[] {
    return [...this.#persons.keys()];
  }

  /** Those of them who are surely there. */
  get present(): readonly string[] {
    return this.personIds.filter((id) => {
      const states = this.#persons.get(id);
      return states?.length === 1 && states[0] !== undefined;
    });
  }

  /** Draws a change that makes sense now. */
  draw(random: Random, pictures: number): Change {
    const { present } = this;
    // Registering is what most rounds are about; the list of persons still stays short enough to be read after each.
    if (present.length === 0 || (present.length < 8 && random.oneIn(3))) return this.drawPerson(random, pictures);
    const personId = random.of(present);
    const person = this.#persons.get(personId)![0]!;
    const change = (endpoint: Change['endpoint'], fields: Change['fields'] = {}, picture?: number): Change => ({
      endpoint,
      personId,
      fields,
      picture,
    });
    const face = person.faces.find((id) => id !== undefined);
    const draws = [
      () => change('setinfo', { person_name: `name ${random.below(1_000)}`, tag: `tag ${random.below(1_000)}` }),
      () => change('addgroupids', { group_ids: this.#someGroups(random) }),
      () => change('delgroupids', { group_ids: this.#someGroups(random) }),
      () => change('addface', {}, random.below(pictures)),
      () =>
        face === undefined || person.faces.length < 2 ? change('setinfo') : change('delface', { face_ids: [face] }),
      () => change('delperson'),
    ];
    return random.of(draws)();
  }

  /** Takes down what came of a change. */
  apply(change: Change, outcome: Outcome): void {
    const { personId } = change;
    const before = this.#persons.get(personId) ?? [undefined];
    if (outcome.kind === 'refused') {
      this.#persons.set(personId, before);
      return;
    }
    const data = outcome.kind === 'done' ? outcome.data : undefined;
    const after = before.flatMap((state) => resultsOf(state, change, data));
    this.#persons.set(personId, outcome.kind === 'done' ? after : [...before, ...after]);
  }

  /**
   * Checks what getinfo says of somebody, and knows from now on which of the possible states it was.
   * @param found undefined if there is nobody.
   * @throws AssertionError if none of them is what was found.
   */
  settle(personId: string, found: Person | undefined): void {
    const possible = this.#persons.get(personId) ?? [undefined];
    const fitting = possible.find((state) => fits(state, found));
    const isNobody = found === undefined && possible.includes(undefined);
    assert.ok(
      fitting !== undefined || isNobody,
      `${personId} is ${JSON.stringify(found)}, which is none of ${JSON.stringify(possible.map((state) => state ?? 'nobody'))}`,
    );
    if (found === undefined) this.#persons.delete(personId);
    else this.#persons.set(personId, [found]);
  }

  /** Who must be in a group, in no order, once everybody was settled. */
  membersOf(groupId: string): readonly string[] {
    return this.personIds.filter((id) => this.#persons.get(id)?.[0]?.groups.includes(groupId));
  }

  /** Who must be in a group and who may be, whatever came of calls without an answer. */
  boundsOf(groupId: string): { readonly must: readonly string[]; readonly may: readonly string[] } {
    const isIn = (state: State): boolean => state?.groups.includes(groupId) === true;
    const statesOf = (id: string): readonly State[] => this.#persons.get(id)!;
    return {
      must: this.personIds.filter((id) => statesOf(id).every(isIn)),
      may: this.personIds.filter((id) => statesOf(id).some(isIn)),
    };
  }

  /** Draws the registration of somebody new. */
  drawPerson(random: Random, pictures: number): Change {
    this.#made += 1;
    return {
      endpoint: 'newperson',
      personId: `${this.#name}-p${this.#made}`,
      fields: { person_name: `name ${this.#made}`, tag: '', group_ids: this.#someGroups(random) },
      picture: random.below(pictures),
    };
  }

  #someGroups(random: Random): readonly string[] {
    const first = random.below(3);
    return random.oneIn(2) ? [this.groupIds[first]!] : [this.groupIds[first]!, this.groupIds[(first + 1) % 3]!];
  }
}

/**
 * What a person may be after a change was made whole.
 * @param data the answer, if there was one.
 */
function resultsOf(state: State, change: Change, data: Record<string, unknown> | undefined): readonly State[] {
  const { endpoint, fields } = change;
  if (endpoint === 'newperson') return [newPerson(change, data)];
  if (state === undefined) return [];
  const groups = (fields.group_ids ?? []) as readonly string[];
  switch (endpoint) {
    case 'setinfo': {
      const { person_name: name = state.name, tag = state.tag } = fields as Record<string, string>;
      return [{ ...state, name, tag }];
    }
    case 'addgroupids':
      return [{ ...state, groups: [...state.groups, ...groups.filter((id) => !state.groups.includes(id))] }];
    case 'delgroupids':
      return [{ ...state, groups: state.groups.filter((id) => !groups.includes(id)) }];
    case 'delface':
      return [{ ...state, faces: state.faces.filter((id) => id === undefined || !fields.face_ids!.includes(id)) }];
    case 'delperson':
      return [undefined];
    case 'addface':
      return addFace(state, data);
  }
}

function newPerson({ fields }: Change, data: Record<string, unknown> | undefined): Person {
  return {
    name: fields.person_name as string,
    tag: fields.tag as string,
    groups: fields.group_ids as readonly string[],
    faces: [data?.face_id as string | undefined],
  };
}

/** addface answers a code for each picture: a face that the person has already, or that was refused, is not kept again. */
function addFace(state: Person, data: Record<string, unknown> | undefined): readonly State[] {
  if (data === undefined) return [state, { ...state, faces: [...state.faces, undefined] }];
  const [id] = data.face_ids as string[];
  const [code] = data.ret_codes as number[];
  return [code === 0 ? { ...state, faces: [...state.faces, id] } : state];
}

/** Whether a person who was found is one that may be. */
function fits(possible: State, found: Person | undefined): boolean {
  if (possible === undefined || found === undefined) return possible === found;
  const { faces, ...rest } = possible;
  const { faces: foundFaces, ...foundRest } = found;
  const knows = (id: string | undefined, i: number) => id === undefined || id === foundFaces[i];
  return (
    JSON.stringify(order(rest)) === JSON.stringify(order(foundRest)) &&
    faces.length === foundFaces.length &&
    faces.every(knows)
  );
}

function order({ name, tag, groups }: Omit<Person, 'faces'>): readonly unknown[] {
  return [name, tag, groups];
}
