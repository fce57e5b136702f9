/** Knows how a registry should behave: the store that is too simple to be wrong, and the commands to compare others by. */
import fc from 'fast-check';
import type {
  Face,
  FaceEmbedding,
  Joining,
  Limits,
  NewFace,
  Person,
  PersonChange,
  Store,
} from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';

interface State {
  persons: Map<string, Person>;
  /** Members in the order of joining; groups in the order of creation. */
  groups: Map<string, string[]>;
  /** Each person's groups in the order of joining. */
  groupsOf: Map<string, string[]>;
  faces: Map<string, NewFace>;
}

/** A registry in Maps. One caller at a time. */
export class MapStore implements Store {
  #state: State = { persons: new Map(), groups: new Map(), groupsOf: new Map(), faces: new Map() };

  async write<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const before = structuredClone(this.#state);
    try {
      return await work(this);
    } catch (error) {
      this.#state = before;
      throw error;
    }
  }

  read<T>(work: (store: Store) => Promise<T>): Promise<T> {
    return work(this);
  }

  async findPerson(personId: string): Promise<Person | undefined> {
    return this.#state.persons.get(personId);
  }

  async insertPerson(person: Person): Promise<boolean> {
    if (this.#state.persons.has(person.id)) return false;
    this.#state.persons.set(person.id, person);
    this.#state.groupsOf.set(person.id, []);
    return true;
  }

  async updatePerson(personId: string, { name, tag }: PersonChange): Promise<boolean> {
    const person = this.#state.persons.get(personId);
    if (person === undefined) return false;
    this.#state.persons.set(personId, {
      ...person,
      ...(name !== undefined && { name }),
      ...(tag !== undefined && { tag }),
    });
    return true;
  }

  async deletePerson(personId: string): Promise<boolean> {
    for (const groupId of await this.groupsOf(personId)) await this.leaveGroup(personId, groupId);
    for (const faceId of await this.facesOf(personId)) this.#state.faces.delete(faceId);
    this.#state.groupsOf.delete(personId);
    return this.#state.persons.delete(personId);
  }

  async joinGroup(personId: string, groupId: string, limits: Limits): Promise<Joining> {
    const { groups, groupsOf, persons } = this.#state;
    const members = groups.get(groupId) ?? [];
    if (members.includes(personId)) return 'already';
    if (members.length >= limits.personsPerGroupMax) return 'tooManyPersons';
    if (members.length === 0 && groups.size >= limits.groupsMax) return 'tooManyGroups';
    if (!persons.has(personId)) throw new Refusal('storageFailed');
    groups.set(groupId, [...members, personId]);
    groupsOf.set(personId, [...(groupsOf.get(personId) ?? []), groupId]);
    return 'joined';
  }

  async leaveGroup(personId: string, groupId: string): Promise<boolean> {
    const { groups, groupsOf } = this.#state;
    const members = groups.get(groupId) ?? [];
    if (!members.includes(personId)) return false;
    const others = members.filter((member) => member !== personId);
    if (others.length > 0) groups.set(groupId, others);
    else groups.delete(groupId);
    groupsOf.set(
      personId,
      (groupsOf.get(personId) ?? []).filter((other) => other !== groupId),
    );
    return true;
  }

  async groupsOf(personId: string): Promise<readonly string[]> {
    return this.#state.groupsOf.get(personId) ?? [];
  }

  async groups(): Promise<readonly string[]> {
    return [...this.#state.groups.keys()];
  }

  async hasAnyGroup(groupIds: readonly string[]): Promise<boolean> {
    return groupIds.some((groupId) => this.#state.groups.has(groupId));
  }

  async membersOf(groupId: string): Promise<readonly string[] | undefined> {
    return this.#state.groups.get(groupId);
  }

  async insertFace(face: NewFace, limits: Limits): Promise<boolean> {
    if ((await this.facesOf(face.personId)).length >= limits.facesPerPersonMax) return false;
    if (this.#state.faces.has(face.id) || !this.#state.persons.has(face.personId)) throw new Refusal('storageFailed');
    this.#state.faces.set(face.id, face);
    return true;
  }

  async findFace(faceId: string): Promise<Face | undefined> {
    const face = this.#state.faces.get(faceId);
    if (face === undefined) return undefined;
    const { id, personId, tag, box, attributes } = face;
    return { id, personId, tag, box, attributes };
  }

  async findFaces(faceIds: readonly string[]): Promise<readonly Face[]> {
    const faces = await Promise.all(faceIds.map((faceId) => this.findFace(faceId)));
    return faces.filter((face) => face !== undefined);
  }

  async facesOf(personId: string): Promise<readonly string[]> {
    return this.#facesOf(personId).map(({ id }) => id);
  }

  async deleteFaces(personId: string, faceIds: readonly string[]): Promise<readonly string[]> {
    const erased = (await this.facesOf(personId)).filter((id) => faceIds.includes(id));
    for (const id of erased) this.#state.faces.delete(id);
    return erased;
  }

  async findEmbeddings(faceIds: readonly string[], model: string): Promise<readonly FaceEmbedding[]> {
    const faces = faceIds.flatMap((faceId) => this.#state.faces.get(faceId) ?? []);
    return faces.filter((face) => face.model === model).map(({ id, embedding }) => ({ faceId: id, embedding }));
  }

  async embeddingsOf(personId: string, model: string): Promise<readonly FaceEmbedding[]> {
    const faces = this.#facesOf(personId).filter((face) => face.model === model);
    return faces.map(({ id, embedding }) => ({ faceId: id, embedding }));
  }

  #facesOf(personId: string): readonly NewFace[] {
    return [...this.#state.faces.values()].filter((face) => face.personId === personId);
  }
}

/** One call of a store, or a transaction of several. */
export type Command =
  | { readonly op: 'insertPerson'; readonly person: Person }
  | { readonly op: 'updatePerson'; readonly personId: string; readonly change: PersonChange }
  | { readonly op: 'deletePerson'; readonly personId: string }
  | { readonly op: 'joinGroup' | 'leaveGroup'; readonly personId: string; readonly groupId: string }
  | { readonly op: 'insertFace'; readonly face: NewFace }
  | { readonly op: 'deleteFaces'; readonly personId: string; readonly faceIds: readonly string[] }
  | { readonly op: 'view' }
  | { readonly op: 'read'; readonly commands: readonly Command[] }
  | { readonly op: 'write'; readonly commands: readonly Command[]; readonly throws: boolean };

/** Small enough that limits are met often. */
export const smallLimits: Limits = { groupsMax: 2, personsPerGroupMax: 2, facesPerPersonMax: 2 };

const personIds = ['张三', 'a', 'A'];
const groupIds = ['g', '组', 'g2'];
const faceIds = ['1', '2', '3', '4', '5'];

/** What a store answers to a command: a value, the name of a refusal, or another error's message. */
export async function outcome(store: Store, command: Command): Promise<unknown> {
  try {
    return { value: await perform(store, command) };
  } catch (error) {
    return error instanceof Refusal ? { refusal: error.refusal } : { error: (error as Error).message };
  }
}

async function perform(store: Store, command: Command): Promise<unknown> {
  switch (command.op) {
    case 'insertPerson':
      return store.insertPerson(command.person);
    case 'updatePerson':
      return store.updatePerson(command.personId, command.change);
    case 'deletePerson':
      return store.deletePerson(command.personId);
    case 'joinGroup':
      return store.joinGroup(command.personId, command.groupId, smallLimits);
    case 'leaveGroup':
      return store.leaveGroup(command.personId, command.groupId);
    case 'insertFace':
      return store.insertFace(command.face, smallLimits);
    case 'deleteFaces':
      return store.deleteFaces(command.personId, command.faceIds);
    case 'view':
      return view(store);
    case 'read':
      return store.read((store) => performAll(store, command.commands));
    case 'write':
      return store.write(async (store) => {
        const values = await performAll(store, command.commands);
        if (command.throws) throw new Error('changed my mind');
        return values;
      });
  }
}

async function performAll(store: Store, commands: readonly Command[]): Promise<unknown[]> {
  const values: unknown[] = [];
  for (const command of commands) values.push(await perform(store, command));
  return values;
}

/** Everything that a store says of the ids that the commands use. */
export async function view(store: Store): Promise<unknown> {
  const persons = [];
  for (const id of personIds) {
    persons.push({
      person: await store.findPerson(id),
      groups: await store.groupsOf(id),
      faces: await store.facesOf(id),
      embeddings: [await store.embeddingsOf(id, 'm1'), await store.embeddingsOf(id, 'm2')],
    });
  }
  const members = [];
  for (const id of groupIds) members.push(await store.membersOf(id));
  const faces = [];
  for (const id of faceIds) faces.push(await store.findFace(id));
  const found = await store.findFaces(faceIds);
  const seen = await store.findEmbeddings(faceIds, 'm1');
  const any = [await store.hasAnyGroup(groupIds), await store.hasAnyGroup(groupIds.slice(1))];
  return {
    persons,
    groups: await store.groups(),
    members,
    faces,
    found: found.length,
    seen: seen.toSorted((a, b) => Number(a.faceId) - Number(b.faceId)),
    any,
  };
}

/** A record as object literals make them. */
function plain<T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> {
  return fc.record(model, { noNullPrototype: true }) as fc.Arbitrary<T>;
}

const personId = fc.constantFrom(...personIds);
const groupId = fc.constantFrom(...groupIds);
const text = fc.string({ unit: 'grapheme', maxLength: 8 });
const pixels = fc.integer({ min: -100_000, max: 1_000_000 }).map((hundredths) => hundredths / 100);
const percent = fc.integer({ min: 0, max: 100 });
const degrees = fc.integer({ min: -180, max: 180 });

const face: fc.Arbitrary<NewFace> = plain({
  id: fc.constantFrom(...faceIds),
  personId,
  tag: text,
  box: plain({ x: pixels, y: pixels, width: pixels, height: pixels }),
  attributes: plain({
    gender: percent,
    age: percent,
    expression: percent,
    glass: fc.boolean(),
    pitch: degrees,
    yaw: degrees,
    roll: degrees,
  }),
  model: fc.constantFrom('m1', 'm2'),
  embedding: fc.float32Array({ noNaN: true, minLength: 1, maxLength: 8 }),
  crop: fc.uint8Array({ maxLength: 64 }),
});

const change = fc.record({ name: text, tag: text }, { requiredKeys: [], noNullPrototype: true });

const single: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 3,
    arbitrary: plain({
      op: fc.constant('insertPerson'),
      person: plain({ id: personId, name: text, tag: text }),
    }),
  },
  { weight: 1, arbitrary: plain({ op: fc.constant('updatePerson'), personId, change }) },
  { weight: 1, arbitrary: plain({ op: fc.constant('deletePerson'), personId }) },
  { weight: 4, arbitrary: plain({ op: fc.constant('joinGroup'), personId, groupId }) },
  { weight: 2, arbitrary: plain({ op: fc.constant('leaveGroup'), personId, groupId }) },
  { weight: 4, arbitrary: plain({ op: fc.constant('insertFace'), face }) },
  { weight: 1, arbitrary: plain({ op: fc.constant('deleteFaces'), personId, faceIds: fc.subarray(faceIds) }) },
  { weight: 1, arbitrary: plain({ op: fc.constant('view') }) },
);

/** Any call, or any transaction of calls. */
export const anyCommand: fc.Arbitrary<Command> = fc.oneof(
  { weight: 6, arbitrary: single },
  {
    weight: 1,
    arbitrary: plain({
      op: fc.constant('write'),
      commands: fc.array(single, { maxLength: 5 }),
      throws: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: plain({
      op: fc.constant('read'),
      commands: fc.array(plain({ op: fc.constant('view') }), { maxLength: 2 }),
    }),
  },
);
