/** Writes faces, with their embeddings and crops. */
import type { KeyObject } from 'node:crypto';
import type { Kysely, RawBuilder } from 'kysely';
import type { ModelEmbedding } from '../domain/face-analyzer.ts';
import type { Face, Limits, NewFace } from '../domain/stores.ts';
import { ModelsMissing } from '../errors/models-missing.ts';
import { whenSent } from './changes-of-transaction.ts';
import { dialectOf } from './dialects/dialect.ts';
import { constant, integer, text } from './dialects/expressions.ts';
import { encryptEmbedding } from './embeddings.ts';
import { encrypt } from './encryption/cipher.ts';
import { prepare, prepareWrite } from './prepared.ts';
import { type ChangingScope, nextOrdinal, type Scope } from './scope.ts';
import type { CropRow, EmbeddingRow, FaceRow, Tables } from './tables.ts';

/**
 * Writes a face. The person must exist.
 * @returns the bytes of its embeddings and crop; undefined, and nothing written, if the person has too many.
 * @throws ModelsMissing if the register has come to need embeddings that the face has not.
 */
export async function insertFace(scope: ChangingScope, face: NewFace, limits: Limits): Promise<number | undefined> {
  const { db, appid, changes } = scope;
  const { id, personId } = face;
  const embeddings = [{ model: face.model, embedding: face.embedding }, ...(face.further ?? [])];
  const models = embeddings.map(({ model }) => model);
  const told = changes.recorded.reserve();
  const [isInserted, key, ahead] = await Promise.all([
    insertRow(scope, face, limits.facesPerPersonMax, models),
    scope.key(),
    encryptAhead(scope, face, embeddings),
  ]);
  if (!isInserted) {
    const missing = await missingModels(db, { models: JSON.stringify(models) });
    if (missing.length > 0) throw new ModelsMissing(missing.map(({ model }) => model!));
    return undefined;
  }
  const encrypted = ahead?.key === key ? ahead : encryptFace(key, face, embeddings);
  changes.owe(insertCrop(db, { appid, id, crop: encrypted.crop }));
  for (const [i, { model, embedding }] of embeddings.entries()) {
    changes.owe(insertEncrypted(scope, { id, personId, model, embedding }, encrypted.embeddings[i]!));
  }
  const byModel = new Map(embeddings.map(({ model, embedding }) => [model, embedding]));
  told.push({ kind: 'insertFace', faceId: id, personId, embeddings: byModel });
  return encrypted.embeddings.reduce((sum, { byteLength }) => sum + byteLength, encrypted.crop.byteLength);
}

/** An embedding of a face. */
type EmbeddingOfFace = Pick<NewFace, 'id' | 'personId' | 'model' | 'embedding'>;

/** What is kept encrypted of a face. */
interface EncryptedFace {
  readonly key: KeyObject;
  readonly crop: Uint8Array;
  /** In the order of the models. */
  readonly embeddings: readonly Uint8Array[];
}

function encryptFace(
  key: KeyObject,
  { id, crop }: Pick<NewFace, 'id' | 'crop'>,
  embeddings: readonly ModelEmbedding[],
): EncryptedFace {
  return {
    key,
    crop: encrypt(key, crop, ['crops', id]),
    embeddings: embeddings.map((each) => encryptEmbedding(key, { id, ...each })),
  };
}

/** Encrypts while the database has the first statements, with the key that is probably the appid's. */
async function encryptAhead(
  { appid, dataKeys }: ChangingScope,
  ...face: [Pick<NewFace, 'id' | 'crop'>, readonly ModelEmbedding[]]
): Promise<EncryptedFace | undefined> {
  const key = dataKeys.known(appid);
  if (key === undefined) return undefined;
  await whenSent();
  return encryptFace(key, ...face);
}

/** Encrypts and writes an embedding of a face. @returns how many bytes it takes. */
export async function writeEmbedding(scope: Scope, key: KeyObject, embedding: EmbeddingOfFace): Promise<number> {
  const encrypted = encryptEmbedding(key, embedding);
  await insertEncrypted(scope, embedding, encrypted);
  return encrypted.byteLength;
}

/** Writes an embedding of a face that is encrypted. */
function insertEncrypted(
  { db, appid }: Scope,
  { id, personId, model, embedding }: EmbeddingOfFace,
  encrypted: Uint8Array,
): Promise<unknown> {
  return Promise.all([
    insertEmbedding(db, { appid, id, model, embedding: encrypted }),
    dialectOf(db).vectors?.insert(db, { appid, faceId: id, model, personId, embedding }),
  ]);
}

