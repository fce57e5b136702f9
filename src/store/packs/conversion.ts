/** Reads the faces that a model has no embedding of, and writes their embeddings. */
import { type Kysely, sql } from 'kysely';
import { type Access, orStorageFailed, readInBulk } from '../access.ts';
import { placesOf } from '../corrections/rows.ts';
import type { Database } from '../database.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import { encryptEmbedding } from '../embeddings.ts';
import { DamagedValueError, decrypt } from '../encryption/cipher.ts';
import { type DataKeys, wrappedKeyOf } from '../encryption/data-keys.ts';
import { RecordedChanges } from '../feed/record.ts';
import { GrowthOfTransaction, grow } from '../growth.ts';
import { prepareWrite } from '../prepared.ts';
import type { EmbeddingRow, Tables } from '../tables.ts';
import { pruneAppid } from './prune.ts';

/** A face without an embedding. */
export interface FaceToConvert {
  readonly faceId: string;
  readonly personId: string;
  /** Undefined if there is none that can be read. */
  readonly crop: Uint8Array | undefined;
}

/** What came of a face. */
export type ConvertedFace = Pick<FaceToConvert, 'faceId' | 'personId'> &
  ({ readonly embedding: Float32Array } | { readonly reason: string });

/** How many faces cannot be converted, by reason. */
export type FailureCounts = Readonly<Record<string, number>>;

/** What a conversion would have to do. */
export interface ConversionSize {
  /** Without an embedding. */
  readonly faces: number;
  /** Of them without a crop. */
  readonly withoutCrop: number;
}

/** The embeddings of a model for all faces that were stored before it. */
export interface Conversion {
  /** Those of the appid after a face id that have no embedding of the model and were not found to be inconvertible, in order. */
  facesWithout(appid: string, model: string, after: string, count: number): Promise<readonly FaceToConvert[]>;
  /**
   * Writes what came of faces, those that were erased meanwhile left out.
   * @param isTold whether the change feed tells of them, for those who have read the model's embeddings already.
   * @returns how many embeddings were written.
   */
  write(appid: string, model: string, faces: readonly ConvertedFace[], isTold: boolean): Promise<number>;
  /** All faces, and those that a model has embedded. */
  count(model: string): Promise<{ readonly done: number; readonly total: number }>;
  /** What there is to do for a model; everything if it is null. */
  size(model: string | null): Promise<ConversionSize>;
  failures(model: string): Promise<FailureCounts>;
  /**
   * Deletes the embeddings of every model that no pack of the register has.
   * @param onDeleted called with how many are deleted so far.
   */
  prune(onDeleted?: (count: number) => void): Promise<number>;
}

/** What it works with. */
export interface ConversionParts {
  readonly database: Pick<Database, 'openBulk' | 'beside'>;
  readonly accessOf: (appid?: string) => Access;
  readonly dataKeys: DataKeys;
}

/** Opens it. */
export function openConversion(parts: ConversionParts): Conversion {
  const inBulk = readInBulk(parts.database);
  return {
    facesWithout: (appid, model, after, count) => readFaces(parts, { appid, model, after }, count),
    write: (appid, model, faces, isTold) =>
      parts.accessOf(appid).change((db) => writeFaces(db, parts.dataKeys, { appid, model, faces, isTold })),
    count: (model) => inBulk((db) => countConverted(db, model)),
    size: (model) => inBulk((db) => sizeOf(db, model ?? '')),
    failures: (model) => inBulk((db) => countFailures(db, model)),
    async prune(onDeleted = () => {}) {
      const appids = await inBulk((db) => db.selectFrom('registries').select('appid').orderBy('appid').execute());
      let deleted = 0;
      for (const { appid } of appids) {
        const pruned = { reader: parts.database.beside, access: parts.accessOf(appid), appid };
        for await (const count of pruneAppid(pruned)) {
          deleted += count;
          onDeleted(deleted);
        }
      }
      return deleted;
    },
  };
}

async function readFaces(
  { database, dataKeys }: ConversionParts,
  after: After,
  count: number,
): Promise<readonly FaceToConvert[]> {
  const rows = await orStorageFailed(facesWithout(database.beside, after, count));
  return rows.flatMap(({ face_id: faceId, person_id: personId, wrapped, crop }) => {
    // The appid was ended, and its faces are being erased.
    if (wrapped === null) return [];
    const open = (): Uint8Array => decrypt(dataKeys.open(after.appid, wrapped), crop!, ['crops', faceId]);
    return [{ faceId, personId, crop: crop === null ? undefined : opened(open) }];
  });
}

/** What is written of faces of an appid. */
interface Converted {
  readonly appid: string;
  readonly model: string;
  readonly faces: readonly ConvertedFace[];
  readonly isTold: boolean;
}

