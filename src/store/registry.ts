/** The registry of one appid: the domain's port to storage, over the queries. */

import type { Kysely } from 'kysely';
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
  Person,
  PersonChange,
  PersonDetails,
  Store,
} from '../domain/stores.ts';
import type { Access } from './access.ts';
import type { TakenIds, WholeFace } from './archive/archived.ts';
import { findTaken, insertWholeFace } from './archive/insert.ts';
import { currentAct } from './audit/act.ts';
import { Touched } from './audit/touched.ts';
import type { AuditTrail, ChainEnd } from './audit/trail.ts';
import { CorrectionRefused } from './corrections/refused.ts';
import type { DataKeys } from './encryption/data-keys.ts';
import * as faces from './faces.ts';
import * as groups from './groups.ts';
import { GrowthOfTransaction, grow, refuseIfFull } from './growth.ts';
import * as persons from './persons.ts';
import type { DecryptingScope } from './scope.ts';
import type { Tables } from './tables.ts';
import { countOf, countWrite } from './usage.ts';

/** What every registry works with. */
export interface RegistryParts {
  readonly dataKeys: DataKeys;
  readonly audit: AuditTrail;
}

/** Who is told of what is written. */
export interface WriteWatch {
  /** The call that {@link Store.write} writes for. */
  readonly call?: CallWrites | undefined;
  /** Called after each durable write; the write is answered when it resolves. */
  readonly onDurable?: (appid: string) => Promise<void>;
}

/**
 * The registry of one appid. A write within a write joins it: both are kept or neither, even where the outer one
 * catches what the inner one threw. A write that goes around the store handed over, to the outer one, is refused, as
 * is a write to a snapshot.
 */
export class Registry implements Store {
  readonly #appid: string;
  readonly #access: Access;
  readonly #parts: RegistryParts;
  readonly #watch: WriteWatch;
  /** The transaction that this registry is a part of; undefined outside of one. */
  readonly #transaction: ChangesOfTransaction | undefined;

  constructor(
    appid: string,
    access: Access,
    parts: RegistryParts,
    watch: WriteWatch = {},
    transaction?: ChangesOfTransaction,
  ) {
    this.#appid = appid;
    this.#access = access;
    this.#parts = parts;
    this.#watch = watch;
    this.#transaction = transaction;
  }

  async write<T>(work: (store: Store) => Promise<T>): Promise<T> {
    const { call } = this.#watch;
    const start = performance.now();
    try {
      return await this.#write(work, call);
    } finally {
      call?.took(performance.now() - start);
    }
  }

  read<T>(work: (store: Store) => Promise<T>): Promise<T> {
    return this.#access.read((inner) => work(new Registry(this.#appid, inner, this.#parts, {}, this.#transaction)));
  }

  async refuseIfFull(growth: Partial<Growth>, limits: Limits): Promise<void> {
    await this.#query(({ db }) => refuseIfFull(db, this.#appid, growth, limits));
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

  joinGroups(personId: string, groupIds: readonly string[], limits: Limits): Promise<JoinOutcome> {
    return this.#change(async (scope, { touched }) => {
      const outcome = await groups.joinGroups(scope, personId, groupIds, limits);
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
      const bytes = await faces.insertFace(scope, face, limits);
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
  correct<T>(work: (scope: DecryptingScope, changes: ChangesOfTransaction) => Promise<T>): Promise<T> {
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
    let changes = new ChangesOfTransaction();
    const result = await this.#access.write(async (inner) => {
      // A transaction may run anew.
      changes = new ChangesOfTransaction();
      const end = inner.query((db) => this.#parts.audit.end(db, this.#appid));
      end.catch(() => {});
      const result = await work(this.#within(inner, changes));
      await this.#conclude(inner, changes, end, call);
      return result;
    });
    if (changes.areAskedFor) call?.counted();
    await this.#watch.onDurable?.(this.#appid);
    return result;
  }

  /** Counts what there is now, and the call, and writes the line of what was changed. */
  async #conclude(inner: Access, changes: ChangesOfTransaction, end: Promise<ChainEnd>, call?: CallWrites) {
    const { audit } = this.#parts;
    const { areAskedFor, touched, growth } = changes;
    await allSettled([
      !growth.isNone && inner.change((db) => grow(db, this.#appid, growth)),
      areAskedFor && call !== undefined && inner.change((db) => countWrite(db, countOf(call.call()))),
      !touched.isEmpty &&
        inner.change(async (db) => audit.record(db, this.#appid, await end, touched, call?.act() ?? currentAct())),
    ]);
  }

  #within(inner: Access, changes: ChangesOfTransaction): Registry {
    return new Registry(this.#appid, inner, this.#parts, {}, changes);
  }

  #query<T>(query: (scope: DecryptingScope) => Promise<T>): Promise<T> {
    return this.#access.query((db, listMax) => query(this.#scope(db, listMax)));
  }

  /** Outside a transaction a change is one of its own. */
  async #change<T>(change: (scope: DecryptingScope, changes: ChangesOfTransaction) => Promise<T>): Promise<T> {
    const transaction = this.#transaction;
    if (transaction === undefined) return this.#write((store) => (store as Registry).#change(change));
    transaction.areAskedFor = true;
    return this.#access.change((db) => change(this.#scope(db), transaction));
  }

  #scope(db: Kysely<Tables>, listMax?: number): DecryptingScope {
    return { db, appid: this.#appid, dataKeys: this.#parts.dataKeys, listMax };
  }
}

/** Waits for all, whichever fails: what is still to be written must not come after the transaction. @throws the first failure. */
async function allSettled(work: readonly unknown[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((outcome) => outcome.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}

async function settle<T>(work: Promise<T>): Promise<{ readonly result: T } | { readonly refused: CorrectionRefused }> {
  try {
    return { result: await work };
  } catch (error) {
    if (error instanceof CorrectionRefused) return { refused: error };
    throw error;
  }
}

/** What a transaction has changed so far. */
export class ChangesOfTransaction {
  readonly touched = new Touched();
  readonly growth = new GrowthOfTransaction();
  /** Whether any change was asked for, even if nothing came of it. */
  areAskedFor = false;
}
