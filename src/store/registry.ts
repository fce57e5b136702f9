/** The registry of one appid: the domain's port to storage, over the queries. */
import type {
  CallWrites,
  Face,
  FaceCrop,
  FaceEmbedding,
  IdList,
  JoinOutcome,
  Limits,
  NewFace,
  Person,
  PersonChange,
  PersonDetails,
  Store,
} from '../domain/stores.ts';
import type { Access } from './access.ts';
import type { DataKeys } from './encryption/data-keys.ts';
import * as faces from './faces.ts';
import * as groups from './groups.ts';
import * as persons from './persons.ts';
import type { DecryptingScope } from './scope.ts';
import { countOf, countWrite } from './usage.ts';

/** Who is told of what is written. */
export interface WriteWatch {
  /** Called when any change is asked for. */
  readonly onChange?: () => void;
  /** The call that {@link Store.write} writes for. */
  readonly call?: CallWrites | undefined;
  /** Called after each durable write; the write is answered when it resolves. */
  readonly onDurable?: () => Promise<void>;
}

/**
 * The registry of one appid. A write within a write joins it: both are kept or neither, even where the outer one
 * catches what the inner one threw. A write that goes around the store handed over, to the outer one, is refused, as
 * is a write to a snapshot.
 */
export class Registry implements Store {
  readonly #appid: string;
  readonly #access: Access;
  readonly #dataKeys: DataKeys;
  readonly #watch: WriteWatch;

  constructor(appid: string, access: Access, dataKeys: DataKeys, watch: WriteWatch = {}) {
    this.#appid = appid;
    this.#access = access;
    this.#dataKeys = dataKeys;
    this.#watch = watch;
  }

  async write<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const { call } = this.#watch;
    const start = performance.now();
    try {
      return await this.#write(work);
    } finally {
      call?.took(performance.now() - start);
    }
  }

  read<T>(work: (store: Store) => Promise<T>): Promise<T> {
    return this.#access.read((inner) => work(new Registry(this.#appid, inner, this.#dataKeys)));
  }

  findPerson(personId: string): Promise<Person | undefined> {
    return this.#query((scope) => persons.findPerson(scope, personId));
  }

  findDetails(personId: string): Promise<PersonDetails | undefined> {
    return this.#query((scope) => persons.findDetails(scope, personId));
  }

  insertPerson(person: Person): Promise<boolean> {
    return this.#change((scope) => persons.insertPerson(scope, person));
  }

  updatePerson(personId: string, change: PersonChange): Promise<boolean> {
    return this.#change((scope) => persons.updatePerson(scope, personId, change));
  }

  deletePerson(personId: string): Promise<boolean> {
    return this.#change((scope) => persons.deletePerson(scope, personId));
  }

  joinGroups(personId: string, groupIds: readonly string[], limits: Limits): Promise<JoinOutcome> {
    return this.#change((scope) => groups.joinGroups(scope, personId, groupIds, limits));
  }

  leaveGroups(personId: string, groupIds: readonly string[]): Promise<number> {
    return this.#change((scope) => groups.leaveGroups(scope, personId, groupIds));
  }

  groupsOf(personId: string): Promise<IdList> {
    return this.#query((scope) => groups.groupsOf(scope, { personId }));
  }

  groups(): Promise<IdList | undefined> {
    return this.#query((scope) => groups.groups(scope));
  }

  hasAnyGroup(groupIds: readonly string[]): Promise<boolean> {
    return this.#query((scope) => groups.hasAnyGroup(scope, groupIds));
  }

  membersOf(groupId: string): Promise<IdList | undefined> {
    return this.#query((scope) => groups.membersOf(scope, groupId));
  }

  insertFace(face: NewFace, limits: Limits): Promise<boolean> {
    return this.#change((scope) => faces.insertFace(scope, face, limits));
  }

  findFace(faceId: string): Promise<Face | undefined> {
    return this.#query((scope) => faces.findFace(scope, faceId));
  }

  findFaces(faceIds: readonly string[]): Promise<readonly Face[]> {
    return this.#query((scope) => faces.findFaces(scope, faceIds));
  }

  facesOf(personId: string): Promise<IdList | undefined> {
    return this.#query((scope) => faces.facesOf(scope, personId));
  }

  deleteFaces(personId: string, faceIds: readonly string[]): Promise<readonly string[]> {
    return this.#change((scope) => faces.deleteFaces(scope, personId, faceIds));
  }

  findEmbeddings(faceIds: readonly string[], model: string): Promise<readonly FaceEmbedding[]> {
    return this.#query((scope) => faces.findEmbeddings(scope, faceIds, model));
  }

  findCrops(faceIds: readonly string[]): Promise<readonly FaceCrop[]> {
    return this.#query((scope) => faces.findCrops(scope, faceIds));
  }

  embeddingsOf(personId: string, model: string): Promise<readonly FaceEmbedding[]> {
    return this.#query((scope) => faces.embeddingsOf(scope, personId, model));
  }

  async #write<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const { onChange, call, onDurable } = this.#watch;
    let hasChanged = false;
    const result = await this.#access.write(async (inner) => {
      hasChanged = false;
      const noteChange = (): void => {
        hasChanged = true;
        onChange?.();
      };
      const result = await work(new Registry(this.#appid, inner, this.#dataKeys, { onChange: noteChange }));
      if (hasChanged && call !== undefined) await inner.change((db) => countWrite(db, countOf(call.call())));
      return result;
    });
    if (hasChanged) call?.counted();
    await onDurable?.();
    return result;
  }

  #query<T>(query: (scope: DecryptingScope) => Promise<T>): Promise<T> {
    return this.#access.query((db, listMax) => query({ db, appid: this.#appid, dataKeys: this.#dataKeys, listMax }));
  }

  async #change<T>(change: (scope: DecryptingScope) => Promise<T>): Promise<T> {
    const { onChange, onDurable } = this.#watch;
    onChange?.();
    const result = await this.#access.change((db) => change({ db, appid: this.#appid, dataKeys: this.#dataKeys }));
    await onDurable?.();
    return result;
  }
}