/** @returns how many embeddings were written. */
async function writeFaces(
  db: Kysely<Tables>,
  dataKeys: DataKeys,
  { appid, model, faces, isTold }: Converted,
): Promise<number> {
  const key = await dataKeys.find(db, appid);
  // The appid was ended.
  if (key === undefined) return 0;
  const [growth, recorded] = [new GrowthOfTransaction(), new RecordedChanges()];
  let count = 0;
  // Since they were read some may have been erased, or given to another person.
  const places = await placesOf(
    { db, appid },
    faces.map(({ faceId }) => faceId),
  );
  const owners = new Map(places.map(({ id, personId }) => [id, personId]));
  const written = await Promise.all(
    faces.map(async (face) => {
      const { faceId: id } = face;
      if (!owners.has(id)) return;
      if ('reason' in face) return void (await insertFailure(db, { appid, id, model, reason: face.reason }));
      const embedding = encryptEmbedding(key, { id, model, embedding: face.embedding });
      return (await insertEmbedding(db, { appid, id, model, embedding })) === 1 ? { face, embedding } : undefined;
    }),
  );
  for (const one of written) {
    if (one === undefined) continue;
    count += 1;
    growth.add({ bytes: one.embedding.byteLength });
    const { faceId, embedding } = one.face;
    const personId = owners.get(faceId)!;
    await dialectOf(db).vectors?.insert(db, { appid, faceId, model, personId, embedding });
    if (isTold) recorded.add([{ kind: 'insertFace', faceId, personId }]);
  }
  if (count > 0) await recorded.write(db, appid, grow(db, appid, growth, recorded.count));
  return count;
}

async function countConverted(db: Kysely<Tables>, model: string): ReturnType<Conversion['count']> {
  const { done } = await db
    .selectFrom('embeddings')
    .select((eb) => eb.fn.countAll<number>().as('done'))
    .where('model', '=', model)
    .executeTakeFirstOrThrow();
  const { total } = await db
    .selectFrom('registries')
    .select((eb) => eb.fn.sum<number | null>('faces').as('total'))
    .executeTakeFirstOrThrow();
  return { done, total: Number(total ?? 0) };
}

async function sizeOf(db: Kysely<Tables>, model: string): Promise<ConversionSize> {
  const without = db
    .selectFrom('faces')
    .where((eb) => eb.not(eb.exists(embeddingOf(db, model))))
    .select((eb) => eb.fn.countAll<number>().as('faces'));
  const { faces } = await without.executeTakeFirstOrThrow();
  const { faces: withoutCrop } = await without
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('crops')
            .select('crops.face_id')
            .whereRef('crops.appid', '=', 'faces.appid')
            .whereRef('crops.face_id', '=', 'faces.face_id'),
        ),
      ),
    )
    .executeTakeFirstOrThrow();
  return { faces, withoutCrop };
}

async function countFailures(db: Kysely<Tables>, model: string): Promise<FailureCounts> {
  const rows = await db
    .selectFrom('unconverted_faces')
    .select(['reason', (eb) => eb.fn.countAll<number>().as('faces')])
    .where('model', '=', model)
    .groupBy('reason')
    .execute();
  return Object.fromEntries(rows.map(({ reason, faces }) => [reason, faces]));
}

function opened(decrypting: () => Uint8Array): Uint8Array | undefined {
  try {
    return decrypting();
  } catch (error) {
    if (error instanceof DamagedValueError) return undefined;
    throw error;
  }
}

/** The embedding that a model has made of a face. */
function embeddingOf(db: Kysely<Tables>, model: string) {
  return db
    .selectFrom('embeddings')
    .select('embeddings.face_id')
    .whereRef('embeddings.appid', '=', sql.ref('faces.appid'))
    .whereRef('embeddings.face_id', '=', sql.ref('faces.face_id'))
    .where('embeddings.model', '=', model);
}

interface After {
  readonly appid: string;
  readonly model: string;
  readonly after: string;
}

function facesWithout(db: Kysely<Tables>, { appid, model, after }: After, count: number) {
  return db
    .selectFrom('faces')
    .leftJoin('crops', (join) =>
      join.onRef('crops.appid', '=', 'faces.appid').onRef('crops.face_id', '=', 'faces.face_id'),
    )
    .select(['faces.face_id', 'faces.person_id', 'crops.crop', wrappedKeyOf(appid).as('wrapped')])
    .where('faces.appid', '=', appid)
    .where('faces.face_id', '>', after)
    .where((eb) => eb.not(eb.exists(embeddingOf(db, model))))
    .where((eb) =>
      eb.not(
        eb.exists(
          eb
            .selectFrom('unconverted_faces')
            .select('unconverted_faces.face_id')
            .whereRef('unconverted_faces.appid', '=', 'faces.appid')
            .whereRef('unconverted_faces.face_id', '=', 'faces.face_id')
            .where('unconverted_faces.model', '=', model),
        ),
      ),
    )
    .orderBy('faces.face_id')
    .limit(constant(count))
    .execute();
}

type FaceOf = { readonly appid: string; readonly id: string; readonly model: string };

const insertEmbedding = prepareWrite(
  (db: Kysely<Tables>, { appid, id, model, embedding }: FaceOf & Pick<EmbeddingRow, 'embedding'>) =>
    db
      .insertInto('embeddings')
      .values({ appid, face_id: id, model, embedding })
      .onConflict((conflict) => conflict.doNothing()),
);

const insertFailure = prepareWrite((db: Kysely<Tables>, { appid, id, model, reason }: FaceOf & { reason: string }) =>
  db
    .insertInto('unconverted_faces')
    .values({ appid, face_id: id, model, reason })
    .onConflict((conflict) => conflict.doNothing()),
);
