/** The registry of one appid: the domain's port to storage, over the queries. */

import type {
  CallWrites,
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
} from '../domain/stores.ts';
import type { Access } from './access.ts';
import type { TakenIds, WholeFace } from './archive/archived.ts';
import { findTaken, insertWholeFace } from './archive/insert.ts';
import type { ChangesOfTransaction } from './changes-of-transaction.ts';
import { CorrectionRefused } from './corrections/refused.ts';
import * as faces from './faces.ts';
import * as groups from './groups.ts';
import { refuseIfFull } from './growth.ts';
import { insertFace } from './insert-face.ts';
import { joinGroups, joinGroupsAtOnce } from './join-groups.ts';
import * as persons from './persons.ts';
import type { RegistryTransactions } from './registry-transactions.ts';
import type { ChangingScope, DecryptingScope } from './scope.ts';

/**
 * The registry of one appid. A write within a write joins it: both are kept or neither, even where the outer one
 * catches what the inner one threw. A write that goes around the store handed over, to the outer one, is refused, as
 * is a write to a snapshot.
 */
export class Registry implements Store {
  readonly #access: Access;
  readonly #call: CallWrites | undefined;
  readonly #transactions: RegistryTransactions;
  /** The transaction that this registry is a part of; undefined outside of one. */
  readonly #transaction: ChangesOfTransaction | undefined;

  /**
   * @param call the call that {@link write} writes for.
   * @param transaction of which the registry is a part.
   */
  constructor(
    access: Access,
    transactions: RegistryTransactions,
    call?: CallWrites,
    transaction?: ChangesOfTransaction,
  ) {
    this.#access = access;
    this.#transactions = transactions;
    this.#call = call;
    this.#transaction = transaction;
  }

