/** The port to storage: the registry of one appid, and transactions over it. */
import type { Attributes, Box, ModelEmbedding } from './face-analyzer.ts';

/** A stored person. */
export interface Person {
  readonly id: string;
  /** Empty if never set. */
  readonly name: string;
  /** Empty if never set. */
  readonly tag: string;
}

/** What setinfo may change; an absent field is left as it is, an empty one is cleared. */
export interface PersonChange {
  readonly name?: string | undefined;
  readonly tag?: string | undefined;
}

/** A face as it is read back. Box sides keep two decimals. */
export interface Face {
  readonly id: string;
  readonly personId: string;
  /** Empty if never set. */
  readonly tag: string;
  readonly box: Box;
  readonly attributes: Attributes;
  /** 0 to 100, as it was measured when the face was added; absent of one that a version before added. */
  readonly quality?: number | undefined;
}

/** A face as it is written, with what recognition needs. */
export interface NewFace extends Face {
  /** Digest of the model that made {@link NewFace.embedding}. */
  readonly model: string;
  readonly embedding: Float32Array;
  /** Those of other models that the register keeps. */
  readonly further?: readonly ModelEmbedding[] | undefined;
  /** A small JPEG of the aligned face. */
  readonly crop: Uint8Array;
}

/** An embedding and the face it belongs to. */
export interface FaceEmbedding {
  readonly faceId: string;
  readonly embedding: Float32Array;
}

/** The crop that is kept of a face. */
export interface FaceCrop {
  readonly faceId: string;
  /** As in {@link NewFace.crop}. */
  readonly crop: Uint8Array;
}

/** How large one appid's registry may grow (docs/contract.md §3.1). */
export interface Limits {
  readonly groupsMax: number;
  readonly personsPerGroupMax: number;
  readonly facesPerPersonMax: number;
  /** Persons of the appid; no limit if absent, as for the next two. */
  readonly personsMax?: number;
  /** Faces of the appid. */
  readonly facesMax?: number;
  /** Bytes of the appid's embeddings and crops, as they are stored. */
  readonly bytesMax?: number;
}

/** What a registry gains, or loses where it is negative. */
export interface Growth {
  readonly persons: number;
  readonly faces: number;
  /** Of embeddings and crops, as they are stored. */
  readonly bytes: number;
}

/**
 * Ids in order, as a JSON list. It is as long as the limits let it be, so it is encoded where it is read, beside
 * the main thread if it is long, and handed on as it is.
 */
export interface IdList {
  /** The JSON itself; bytes of UTF-8 if it may be long. */
  readonly json: string | Uint8Array;
}

/** A person with everything that belongs to it. */
export interface PersonDetails {
  readonly person: Person;
  readonly faceIds: IdList;
  readonly groupIds: IdList;
}

/** What came of asking a person into groups. */
export type JoinOutcome =
  /** How many of the groups are new to the person. */
  | { readonly joined: number }
  /** The first group that a limit keeps the person out of; nothing was written. */
  | { readonly refusal: 'tooManyPersons' | 'tooManyGroups'; readonly groupId: string };

/** A person who is registered with a face. */
export interface NewMember {
  readonly person: Person;
  /** They must differ. */
  readonly groupIds: readonly string[];
  /** Of the person. */
  readonly face: NewFace;
}

/** Why a person is not registered, and whose id it is about: of the person, of a group, or empty. */
export interface RegistrationRefusal {
  readonly refusal: 'personExists' | 'tooManyPersons' | 'tooManyGroups' | 'tooManyFaces';
  readonly id: string;
}

/**
 * The registry of one appid. Lists are in order of creation. Uniqueness and limits are decided by the database within
 * the statement that writes. Outside {@link Store.write} every method is its own transaction. A transaction in which a face
 * is inserted ends with Refusal `tooManyRequests` if all of it together goes beyond what the appid may keep: `personsMax`,
 * `facesMax` or `bytesMax` of the limits that were given.
 */
export interface Store {
  /**
   * Runs `work` in one write transaction; what it throws rolls everything back and is rethrown. Resolves when the
   * transaction is durable. The `store` handed over takes the outer one's place inside; await nothing else there.
   * In the store of one call the transaction counts the call, too, if `work` asked for any change and did not throw:
   * a call must end well after it, and have no other like it.
   */
  write<T>(work: (store: Store) => Promise<T>): Promise<T>;
  /** Runs `work` over one unchanging snapshot. The same rule holds. */
  read<T>(work: (store: Store) => Promise<T>): Promise<T>;

  /**
   * Passes if the registry may grow by so much, as things are now.
   * @throws Refusal `tooManyRequests` that says which limit is in the way.
   */
  refuseIfFull(growth: Partial<Growth>, limits: Limits): Promise<void>;
  /** Hears of a person who will probably be registered, in these groups: what takes time and needs no face can be done before. */
  foresee(personId: string, groupIds: readonly string[]): void;
  findPerson(personId: string): Promise<Person | undefined>;
  /** All of it as it was at one moment. */
  findDetails(personId: string): Promise<PersonDetails | undefined>;
  /** False, and nothing written, if the id is taken. */
  insertPerson(person: Person): Promise<boolean>;
  /**
   * Writes a person, its memberships and its face, all or nothing: as {@link insertPerson}, {@link joinGroups} and
   * {@link insertFace} would one after the other. A refusal undoes the whole transaction.
   */
  register(member: NewMember, limits: Limits): Promise<RegistrationRefusal | undefined>;
  /** False if there is no such person. */
  updatePerson(personId: string, change: PersonChange): Promise<boolean>;
  /** Erases the person with every face, embedding, crop and membership; groups left empty end. False if unknown. */
  deletePerson(personId: string): Promise<boolean>;

