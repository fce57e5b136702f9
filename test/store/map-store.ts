/** A registry in Maps, too simple to be wrong: other stores are compared with it, and calls are tried on it. */
import type {
  Face,
  FaceCrop,
  FaceEmbedding,
  Growth,
  IdList,
  JoinOutcome,
  Limits,
  NewFace,
  NewMember,
  Person,
  PersonChange,
  PersonDetails,
  RegistrationRefusal,
  Store,
} from '../../src/domain/stores.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import { idsOf, listOf } from './fixtures.ts';

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

  async refuseIfFull({ persons = 0, faces = 0 }: Partial<Growth>, limits: Limits): Promise<void> {
    for (const [name, count, most] of [
      ['persons', this.#state.persons.size + persons, limits.personsMax],
      ['faces', this.#state.faces.size + faces, limits.facesMax],
    ] as const) {
      if (most !== undefined && count > most)
        throw new Refusal('tooManyRequests', `${name} of the appid: ${most} at most`);
    }
  }

  foresee(): void {}

  async findPerson(personId: string): Promise<Person | undefined> {
    return this.#state.persons.get(personId);
  }

  async findDetails(personId: string): Promise<PersonDetails | undefined> {
    const person = this.#state.persons.get(personId);
    return person && { person, faceIds: this.#facesListOf(personId), groupIds: await this.groupsOf(personId) };
  }

  async insertPerson(person: Person): Promise<boolean> {
    if (this.#state.persons.has(person.id)) return false;
    this.#state.persons.set(person.id, person);
    this.#state.groupsOf.set(person.id, []);
    return true;
  }

  async register({ person, groupIds, face }: NewMember, limits: Limits): Promise<RegistrationRefusal | undefined> {
    const before = structuredClone(this.#state);
    let isWhole = false;
    try {
      const refused = await this.#register(person, groupIds, face, limits);
      isWhole = refused === undefined;
      return refused;
    } finally {
      if (!isWhole) this.#state = before;
    }
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
    await this.leaveGroups(personId, this.#state.groupsOf.get(personId) ?? []);
    for (const { id } of this.#facesOf(personId)) this.#state.faces.delete(id);
    this.#state.groupsOf.delete(personId);
    return this.#state.persons.delete(personId);
  }

  async joinGroups(personId: string, groupIds: readonly string[], limits: Limits): Promise<JoinOutcome> {
    const { groups, groupsOf, persons } = this.#state;
    const joined = groupIds.filter((groupId) => !groups.get(groupId)?.includes(personId));
    let room = limits.groupsMax - groups.size;
    for (const groupId of joined) {
      const members = groups.get(groupId)?.length ?? 0;
      if (members >= limits.personsPerGroupMax) return { refusal: 'tooManyPersons', groupId };
      if (members === 0 && --room < 0) return { refusal: 'tooManyGroups', groupId };
    }
    if (joined.length > 0 && !persons.has(personId)) throw new Refusal('storageFailed');
    for (const groupId of joined) groups.set(groupId, [...(groups.get(groupId) ?? []), personId]);
    if (joined.length > 0) groupsOf.set(personId, [...(groupsOf.get(personId) ?? []), ...joined]);
    return { joined: joined.length };
  }

  async leaveGroups(personId: string, groupIds: readonly string[]): Promise<number> {
    const { groups, groupsOf } = this.#state;
    const theirs = groupsOf.get(personId) ?? [];
    const left = theirs.filter((groupId) => groupIds.includes(groupId));
    for (const groupId of left) {
      const others = groups.get(groupId)!.filter((member) => member !== personId);
      if (others.length > 0) groups.set(groupId, others);
      else groups.delete(groupId);
    }
    if (left.length > 0)
      groupsOf.set(
        personId,
        theirs.filter((groupId) => !left.includes(groupId)),
      );
    return left.length;
  }

  async groupsOf(personId: string): Promise<IdList> {
    return listOf(this.#state.groupsOf.get(personId) ?? []);
  }

  async groups(): Promise<IdList | undefined> {
    return this.#state.groups.size === 0 ? undefined : listOf([...this.#state.groups.keys()]);
  }

  async hasAnyGroup(groupIds: readonly string[]): Promise<boolean> {
    return groupIds.some((groupId) => this.#state.groups.has(groupId));
  }

  async membersOf(groupId: string): Promise<IdList | undefined> {
    const members = this.#state.groups.get(groupId);
    return members && listOf(members);
  }

  async insertFace(face: NewFace, limits: Limits): Promise<boolean> {
    if (this.#facesOf(face.personId).length >= limits.facesPerPersonMax) return false;
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

  async facesOf(personId: string): Promise<IdList | undefined> {
    return this.#state.persons.has(personId) ? this.#facesListOf(personId) : undefined;
  }

  #facesListOf(personId: string): IdList {
    return listOf(this.#facesOf(personId).map(({ id }) => id));
  }

  async deleteFaces(personId: string, faceIds: readonly string[]): Promise<readonly string[]> {
    const erased = idsOf(this.#facesListOf(personId)).filter((id) => faceIds.includes(id));
    for (const id of erased) this.#state.faces.delete(id);
    return erased;
  }

  async findEmbeddings(faceIds: readonly string[], model: string): Promise<readonly FaceEmbedding[]> {
    const faces = faceIds.flatMap((faceId) => this.#state.faces.get(faceId) ?? []);
    return faces.filter((face) => face.model === model).map(({ id, embedding }) => ({ faceId: id, embedding }));
  }

  async findCrops(faceIds: readonly string[]): Promise<readonly FaceCrop[]> {
    const faces = faceIds.flatMap((faceId) => this.#state.faces.get(faceId) ?? []);
    return faces.map(({ id, crop }) => ({ faceId: id, crop }));
  }

  async embeddingsOf(personId: string, model: string): Promise<readonly FaceEmbedding[]> {
    const faces = this.#facesOf(personId).filter((face) => face.model === model);
    return faces.map(({ id, embedding }) => ({ faceId: id, embedding }));
  }

  async #register(
    person: Person,
    groupIds: readonly string[],
    face: NewFace,
    limits: Limits,
  ): Promise<RegistrationRefusal | undefined> {
    if (!(await this.insertPerson(person))) return { refusal: 'personExists', id: person.id };
    const joined = await this.joinGroups(person.id, groupIds, limits);
    if ('refusal' in joined) return { refusal: joined.refusal, id: joined.groupId };
    return (await this.insertFace(face, limits)) ? undefined : { refusal: 'tooManyFaces', id: '' };
  }

  #facesOf(personId: string): readonly NewFace[] {
    return [...this.#state.faces.values()].filter((face) => face.personId === personId);
  }
}