/** The models whose embeddings a face must have, of those that it has not. */
const missingModels = prepare((db: Kysely<Tables>, { models }: { readonly models: string }) =>
  requiredBeside(db, models).select('packs.model'),
);

function requiredBeside(db: Kysely<Tables>, models: string) {
  return db
    .selectFrom('packs')
    .where('packs.required', '=', constant(1))
    .where('packs.model', 'not in', db.selectFrom(dialectOf(db).asked(models)).select('value'));
}

/** Writes an embedding that is encrypted. */
const insertEmbedding = prepareWrite(
  (db: Kysely<Tables>, { appid, id, model, embedding }: Omit<EmbeddingRow, 'face_id'> & { readonly id: string }) =>
    db.insertInto('embeddings').values({ appid, face_id: id, model, embedding }),
);

/** Writes a crop that is encrypted. */
export const insertCrop = prepareWrite(
  (db: Kysely<Tables>, { appid, id, crop }: Omit<CropRow, 'face_id'> & { readonly id: string }) =>
    db.insertInto('crops').values({ appid, face_id: id, crop }),
);

/**
 * Writes the row of a face: one statement counts the person's faces, gives the face its place among them, and writes it.
 * @param models if they are given, nothing is written unless the register needs no embeddings but those of these.
 * @returns false, and nothing is written, if the person has `facesMax` faces.
 */
export async function insertRow(
  { db, appid }: Scope,
  face: Face,
  facesMax: number,
  models?: readonly string[],
): Promise<boolean> {
  const row = { ...rowOf(appid, face), facesMax };
  if (models === undefined) return (await insertAnyFace(db, row)) === 1;
  return (await insertWholeFace(db, { ...row, models: JSON.stringify(models) })) === 1;
}

type LimitedRow = InsertedRow & { readonly facesMax: number };

const insertAnyFace = prepareWrite((db: Kysely<Tables>, face: LimitedRow) => faceInsertion(db, face));

const insertWholeFace = prepareWrite((db: Kysely<Tables>, face: LimitedRow & { readonly models: string }) =>
  faceInsertion(db, face, face.models),
);

function faceInsertion(db: Kysely<Tables>, face: LimitedRow, models?: string) {
  const columns = Object.entries(columnsOf(db, face));
  return db
    .insertInto('faces')
    .columns(columns.map(([column]) => column as keyof FaceRow))
    .expression((eb) =>
      eb
        .selectFrom('faces')
        .select(columns.map(([column, value]) => value.as(column)))
        .where('appid', '=', face.appid)
        .where('person_id', '=', face.person_id)
        .having(eb.fn.countAll<number>(), '<', face.facesMax)
        .$if(models !== undefined, (query) =>
          query.having(eb.not(eb.exists(requiredBeside(db, models!).select('packs.name')))),
        ),
    );
}

/** A face's row but for its place and its day, which the statement decides. */
type InsertedRow = Omit<FaceRow, 'ordinal' | 'enrolled_day'>;

function rowOf(appid: string, { id, personId, tag, box, attributes, quality }: Face): InsertedRow {
  const { gender, age, expression, glass, pitch, yaw, roll } = attributes;
  return {
    appid,
    face_id: id,
    person_id: personId,
    tag,
    box_x: hundredths(box.x),
    box_y: hundredths(box.y),
    box_width: hundredths(box.width),
    box_height: hundredths(box.height),
    gender,
    age,
    expression,
    glass: glass ? 1 : 0,
    pitch,
    yaw,
    roll,
    quality: quality ?? null,
  };
}

/** A face's columns, each with what is selected for it. */
function columnsOf(db: Kysely<Tables>, face: InsertedRow): Record<keyof FaceRow, RawBuilder<unknown>> {
  return {
    appid: text(face.appid),
    face_id: text(face.face_id),
    person_id: text(face.person_id),
    ordinal: nextOrdinal('ordinal'),
    tag: text(face.tag),
    box_x: integer(face.box_x),
    box_y: integer(face.box_y),
    box_width: integer(face.box_width),
    box_height: integer(face.box_height),
    gender: integer(face.gender),
    age: integer(face.age),
    expression: integer(face.expression),
    glass: integer(face.glass),
    pitch: integer(face.pitch),
    yaw: integer(face.yaw),
    roll: integer(face.roll),
    quality: integer(face.quality),
    enrolled_day: dialectOf(db).today,
  };
}

function hundredths(pixels: number): number {
  return Math.round(pixels * 100);
}
