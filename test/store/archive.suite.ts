/** What taking persons out of a registry and putting them into one guarantees, whichever the database is. */
import assert from 'node:assert/strict';
import { isDeepStrictEqual } from 'node:util';
import { Refusal } from '../../src/errors/refusals.ts';
import { type ArchivedPerson, IdTaken, type WholeFace } from '../../src/store/archive/archived.ts';
import type { Stores } from '../../src/store/open.ts';
import { face, guarantees, type Home, idsOf, limits, person } from './fixtures.ts';

const everything = { crops: true, embeddings: true };

/** Everything in the registry of an appid. */
async function readAll(stores: Stores, appid: string, parts = everything): Promise<readonly ArchivedPerson[]> {
  const all: ArchivedPerson[] = [];
  await stores.archiveOf(appid).read(parts, async (persons) => void all.push(...persons));
  return all;
}

/** A person of an archive with faces, each embedded by two models. */
function archived(
  id: string,
  faceIds: readonly string[],
  groupIds: readonly string[] = ['g'],
): ArchivedPerson<WholeFace> {
  const faces = faceIds.map((faceId) => {
    const { model, embedding, ...rest } = face(faceId, id);
    const other = { model: 'sha256:1', embedding: embedding.slice(0, 64) };
    const quality = Number(faceId) % 2 === 0 ? { quality: Number(faceId) % 101 } : {};
    return { ...rest, ...quality, tag: `tag of ${faceId}`, embeddings: [{ model, embedding }, other] };
  });
  return { id, name: `name of ${id}`, tag: `tag of ${id}`, groupIds, faces };
}

/** Declares the tests of one database. */
export function archiveSuite(database: string, makeHome: () => Promise<Home>): void {
  const guarantee = guarantees(database, makeHome);

  guarantee('what is taken out of a registry and put into another is all there, under the same ids', async (stores) => {
    const persons = [
      ...Array.from({ length: 120 }, (_, i) =>
        archived(`p${200 - i}`, [`${1000 + 2 * i}`, `${1001 + 2 * i}`], ['b', 'a']),
      ),
      archived('without-groups', ['9000'], []),
      archived('faceless-1', []),
      archived('faceless-2', [], ['z', 'b']),
    ];
    for (const one of persons) await stores.archiveOf('1001').add([one], limits);
    const read = await readAll(stores, '1001');
    assert.deepEqual(read, persons);
    await stores.archiveOf('1002').add(read as ArchivedPerson<WholeFace>[], limits);
    assert.deepEqual(await readAll(stores, '1002'), persons);
    const store = stores.of('1002');
    assert.deepEqual(
      idsOf(await store.membersOf('b')),
      persons.filter(({ groupIds }) => groupIds.includes('b')).map(({ id }) => id),
    );
    const [found] = await store.findEmbeddings(['1001'], 'sha256:0');
    assert.deepEqual(found?.embedding, face('1001', 'p200').embedding);
    const [tenant] = await Promise.all([stores.tenants.add('1002', {})]).then(() => stores.tenants.list('1002'));
    assert.deepEqual([tenant?.kept.persons, tenant?.kept.faces], [persons.length, 241]);
  });

  guarantee('only what is asked for leaves the registry', async (stores) => {
    await stores.archiveOf('1001').add([archived('p', ['1'])], limits);
    const [bare] = await readAll(stores, '1001', { crops: false, embeddings: false });
    assert.deepEqual([bare?.faces[0]?.crop, bare?.faces[0]?.embeddings], [undefined, []]);
    assert.deepEqual(await readAll(stores, '1002'), []);
  });

  guarantee('a registry is read as it is at one moment, whatever is written meanwhile', async (stores) => {
    const archive = stores.archiveOf('1001');
    for (let i = 0; i < 60; i += 1) await archive.add([archived(`p${i}`, [`${100 + i}`])], limits);
    const read: string[] = [];
    await archive.read(everything, async (persons) => {
      if (read.length === 0) {
        await stores.of('1001').deletePerson('p55');
        await archive.add([archived('late', ['999'])], limits);
      }
      read.push(...persons.map(({ id }) => id));
    });
    assert.deepEqual(
      read,
      Array.from({ length: 60 }, (_, i) => `p${i}`),
    );
  });

  guarantee('an id that is taken refuses the persons that come with it, all of them', async (stores) => {
    const archive = stores.archiveOf('1001');
    await archive.add([archived('p', ['1'])], limits);
    const before = await readAll(stores, '1001');
    await assert.rejects(archive.add([archived('q', ['2']), archived('p', ['3'])], limits), IdTaken);
    await assert.rejects(archive.add([archived('q', ['2']), archived('r', ['1'])], limits), IdTaken);
    const tooMany = (error: unknown): boolean => error instanceof Refusal && error.refusal === 'tooManyFaces';
    await assert.rejects(archive.add([archived('q', ['2', '3'])], { ...limits, facesPerPersonMax: 1 }), tooMany);
    const full = (error: unknown): boolean => error instanceof Refusal && error.refusal === 'tooManyRequests';
    await assert.rejects(archive.add([archived('q', ['2'])], { ...limits, facesMax: 1 }), full);
    assert.ok(isDeepStrictEqual(await readAll(stores, '1001'), before));
    const taken = await archive.findTaken(['p', 'q'], ['1', '2']);
    assert.deepEqual([[...taken.persons], [...taken.faces]], [['p'], [['1', 'p']]]);
  });

  guarantee('who is put in is in the feed, so that servers find them', async (stores) => {
    await stores.archiveOf('1001').add([archived('p', ['1'])], limits);
    const batches = await Array.fromAsync(stores.feedOf('1001').since(0, 'sha256:1'));
    const kinds = batches.flatMap((batch) => batch!.changes).map(({ kind }) => kind);
    assert.deepEqual(kinds.toSorted(), ['insertFace', 'joinGroup']);
  });

  guarantee('the audit tells of each person that is put in', async (stores) => {
    await stores.of('1001').insertPerson(person('x'));
    const count = async () => (await Array.fromAsync(stores.audit.reader.all({ appid: '1001' }))).flat().length;
    const before = await count();
    await stores.archiveOf('1001').add([archived('p', ['1']), archived('q', ['2'])], limits);
    assert.equal(await count(), before + 1);
  });
}
