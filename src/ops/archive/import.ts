/** Puts the persons of an archive into a registry, under the ids that they have. */
import type { Limits } from '../../domain/stores.ts';
import { type ArchivedPerson, IdTaken, type RegistryArchive, type WholeFace } from '../../store/archive/archived.ts';
import type { ArchiveManifest } from './format.ts';
import { readArchive } from './read.ts';

/** How many persons, and faces of them, are put in by one transaction: calls of servers wait for it, some milliseconds. */
const [personsOfBatch, facesOfBatch] = [20, 60];
/** How many ids that are taken are named. */
const namedMax = 10;

/** What is imported, and where to. */
export interface ImportOptions {
  readonly file: string;
  readonly archive: RegistryArchive;
  readonly limits: Limits;
  /** Whether everything is checked and nothing written. */
  readonly isDryRun: boolean;
  /** Called with how many of how many steps are done: each person is checked, and then put in. */
  readonly onProgress: (done: number, total: number) => void;
  /** Aborts when no further persons are to be put in. */
  readonly signal: AbortSignal;
}

/** What came of it. */
export interface ImportReport {
  readonly manifest: ArchiveManifest;
  /** Persons and faces that were put in, or would have been. */
  readonly persons: number;
  readonly faces: number;
  /** Persons who were there with their faces already: of an import that was interrupted. */
  readonly known: number;
  /** How many faces each model has embedded. */
  readonly models: Readonly<Record<string, number>>;
}

/** The archive cannot be put in; nothing was changed. */
export class ArchiveRefused extends Error {
  override readonly name = 'ArchiveRefused';
}

/**
 * Imports an archive: checks all of it first, and then puts the persons in, some at a time, each whole. One that is interrupted
 * goes on when it is begun again: persons who are there with all their faces are passed over.
 * @throws ArchiveRefused, with nothing changed, if the archive is not whole, holds no crops or embeddings, or if ids are taken.
 * @throws Refusal if a limit is in the way, and IdTaken if somebody took an id meanwhile: the persons before are there.
 */
export async function importArchive(options: ImportOptions): Promise<ImportReport> {
  const checked = await check(options);
  const report = { manifest: checked.manifest, known: checked.known, models: checked.models };
  if (options.isDryRun) return { ...report, persons: checked.persons, faces: checked.faces };
  return { ...report, ...(await putIn(options, checked.manifest.persons)) };
}

/** How far persons of an archive are there already. */
interface Compared {
  readonly missing: readonly ArchivedPerson<WholeFace>[];
  readonly known: number;
  /** What somebody else has the ids of. */
  readonly taken: readonly string[];
}

async function check({ file, archive, onProgress }: ImportOptions) {
  const found = { persons: 0, faces: 0, known: 0, models: {} as Record<string, number> };
  const taken: string[] = [];
  let takenCount = 0;
  const manifest = await readArchive(file, async (manifest, persons) => {
    if (!manifest.crops || !manifest.embeddings) {
      const missing = ['crops', 'embeddings'].filter((part) => !manifest[part as 'crops' | 'embeddings']);
      throw new ArchiveRefused(
        `${file} holds no ${missing.join(' and no ')}, without which nobody is recognised: export with --crops --embeddings`,
      );
    }
    let done = 0;
    for await (const batch of batches(persons)) {
      const compared = await compare(archive, batch);
      found.known += compared.known;
      for (const { faces } of compared.missing) {
        found.persons += 1;
        found.faces += faces.length;
      }
      for (const { model } of batch.flatMap(({ faces }) => faces).flatMap(({ embeddings }) => embeddings)) {
        found.models[model] = (found.models[model] ?? 0) + 1;
      }
      takenCount += compared.taken.length;
      taken.push(...compared.taken.slice(0, namedMax - taken.length));
      done += batch.length;
      onProgress(done, manifest.persons * 2);
    }
  });
  if (takenCount > 0) {
    const more = takenCount > taken.length ? `\nand ${takenCount - taken.length} more` : '';
    throw new ArchiveRefused(`nothing was imported, since ids are taken:\n${taken.join('\n')}${more}`);
  }
  return { manifest, ...found };
}

async function putIn(
  { file, archive, limits, onProgress, signal }: ImportOptions,
  total: number,
): Promise<{ readonly persons: number; readonly faces: number }> {
  const added = { persons: 0, faces: 0 };
  let done = total;
  await readArchive(file, async (_, persons) => {
    for await (const batch of batches(persons)) {
      signal.throwIfAborted();
      const { missing, taken } = await compare(archive, batch);
      if (taken.length > 0) throw new IdTaken(taken.join('\n'));
      if (missing.length > 0) await archive.add(missing, limits);
      added.persons += missing.length;
      added.faces += missing.reduce((sum, { faces }) => sum + faces.length, 0);
      done += batch.length;
      onProgress(done, total * 2);
    }
  });
  return added;
}

async function compare(archive: RegistryArchive, batch: readonly ArchivedPerson<WholeFace>[]): Promise<Compared> {
  const there = await archive.findTaken(
    batch.map(({ id }) => id),
    batch.flatMap(({ faces }) => faces.map(({ id }) => id)),
  );
  const missing: ArchivedPerson<WholeFace>[] = [];
  const taken: string[] = [];
  let known = 0;
  for (const person of batch) {
    const { id, faces } = person;
    if (there.persons.has(id)) {
      if (faces.every((face) => there.faces.get(face.id) === id)) known += 1;
      else taken.push(`there is a person ${id}, whose faces are others`);
      continue;
    }
    const face = faces.find((one) => there.faces.has(one.id));
    if (face === undefined) missing.push(person);
    else taken.push(`there is a face ${face.id}, which is of the person ${there.faces.get(face.id)} and not of ${id}`);
  }
  return { missing, known, taken };
}

/** Persons in lists that one transaction puts in. */
async function* batches(
  persons: AsyncIterable<ArchivedPerson>,
): AsyncGenerator<readonly ArchivedPerson<WholeFace>[], void> {
  let batch: ArchivedPerson<WholeFace>[] = [];
  let faces = 0;
  for await (const person of persons) {
    batch.push(whole(person));
    faces += person.faces.length;
    if (batch.length < personsOfBatch && faces < facesOfBatch) continue;
    yield batch;
    [batch, faces] = [[], 0];
  }
  if (batch.length > 0) yield batch;
}

function whole(person: ArchivedPerson): ArchivedPerson<WholeFace> {
  const faces = person.faces.map((face) => {
    const { crop } = face;
    if (crop === undefined || face.embeddings.length === 0) {
      throw new ArchiveRefused(`the face ${face.id} has no ${crop === undefined ? 'crop' : 'embedding'}`);
    }
    return { ...face, crop };
  });
  return { ...person, faces };
}
