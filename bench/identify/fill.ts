/**
 * Fills a registry with made-up people, without pictures. It writes to the tables with statements of its own, since the
 * store would need half an hour for a million faces.
 */
import type { KeyObject } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { encrypt } from '../../src/store/encryption/cipher.ts';
import { createNoise } from '../search/crowd.ts';

/** Faces per person; two of one person have a cosine of about 0.6. */
export const facesPerPerson = 5;
/** The group that everybody is in. */
export const everybody = 'all';

const spread = 0.8;
const personsPerTransaction = 20_000;

/** The people to make up, and the model of their embeddings. */
export interface People {
  readonly appid: string;
  /** The appid's data key. */
  readonly dataKey: KeyObject;
  readonly faces: number;
  readonly model: string;
  readonly dimension: number;
  /** The groups of a person, by the person's number. */
  readonly groupsOf: (person: number) => readonly string[];
}

/**
 * Registers the people in a database that is up to date and that nobody has open. The rows are those that the store
 * writes, except that crops have one byte and that no changes are recorded: a new index reads the tables, not the
 * changes.
 */
export function fill(file: string, people: People): void {
  const database = new DatabaseSync(file);
  database.exec('pragma synchronous = off; pragma cache_size = -200000');
  const write = statementsOf(database, people);
  const members = new Map<string, number>();
  const persons = Math.ceil(people.faces / facesPerPerson);
  const embeddingsOf = makeEmbeddings(people.dimension);
  for (let first = 0; first < persons; first += personsPerTransaction) {
    database.exec('begin');
    for (let person = first; person < Math.min(first + personsPerTransaction, persons); person++) {
      const personId = `person-${person}`;
      write.person(personId);
      people.groupsOf(person).forEach((groupId, i) => {
        const count = (members.get(groupId) ?? 0) + 1;
        members.set(groupId, count);
        if (count === 1) write.group(groupId, members.size);
        write.membership(groupId, personId, count, i + 1);
      });
      embeddingsOf(person).forEach((embedding, i) => {
        const faceId = String(10n ** 18n + BigInt(person * facesPerPerson + i) * 2048n);
        write.face(faceId, personId, i + 1, people.model, embedding);
      });
    }
    database.exec('commit');
  }
  for (const [groupId, count] of members) write.members(count, groupId);
  write.registry(members.size);
  database.exec('pragma wal_checkpoint(truncate)');
  database.close();
}

function statementsOf(database: DatabaseSync, { appid, dataKey }: People) {
  const insert = (table: string, columns: readonly string[]) =>
    database.prepare(
      `insert into ${table} (appid, ${columns.join()}) values ('${appid}', ${columns.map(() => '?').join()})`,
    );
  const person = insert('persons', ['person_id', 'name', 'tag']);
  const group = insert('groups', ['group_id', 'ordinal', 'members']);
  const membership = insert('memberships', ['group_id', 'person_id', 'member_ordinal', 'group_ordinal']);
  const numbers = ['box_x', 'box_y', 'box_width', 'box_height', 'gender', 'age', 'expression', 'glass'];
  const angles = ['pitch', 'yaw', 'roll'];
  const face = insert('faces', ['face_id', 'person_id', 'ordinal', 'tag', ...numbers, ...angles]);
  const embedding = insert('embeddings', ['face_id', 'model', 'embedding']);
  const crop = insert('crops', ['face_id', 'crop']);
  const registry = insert('registries', ['groups']);
  const members = database.prepare(`update groups set members = ? where appid = '${appid}' and group_id = ?`);
  return {
    person: (id: string) => person.run(id, '', ''),
    group: (id: string, ordinal: number) => group.run(id, ordinal, 0),
    membership: (groupId: string, personId: string, ofGroup: number, ofPerson: number) =>
      membership.run(groupId, personId, ofGroup, ofPerson),
    members: (count: number, groupId: string) => members.run(count, groupId),
    registry: (groups: number) => registry.run(groups),
    face(id: string, personId: string, ordinal: number, model: string, vector: Float32Array): void {
      face.run(id, personId, ordinal, '', 0, 0, 10_000, 10_000, 50, 30, 0, 0, 0, 0, 0);
      const plain = new Uint8Array(vector.buffer, vector.byteOffset, vector.byteLength);
      embedding.run(id, model, encrypt(dataKey, plain, ['embeddings', id, model]));
      crop.run(id, encrypt(dataKey, new Uint8Array(1), ['crops', id]));
    },
  };
}

/** Makes each person's embeddings from one long sequence of noise that is read at many offsets. */
export function makeEmbeddings(dimension: number): (person: number) => Float32Array[] {
  const places = 400_009;
  const noise = Float32Array.from({ length: places + dimension }, createNoise(20260101));
  return (person) => {
    const centre = (person * 7919) % places;
    return Array.from({ length: facesPerPerson }, (_, i) => {
      const own = ((person * facesPerPerson + i) * 104_729) % places;
      const embedding = new Float32Array(dimension);
      for (let k = 0; k < dimension; k++) embedding[k] = noise[centre + k]! + spread * noise[own + k]!;
      return normalize(embedding);
    });
  };
}

function normalize(vector: Float32Array): Float32Array {
  let sum = 0;
  for (let i = 0; i < vector.length; i++) sum += vector[i]! * vector[i]!;
  const length = Math.sqrt(sum);
  for (let i = 0; i < vector.length; i++) vector[i]! /= length;
  return vector;
}
