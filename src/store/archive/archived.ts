/** What a registry holds of a person, as it is taken out of one and put into another. */
import type { Face, Limits, Person } from '../../domain/stores.ts';

/** The embedding of a face, and the digest of the model that made it. */
export interface ArchivedEmbedding {
  readonly model: string;
  readonly embedding: Float32Array;
}

/** A face with what recognition needs, as far as that was asked for. */
export interface ArchivedFace extends Face {
  /** Of every model that has embedded the face; empty if they were not asked for. */
  readonly embeddings: readonly ArchivedEmbedding[];
  /** A small JPEG; undefined if it was not asked for. */
  readonly crop: Uint8Array | undefined;
}

/** A face that can be recognised again where it is put. */
export type WholeFace = ArchivedFace & { readonly crop: Uint8Array };

/** A person with everything that belongs to it. */
export interface ArchivedPerson<F extends ArchivedFace = ArchivedFace> extends Person {
  /** In the order in which the person joined them. */
  readonly groupIds: readonly string[];
  /** In the order in which they were made. */
  readonly faces: readonly F[];
}

/** What is read of each face besides its row. */
export interface ArchivedParts {
  readonly crops: boolean;
  readonly embeddings: boolean;
}

/** Which of some ids are taken. */
export interface TakenIds {
  readonly persons: ReadonlySet<string>;
  /** The person of each face that is there. */
  readonly faces: ReadonlyMap<string, string>;
}

/** Somebody has an id that a person or a face of an archive needs. */
export class IdTaken extends Error {
  override readonly name = 'IdTaken';
}

/** Takes all persons out of the registry of an appid, and puts persons into it. */
export interface RegistryArchive {
  /**
   * Reads every person, as all of it was at one moment, in the order of their first faces, which is that of their registration;
   * those that have none come last. Memory is that of some fifty persons.
   * @param visit called with some persons at a time; the next ones are read when it resolves.
   */
  read(parts: ArchivedParts, visit: (persons: readonly ArchivedPerson[]) => Promise<void>): Promise<void>;
  /** Which of the ids are taken; some hundred at a time. */
  findTaken(personIds: readonly string[], faceIds: readonly string[]): Promise<TakenIds>;
  /**
   * Puts persons in, all of them or none, under the ids that they have.
   * @throws IdTaken if a person or a face of this id is there; Refusal `tooManyGroups`, `tooManyPersons`, `tooManyFaces` or
   *   `tooManyRequests` if a limit is in the way.
   */
  add(persons: readonly ArchivedPerson<WholeFace>[], limits: Limits): Promise<void>;
}