  /**
   * Makes a person a member of groups, all of them or none; creates those that are not there, in the order given. The
   * person must exist, and the ids must differ.
   */
  joinGroups(personId: string, groupIds: readonly string[], limits: Limits): Promise<JoinOutcome>;
  /** Ends memberships; answers how many there were. A group ends with its last member. */
  leaveGroups(personId: string, groupIds: readonly string[]): Promise<number>;
  groupsOf(personId: string): Promise<IdList>;
  /** Undefined if there is no group. */
  groups(): Promise<IdList | undefined>;
  /** Whether there is any of the groups. */
  hasAnyGroup(groupIds: readonly string[]): Promise<boolean>;
  /** Undefined if there is no such group; a group is never empty. */
  membersOf(groupId: string): Promise<IdList | undefined>;

  /**
   * False, and nothing written, if the person has `facesPerPersonMax` faces. The person must exist.
   * @throws ModelsMissing, and nothing is written, if the register has come to need embeddings that the face has not.
   */
  insertFace(face: NewFace, limits: Limits): Promise<boolean>;
  findFace(faceId: string): Promise<Face | undefined>;
  /** Those of the faces that are there, in no order; a few hundred ids at most. */
  findFaces(faceIds: readonly string[]): Promise<readonly Face[]>;
  /** Undefined if there is no such person. */
  facesOf(personId: string): Promise<IdList | undefined>;
  /** Erases those of the faces that belong to the person, embedding and crop with them; answers which they were. */
  deleteFaces(personId: string, faceIds: readonly string[]): Promise<readonly string[]>;
  /** The embeddings that `model` made of those of the faces that are there, in no order; a few hundred ids at most. */
  findEmbeddings(faceIds: readonly string[], model: string): Promise<readonly FaceEmbedding[]>;
  /** The crops of those of the faces that are there, in no order; a few hundred ids at most. */
  findCrops(faceIds: readonly string[]): Promise<readonly FaceCrop[]>;
  /** The person's embeddings made by `model`, in the faces' order. */
  embeddingsOf(personId: string, model: string): Promise<readonly FaceEmbedding[]>;
}

/** One answered call, as usage is counted (docs/contract.md §5). */
export interface CountedCall {
  readonly appid: string;
  /** Day in the configured time zone, `2026-11-30`. */
  readonly day: string;
  /** The key that signed it. */
  readonly secretId: string;
  /** The endpoint's name. */
  readonly endpoint: string;
  /** The code that it was answered with. */
  readonly code: number;
  /** Pictures processed. */
  readonly pictures: number;
  /** Faces processed. */
  readonly faces: number;
}

/** Who does something that the audit tells of, and by what. */
export interface Act {
  /** A caller with a key; a person at the command line; or the server by itself. */
  readonly kind: 'key' | 'operator' | 'server';
  /** The SecretId; else the account of the operating system. */
  readonly actor: string;
  /** The endpoint or the command: `newperson`, `keys add`. */
  readonly action: string;
  /** The request's id; else one of the command's run. */
  readonly requestId: string;
}

/** The ids that a call names, whether or not there is what they name. */
export interface AskedIds {
  readonly persons: readonly string[];
  readonly faces: readonly string[];
  readonly groups: readonly string[];
}

/** What the audit tells of a call that changed nothing. */
export interface AuditedCall {
  readonly requestId: string;
  readonly ids: AskedIds;
  /** Who made it, and by what, if that is not the key and the endpoint that it is counted for. */
  readonly by?: Pick<Act, 'kind' | 'actor' | 'action'> | undefined;
}

/** A call that writes: it is counted in the transaction of what it writes, so that both are durable or neither. */
export interface CallWrites {
  /** The call as it is counted, if it ends well: asked for when its transaction is about to be committed. */
  call(): CountedCall;
  /** Who makes the call, for the line of the audit that is written in the same transaction. */
  act(): Act;
  /** The transaction is durable, and the call counted. */
  counted(): void;
  /** A transaction has ended, one way or the other, after so many milliseconds. */
  took(ms: number): void;
}

/** What calls may be told apart by in a report, besides their appid. */
export type UsageDimension = 'month' | 'day' | 'secretId' | 'endpoint' | 'code';

/** What a report is asked for. */
export interface UsageQuery {
  /** The first day, `2026-11-01`. */
  readonly from: string;
  /** The last day, `2026-11-30`. */
  readonly to: string;
  /** Of this appid only. */
  readonly appid?: string | undefined;
  /** By what calls are told apart, and sorted. */
  readonly by: readonly UsageDimension[];
}

/**
 * One line of a usage report; only what was asked for is there. Where calls were counted by month, a day is a month, `2026-11`, and a
 * SecretId empty; the code of those that were refused then is -1.
 */
export interface UsageRow {
  readonly appid: string;
  readonly month?: string;
  readonly day?: string;
  readonly secretId?: string;
  readonly endpoint?: string;
  readonly code?: number;
  /** Calls answered with code 0. */
  readonly ok: number;
  /** Calls answered with any other code. */
  readonly failed: number;
  readonly pictures: number;
  readonly faces: number;
}

/** Where calls are counted. */
export interface UsageLedger {
  /**
   * Resolves when the count is durable; counts that arrive together share one transaction.
   * @param audited what the audit tells of the call, in the same transaction; nothing if absent.
   */
  count(call: CountedCall, audited?: AuditedCall): Promise<void>;
  /** Sorted by appid, then by what was asked for. */
  report(query: UsageQuery): Promise<readonly UsageRow[]>;
}
