/**
 * Fills a register with made-up persons, one face each, by statements of its own: the store would need an hour for two hundred thousand of
 * them. The rows are those that newperson writes, but for the change feed, which a server that starts does not read, and the hashes of the
 * audit.
 */

import type { KeyObject } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { digestOf } from '../../src/store/audit/hash.ts';
import { encrypt } from '../../src/store/encryption/cipher.ts';
import { makeEmbeddings } from '../identify/fill.ts';

/** The group that everybody is in; each person is in one of the others, too. */
export const everybody = 'all';
/** Persons of each of the other groups. */
export const personsPerGroup = 1_000;

const personsPerTransaction = 10_000;
const surnames = ['Archer', 'Baker', 'Carter', 'Dyer', 'Fletcher', 'Miller', 'Turner', '李', '王', '张', '欧阳'];

/** Who is made up. */
export interface People {
  readonly appid: string;
  /** The appid's data key. */
  readonly dataKey: KeyObject;
  readonly persons: number;
  readonly model: string;
  readonly dimension: number;
  /** The picture of every face. */
  readonly crop: Uint8Array;
}

/** The id of a person, by its number. */
export const personIdOf = (person: number): string => `person-${String(person).padStart(6, '0')}`;
/** Its name. */
export const nameOf = (person: number): string =>
  `${surnames[(person * 7) % surnames.length]} ${String((person * 7_919) % 1_000_003).padStart(7, '0')}`;
/** The group besides {@link everybody}. */
export const groupOf = (person: number): string =>
  `group-${String(Math.floor(person / personsPerGroup)).padStart(4, '0')}`;

/** Registers the people in a database that is up to date and that nobody has open, whose appid has nobody yet. */
export function fill(file: string, people: People): void {
  using database = new DatabaseSync(file);
  database.exec('pragma synchronous = off; pragma cache_size = -200000');
  const { appid, dataKey, persons, model, dimension, crop } = people;
  const insert = (table: string, columns: string) =>
    database.prepare(
      `insert into ${table} (appid, ${columns}) values ('${appid}', ${columns
        .split(',')
        .map(() => '?')
        .join()})`,
    );
  const rows = {
    person: insert('persons', 'person_id, name, tag'),
    group: insert('groups', 'group_id, ordinal, members'),
    membership: insert('memberships', 'group_id, person_id, member_ordinal, group_ordinal'),
    face: insert(
      'faces',
      'face_id, person_id, ordinal, tag, box_x, box_y, box_width, box_height, gender, age, expression, glass, pitch, yaw, roll, quality',
    ),
    embedding: insert('embeddings', 'face_id, model, embedding'),
    crop: insert('crops', 'face_id, crop'),
    line: insert('audit', 'chain, sequence, at, kind, actor, action, ids, detail, code, request_id, hash'),
    subject: insert('audit_persons', 'digest, sequence, at'),
  };
  const groups = Math.ceil(persons / personsPerGroup);
  const start = Date.now() - persons * 1_000;
  const embeddingsOf = makeEmbeddings(dimension);
  database.exec('begin');
  rows.group.run(everybody, 1, persons);
  for (let group = 0; group < groups; group += 1)
    rows.group.run(groupOf(group * personsPerGroup), group + 2, personsPerGroup);
  for (let person = 0; person < persons; person += 1) {
    if (person % personsPerTransaction === personsPerTransaction - 1) database.exec('commit; begin');
    const [id, faceId] = [personIdOf(person), String(10n ** 18n + BigInt(person) * 2_048n)];
    rows.person.run(id, nameOf(person), person % 10 === 0 ? 'visitor' : '');
    rows.membership.run(everybody, id, person + 1, 1);
    rows.membership.run(groupOf(person), id, (person % personsPerGroup) + 1, 2);
    rows.face.run(faceId, id, 1, '', 0, 0, 10_000, 10_000, 50, 30, 0, 0, 0, 0, 0, person % 101);
    const [embedding] = embeddingsOf(person);
    const plain = new Uint8Array(embedding!.buffer, embedding!.byteOffset, embedding!.byteLength);
    rows.embedding.run(faceId, model, encrypt(dataKey, plain, ['embeddings', faceId, model]));
    rows.crop.run(faceId, encrypt(dataKey, crop, ['crops', faceId]));
    const digest = digestOf(dataKey, 'persons', id);
    const [sequence, at] = [person + 1_000_000, start + person * 1_000];
    const ids = JSON.stringify({ persons: [digest], faces: [digestOf(dataKey, 'faces', faceId)] });
    rows.line.run(
      '',
      sequence,
      at,
      'key',
      'AKIDofTheBenchmark',
      'newperson',
      ids,
      '',
      0,
      `request-${person}`,
      new Uint8Array(32),
    );
    rows.subject.run(digest, sequence, at);
  }
  database.exec(
    `update registries set groups = ${groups + 1}, persons = ${persons}, faces = ${persons} where appid = '${appid}'; commit`,
  );
  database.exec('pragma wal_checkpoint(truncate)');
}