  async write<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const call = this.#call;
    const start = performance.now();
    try {
      return await this.#write(work, call);
    } finally {
      call?.took(performance.now() - start);
    }
  }

  read<T>(work: (store: Store) => Promise<T>): Promise<T> {
    return this.#access.read((inner) => work(new Registry(inner, this.#transactions, undefined, this.#transaction)));
  }

  async refuseIfFull(growth: Partial<Growth>, limits: Limits): Promise<void> {
    await this.#query(({ db, appid }) => refuseIfFull(db, appid, growth, limits));
  }

  foresee(personId: string, groupIds: readonly string[]): void {
    this.#transactions.foresee(personId, groupIds);
  }

  findPerson(personId: string): Promise<Person | undefined> {
    return this.#query((scope) => persons.findPerson(scope, personId));
  }

  findDetails(personId: string): Promise<PersonDetails | undefined> {
    return this.#query((scope) => persons.findDetails(scope, personId));
  }

  insertPerson(person: Person): Promise<boolean> {
    return this.#change(async (scope, { touched, growth }) => {
      const isNew = await persons.insertPerson(scope, person);
      if (isNew) touched.change(person.id);
      if (isNew) growth.add({ persons: 1 });
      return isNew;
    });
  }

  async register(member: NewMember, limits: Limits): Promise<RegistrationRefusal | undefined> {
    const transaction = this.#transaction;
    if (transaction === undefined) return this.#write((store) => store.register(member, limits));
    const refused = await this.#register(member, limits);
    if (refused !== undefined) transaction.isRefused = true;
    return refused;
  }

  updatePerson(personId: string, change: PersonChange): Promise<boolean> {
    return this.#change(async (scope, { touched }) => {
      const isThere = await persons.updatePerson(scope, personId, change);
      if (isThere && (change.name !== undefined || change.tag !== undefined)) touched.change(personId);
      return isThere;
    });
  }

  deletePerson(personId: string): Promise<boolean> {
    return this.#change(async (scope, { touched, growth }) => {
      const erased = await persons.deletePerson(scope, personId);
      if (erased === undefined) return false;
      touched.erase(personId, erased.faceIds, erased.groupIds);
      growth.add({ persons: -1, faces: -erased.faceIds.length, bytes: -erased.bytes });
      return true;
    });
  }

  joinGroups(personId: string, groupIds: readonly string[], limits: Limits, join = joinGroups): Promise<JoinOutcome> {
    return this.#change(async (scope, { touched }) => {
      const outcome = await join(scope, personId, groupIds, limits);
      if ('joined' in outcome && outcome.joined > 0) touched.change(personId, [], groupIds);
      return outcome;
    });
  }

  leaveGroups(personId: string, groupIds: readonly string[]): Promise<number> {
    return this.#change(async (scope, { touched }) => {
      const left = await groups.leaveGroups(scope, personId, groupIds);
      if (left > 0) touched.reduce(personId, [], groupIds);
      return left;
    });
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
    return this.#change(async (scope, { touched, growth }) => {
      const bytes = await insertFace(scope, face, limits);
      if (bytes === undefined) return false;
      touched.change(face.personId, [face.id]);
      growth.add({ faces: 1, bytes }, limits);
      return true;
    });
  }

  /** As {@link insertFace} does, under the id that the face has; no face may have it. */
  insertWholeFace(face: WholeFace, limits: Limits): Promise<boolean> {
    return this.#change(async (scope, { touched, growth }) => {
      const bytes = await insertWholeFace(scope, face, limits);
      if (bytes === undefined) return false;
      touched.change(face.personId, [face.id]);
      growth.add({ faces: 1, bytes }, limits);
      return true;
    });
  }

  /** Which of some ids are taken. */
  findTaken(personIds: readonly string[], faceIds: readonly string[]): Promise<TakenIds> {
    return this.#query((scope) => findTaken(scope, personIds, faceIds));
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
    return this.#change(async (scope, { touched, growth }) => {
      const erased = await faces.deleteFaces(scope, personId, faceIds);
      if (erased.faceIds.length > 0) touched.reduce(personId, erased.faceIds);
      growth.add({ faces: -erased.faceIds.length, bytes: -erased.bytes });
      return erased.faceIds;
    });
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

  /**
   * Makes an operator's change, in a transaction of its own.
   * @throws CorrectionRefused if the work does.
   */
  correct<T>(work: (scope: ChangingScope, changes: ChangesOfTransaction) => Promise<T>): Promise<T> {
    return this.#write(async (store) => {
      // Thrown where it rolls back, and is not taken for a failure of the database.
      const outcome = await (store as Registry).#change((scope, changes) => settle(work(scope, changes)));
      if ('refused' in outcome) throw outcome.refused;
      return outcome.result;
    });
  }

  /** Reads what no call asks for. */
  look<T>(query: (scope: DecryptingScope) => Promise<T>): Promise<T> {
    return this.#query(query);
  }

  /** @param call counted and told of in the transaction, if the work asks for any change. */
  async #write<T>(work: (store: Store) => Promise<T>, call?: CallWrites): Promise<T> {
    const outer = this.#transaction;
    if (outer !== undefined) return this.#access.write((inner) => work(this.#within(inner, outer)));
    return this.#transactions.run(this.#access, (inner, changes) => work(this.#within(inner, changes)), call);
  }

  #within(inner: Access, changes: ChangesOfTransaction): Registry {
    return new Registry(inner, this.#transactions, undefined, changes);
  }

  #query<T>(query: (scope: DecryptingScope) => Promise<T>): Promise<T> {
    return this.#access.query((db, listMax) => query(this.#transactions.scope(db, listMax)));
  }

  /** If it is refused, a part of it is written. */
  async #register({ person, groupIds, face }: NewMember, limits: Limits): Promise<RegistrationRefusal | undefined> {
    // None waits for what another one says, since what is refused is undone.
    const inserting = this.insertPerson(person);
    const joining = this.joinGroups(person.id, groupIds, limits, joinGroupsAtOnce);
    const adding = this.insertFace(face, limits);
    // Whichever fails: what is still to be written must not come after the transaction.
    await Promise.allSettled([inserting, joining, adding]);
    if (!(await inserting)) return { refusal: 'personExists', id: person.id };
    const joined = await joining;
    if ('refusal' in joined) return { refusal: joined.refusal, id: joined.groupId };
    return (await adding) ? undefined : { refusal: 'tooManyFaces', id: '' };
  }

  /** Outside a transaction a change is one of its own. */
  async #change<T>(change: (scope: ChangingScope, changes: ChangesOfTransaction) => Promise<T>): Promise<T> {
    const changes = this.#transaction;
    if (changes === undefined) return this.#write((store) => (store as Registry).#change(change));
    changes.areAskedFor = true;
    return this.#access.change((db) => change(this.#transactions.changingScope(db, changes), changes));
  }
}

async function settle<T>(work: Promise<T>): Promise<{ readonly result: T } | { readonly refused: CorrectionRefused }> {
  try {
    return { result: await work };
  } catch (error) {
    if (error instanceof CorrectionRefused) return { refused: error };
    throw error;
  }
}
