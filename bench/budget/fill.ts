/** Writes registries of made-up people into PostgreSQL by `copy`, past its checks of foreign keys: half a minute a million. */
import { spawn } from 'node:child_process';
import type { KeyObject } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { encrypt } from '../../src/store/encryption/cipher.ts';
import { everybody, facesPerPerson, makeEmbeddings } from '../identify/fill.ts';
import type { Server } from './server.ts';

/** A registry that is filled. */
export interface Registry {
  readonly appid: string;
  readonly faces: number;
  /** Its own, so that it has a graph of its own. */
  readonly model: string;
}

/** The id of a face, by the numbers of its person and of the face among theirs. */
function faceIdOf(person: number, face: number): string {
  return String(10n ** 18n + BigInt(person * facesPerPerson + face) * 2048n);
}

/** Persons whose rows are written at once. */
const personsAtOnce = 1_000;

/** Fills a registry that is empty but for its data key; the embeddings as vectors, too. */
export async function fill(
  server: Server,
  { appid, faces, model }: Registry,
  dataKey: KeyObject,
  dimension: number,
): Promise<void> {
  const persons = faces / facesPerPerson;
  const embeddingsOf = makeEmbeddings(dimension);
  await server.ask(
    `insert into registries (appid, groups) values ('${appid}', 1) on conflict (appid) do update set groups = 1`,
  );
  await server.ask(
    `insert into groups (appid, group_id, ordinal, members) values ('${appid}', '${everybody}', 1, ${persons})`,
  );
  const numbers = 'box_x, box_y, box_width, box_height, gender, age, expression, glass, pitch, yaw, roll';
  await using people = copyInto(server, 'persons (appid, person_id, name, tag)');
  await using members = copyInto(server, 'memberships (appid, group_id, person_id, member_ordinal, group_ordinal)');
  await using rows = copyInto(server, `faces (appid, face_id, person_id, ordinal, tag, ${numbers})`);
  await using embeddings = copyInto(server, 'embeddings (appid, face_id, model, embedding)', 'binary');
  await using vectors = copyInto(server, 'vectors (appid, face_id, model, person_id, embedding)', 'binary');
  for (const binary of [embeddings, vectors]) await binary.write([binaryHead]);
  for (let first = 0; first < persons; first += personsAtOnce) {
    const text = { people: '', members: '', rows: '' };
    const bytes: { embeddings: Buffer[]; vectors: Buffer[] } = { embeddings: [], vectors: [] };
    for (let person = first; person < Math.min(first + personsAtOnce, persons); person++) {
      const personId = `person-${person}`;
      text.people += `${appid}\t${personId}\t\t\n`;
      text.members += `${appid}\t${everybody}\t${personId}\t${person + 1}\t1\n`;
      for (const [i, embedding] of embeddingsOf(person).entries()) {
        const id = faceIdOf(person, i);
        text.rows += `${appid}\t${id}\t${personId}\t${i + 1}\t\t0\t0\t10000\t10000\t50\t30\t0\t0\t0\t0\t0\n`;
        const plain = new Uint8Array(embedding.buffer, embedding.byteOffset, embedding.byteLength);
        bytes.embeddings.push(...rowOf(appid, id, model, encrypt(dataKey, plain, ['embeddings', id, model])));
        bytes.vectors.push(...rowOf(appid, id, model, personId, vectorOf(embedding)));
      }
    }
    await Promise.all([
      people.write([Buffer.from(text.people)]),
      members.write([Buffer.from(text.members)]),
      rows.write([Buffer.from(text.rows)]),
      embeddings.write(bytes.embeddings),
      vectors.write(bytes.vectors),
    ]);
  }
  for (const binary of [embeddings, vectors]) await binary.write([Buffer.from([0xff, 0xff])]);
}

/** What a binary copy begins with. */
const binaryHead = Buffer.concat([Buffer.from('PGCOPY\n\xff\r\n\0', 'latin1'), Buffer.alloc(8)]);

/** A row of a binary copy. */
function rowOf(...values: readonly (string | Uint8Array)[]): readonly Buffer[] {
  const count = Buffer.alloc(2);
  count.writeInt16BE(values.length);
  return [
    count,
    ...values.flatMap((value) => {
      const bytes = Buffer.from(value as Uint8Array);
      const length = Buffer.alloc(4);
      length.writeInt32BE(bytes.length);
      return [length, bytes];
    }),
  ];
}

/** A vector as pgvector sends it. */
function vectorOf(embedding: Float32Array): Buffer {
  const bytes = Buffer.alloc(4 + embedding.length * 4);
  bytes.writeInt16BE(embedding.length);
  for (const [i, value] of embedding.entries()) bytes.writeFloatBE(value, 4 + i * 4);
  return bytes;
}

interface Copy extends AsyncDisposable {
  write(parts: readonly Uint8Array[]): Promise<void>;
}

function copyInto({ bin, url }: Server, table: string, format = 'text'): Copy {
  const words = [url, '-q', '-v', 'ON_ERROR_STOP=1', '-c', `copy ${table} from stdin (format ${format})`];
  const env = { ...process.env, PGOPTIONS: '-c session_replication_role=replica' };
  const psql = spawn(join(bin, 'psql'), words, { env, stdio: ['pipe', 'ignore', 'inherit'] });
  const closed = once(psql, 'close');
  return {
    async write(parts) {
      if (!psql.stdin.write(Buffer.concat(parts))) await once(psql.stdin, 'drain');
    },
    async [Symbol.asyncDispose]() {
      psql.stdin.end();
      const [code] = await closed;
      if (code !== 0) throw new Error(`copying into ${table} ended with ${code}`);
    },
  };
}
