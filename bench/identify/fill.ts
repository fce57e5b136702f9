/** Knows how a register is filled with made-up people without looking at a picture. */
import type { NewFace } from '../../src/domain/stores.ts';
import type { Stores } from '../../src/store/open.ts';
import { createNoise } from '../search/crowd.ts';

/** Faces of one person, who is alike to himself by about 0.6. */
export const facesPerPerson = 5;
/** The group that everybody is in. */
export const everybody = 'all';

const spread = 0.8;
const personsPerTransaction = 200;
const limits = { groupsMax: 1e9, personsPerGroupMax: 1e9, facesPerPersonMax: 1e9 };
const attributes = { gender: 50, age: 30, expression: 0, glass: false, pitch: 0, yaw: 0, roll: 0 };

/** Who is made up, and by whose eyes. */
export interface People {
  readonly appid: string;
  readonly faces: number;
  readonly model: string;
  readonly dimension: number;
}

/** Registers the people through the store, each with five faces, in one group. Crops are a byte long. */
export async function fill(stores: Stores, { appid, faces, model, dimension }: People): Promise<void> {
  const noise = createNoise(20260101);
  const store = stores.of(appid);
  const persons = Math.ceil(faces / facesPerPerson);
  for (let first = 0; first < persons; first += personsPerTransaction) {
    await store.write(async (store) => {
      const last = Math.min(first + personsPerTransaction, persons);
      const register = async (person: number) => {
        const personId = `person-${person}`;
        await store.insertPerson({ id: personId, name: '', tag: '' });
        await store.joinGroup(personId, everybody, limits);
        for (const face of facesOf(person, personId)) await store.insertFace(face, limits);
      };
      // The first founds the group. Statements that do not wait for each other then reach the writer without a pause.
      await register(first);
      await Promise.all(Array.from({ length: last - first - 1 }, (_, i) => register(first + 1 + i)));
    });
  }

  function facesOf(person: number, personId: string): NewFace[] {
    const centre = Float32Array.from({ length: dimension }, noise);
    return Array.from({ length: facesPerPerson }, (_, i) => ({
      id: String(10n ** 18n + BigInt(person * facesPerPerson + i) * 2048n),
      personId,
      tag: '',
      box: { x: 0, y: 0, width: 100, height: 100 },
      attributes,
      model,
      embedding: normalize(centre.map((value) => value + spread * noise())),
      crop: new Uint8Array(1),
    }));
  }
}

function normalize(vector: Float32Array): Float32Array {
  const length = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
  return vector.map((value) => value / length);
}
