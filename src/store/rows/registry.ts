/** The rows of the register: persons, groups, faces, and what changed. */
import type { Generated } from 'kysely';

/** What one appid keeps as a whole; made with its first group or change. */
export interface RegistryRow {
  appid: string;
  /** How many groups the appid has; decides `groupsMax`. */
  groups: number;
  /** How many persons and faces it has, and bytes of embeddings and crops; decide the limits that are set for the appid. */
  persons: Generated<number>;
  faces: Generated<number>;
  bytes: Generated<number>;
  /** How many changes there have been: the sequence of the last one. */
  changes: Generated<number>;
  /** The sequence of the last change that is no longer kept. */
  forgotten: Generated<number>;
}

/** A change of a registry, for its followers; columns that its kind does not use are empty. */
export interface ChangeRow {
  appid: string;
  /** Counts the appid's changes from 1; never used twice. */
  sequence: number;
  /** Of `updatePerson` nothing can be searched; it is for who copies the register. */
  kind: 'insertFace' | 'removeFace' | 'removePerson' | 'updatePerson' | 'joinGroups' | 'leaveGroups';
  person_id: string;
  face_id: string;
  /** A JSON list. */
  group_ids: string;
}

/** A person. */
export interface PersonRow {
  appid: string;
  person_id: string;
  name: string;
  tag: string;
}

/** A group, which has at least one member. */
export interface GroupRow {
  appid: string;
  group_id: string;
  /** Order of creation among the appid's groups. */
  ordinal: number;
  /** How many memberships name the group; decides `personsPerGroupMax`. */
  members: number;
}

/** The membership of a person in a group. */
export interface MembershipRow {
  appid: string;
  group_id: string;
  person_id: string;
  /** Order of joining among the group's members. */
  member_ordinal: number;
  /** Order of joining among the person's groups. */
  group_ordinal: number;
}

/** A face, without what recognition needs. */
export interface FaceRow {
  appid: string;
  face_id: string;
  person_id: string;
  /** Order of creation among the person's faces. */
  ordinal: number;
  tag: string;
  /** The box's sides in hundredths of a pixel. */
  box_x: number;
  box_y: number;
  box_width: number;
  box_height: number;
  gender: number;
  age: number;
  expression: number;
  /** 1 with glasses, else 0. */
  glass: number;
  pitch: number;
  yaw: number;
  roll: number;
  /** 0 to 100, as it was measured when the face was added; null of one that a version before added. */
  quality: number | null;
  /** When it was enrolled, in days since 1970 in UTC. */
  enrolled_day: Generated<number>;
}

/** The embedding of a face by one model. Never changed once written. */
export interface EmbeddingRow {
  appid: string;
  face_id: string;
  /** Digest of the model. */
  model: string;
  /** Little-endian 32-bit floats, encrypted with the appid's data key. */
  embedding: Uint8Array;
}

/** The picture of a face, from which a later model can make its embedding. Never changed once written. */
export interface CropRow {
  appid: string;
  face_id: string;
  /** A small JPEG, encrypted with the appid's data key. */
  crop: Uint8Array;
}
