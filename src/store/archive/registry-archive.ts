/** Takes all persons out of a registry at one moment, and puts persons into it. */
import type { Limits } from '../../domain/stores.ts';
import { Refusal } from '../../errors/refusals.ts';
import type { Database } from '../database.ts';
import { dialectOf } from '../dialects/dialect.ts';
import type { DataKeys } from '../encryption/data-keys.ts';
import type { Registry } from '../registry.ts';
import { type ArchivedParts, type ArchivedPerson, IdTaken, type RegistryArchive, type WholeFace } from './archived.ts';
import { readPersons } from './read.ts';

/** Makes it, of what the stores are made of. */
export function registryArchive(
  appid: string,
  registry: Registry,
  { database, dataKeys }: { readonly database: Pick<Database, 'openBulk'>; readonly dataKeys: DataKeys },
): RegistryArchive {
  return {
    async read(parts: ArchivedParts, visit) {
      const bulk = database.openBulk();
      try {
        const snapshot = bulk.transaction().setIsolationLevel('repeatable read');
        await snapshot.execute(async (db) => {
          await dialectOf(db).preferIndexes?.(db);
          for await (const persons of readPersons({ db, appid, dataKeys }, parts)) await visit(persons);
        });
      } finally {
        await bulk.destroy();
      }
    },
    findTaken: (personIds, faceIds) => registry.findTaken(personIds, faceIds),
    add: (persons, limits) =>
      registry.write(async (store) => {
        for (const person of persons) await add(store as Registry, person, limits);
      }),
  };
}

async function add(registry: Registry, person: ArchivedPerson<WholeFace>, limits: Limits): Promise<void> {
  const { id, name, tag, groupIds, faces } = person;
  if (!(await registry.insertPerson({ id, name, tag }))) throw new IdTaken(`there is a person ${id}`);
  const joined = groupIds.length === 0 ? { joined: 0 } : await registry.joinGroups(id, groupIds, limits);
  if ('refusal' in joined) throw new Refusal(joined.refusal, joined.groupId);
  // Nobody else writes to the registry before the transaction ends.
  const [taken] = (
    await registry.findTaken(
      [],
      faces.map((face) => face.id),
    )
  ).faces.keys();
  if (taken !== undefined) throw new IdTaken(`there is a face ${taken}`);
  for (const face of faces) {
    if (!(await registry.insertWholeFace(face, limits))) throw new Refusal('tooManyFaces', id);
  }
}
