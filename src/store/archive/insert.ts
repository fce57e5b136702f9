/** Writes faces that come from an archive, under the ids that they have, with the embeddings of any model. */
import type { Limits } from '../../domain/stores.ts';
import { encrypt } from '../encryption/cipher.ts';
import { insertCrop, insertRow, writeEmbedding } from '../insert-face.ts';
import { reopenUnless } from '../packs/rows.ts';
import type { ChangingScope, DecryptingScope } from '../scope.ts';
import type { TakenIds, WholeFace } from './archived.ts';
import { listIn } from './read.ts';

/**
 * Writes a face. The person must exist, and no face may have the id.
 * @returns the bytes of its embeddings and crop; undefined, and nothing written, if the person has too many.
 */
export async function insertWholeFace(
  scope: ChangingScope,
  face: WholeFace,
  { facesPerPersonMax }: Limits,
): Promise<number | undefined> {
  const { db, appid } = scope;
  const { id, personId } = face;
  if (!(await insertRow(scope, face, facesPerPersonMax))) return undefined;
  const key = await scope.key();
  const crop = encrypt(key, face.crop, ['crops', id]);
  await insertCrop(db, { appid, id, crop });
  let bytes = crop.byteLength;
  for (const { model, embedding } of face.embeddings) {
    bytes += await writeEmbedding(scope, key, { id, personId, model, embedding });
  }
  await reopenUnless(
    db,
    face.embeddings.map(({ model }) => model),
  );
  scope.changes.recorded.add([{ kind: 'insertFace', faceId: id, personId }]);
  return bytes;
}

/** Which of some ids are taken. */
export async function findTaken(
  { db, appid }: DecryptingScope,
  personIds: readonly string[],
  faceIds: readonly string[],
): Promise<TakenIds> {
  const persons = await db
    .selectFrom('persons')
    .select('person_id')
    .where('appid', '=', appid)
    .where('person_id', 'in', listIn(db, personIds))
    .execute();
  const faces = await db
    .selectFrom('faces')
    .select(['face_id', 'person_id'])
    .where('appid', '=', appid)
    .where('face_id', 'in', listIn(db, faceIds))
    .execute();
  return {
    persons: new Set(persons.map((row) => row.person_id)),
    faces: new Map(faces.map((row) => [row.face_id, row.person_id])),
  };
}
