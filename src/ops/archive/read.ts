/** Reads an archive of persons, one person after the other. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ReadEntry } from 'tar';
import type { ArchivedFace, ArchivedPerson } from '../../store/archive/archived.ts';
import {
  type ArchiveManifest,
  manifestName,
  personsName,
  readFaceLine,
  readManifest,
  readPersonLine,
} from './format.ts';

/** Bytes of the longest line: a face has some 20,000, and a person with 5,000 groups a million at most. */
const lineBytesMax = 16 * 2 ** 20;

/** Bytes of a block of a tar, and of the longest description of an archive. */
const [blockLength, manifestBytesMax] = [512, 65_536];

/**
 * Reads what an archive says of itself, which is its first entry.
 * @throws Error if it cannot be read or is no archive of persons.
 */
export async function describeArchive(file: string): Promise<ArchiveManifest> {
  const { Header } = await import('tar');
  await using handle = await open(file);
  const block = Buffer.alloc(blockLength);
  await handle.read(block, 0, blockLength, 0);
  const { path, size = 0, cksumValid } = new Header(block, 0);
  if (!cksumValid || path !== manifestName || size > manifestBytesMax) {
    throw new Error(`${file} is no archive of persons: it does not begin with ${manifestName}`);
  }
  const json = Buffer.alloc(size);
  await handle.read(json, 0, size, blockLength);
  return readManifest(json.toString());
}

/**
 * Reads an archive. The last person is handed over before it is known whether the archive is whole: who reads it twice knows
 * by the end of the first time.
 * @param visit called with what the archive says of itself, and its persons.
 * @throws Error that says what is wrong with the archive; what `visit` throws.
 */
export async function readArchive(
  file: string,
  visit: (manifest: ArchiveManifest, persons: AsyncIterable<ArchivedPerson>) => Promise<void>,
): Promise<ArchiveManifest> {
  let manifest: ArchiveManifest | undefined;
  let isVisited = false;
  const read = async (entry: ReadEntry): Promise<void> => {
    if (entry.path === manifestName) manifest = readManifest((await entry.concat()).toString());
    else if (entry.path !== personsName)
      throw new Error(`${file} holds ${entry.path}, which no archive of persons does`);
    else if (manifest === undefined) throw new Error(`${file} does not begin with ${manifestName}`);
    else {
      await visit(manifest, personsOf(entry, manifest));
      isVisited = true;
    }
    entry.resume();
  };
  await readEntries(file, read);
  if (manifest === undefined || !isVisited) {
    throw new Error(
      `${file} is no whole archive of persons: it holds no ${manifest === undefined ? manifestName : personsName}`,
    );
  }
  return manifest;
}

/** Reads the entries of a tar, one after the other. @throws what `read` throws; Error if it is no whole tar. */
async function readEntries(file: string, read: (entry: ReadEntry) => Promise<void>): Promise<void> {
  const { Parser } = await import('tar');
  const { promise: ended, resolve, reject } = Promise.withResolvers<void>();
  let reading = Promise.resolve();
  const onReadEntry = (entry: ReadEntry): void => {
    reading = reading.then(() => read(entry));
    reading.catch(reject);
  };
  const parser = new Parser({ strict: true, onReadEntry });
  const input = createReadStream(file);
  const fail = (cause: Error): void => reject(new Error(`${file} is no whole archive: ${cause.message}`, { cause }));
  parser.on('error', fail);
  input.on('error', fail);
  parser.on('end', resolve);
  input.pipe(parser as unknown as NodeJS.WritableStream);
  try {
    await ended;
    await reading;
  } finally {
    input.destroy();
  }
}

async function* personsOf(entry: ReadEntry, manifest: ArchiveManifest): AsyncGenerator<ArchivedPerson, void> {
  const hash = createHash('sha256');
  let [line, persons, faces] = [0, 0, 0];
  let person: (Omit<ArchivedPerson, 'faces'> & { readonly faces: ArchivedFace[] }) | undefined;
  let missing = 0;
  for await (const json of linesOf(entry, (bytes) => hash.update(bytes))) {
    line += 1;
    if (person === undefined) {
      const { id, name, tag, groups, faces: count } = readPersonLine(json, line);
      person = { id, name, tag, groupIds: groups, faces: [] };
      missing = count;
      persons += 1;
    } else {
      person.faces.push(readFaceLine(json, line, person.id));
      missing -= 1;
      faces += 1;
    }
    if (missing > 0) continue;
    yield person;
    person = undefined;
  }
  if (person !== undefined) throw new Error(`${personsName} ends before the last face of the person ${person.id}`);
  if (persons !== manifest.persons || faces !== manifest.faces || hash.digest('hex') !== manifest.sha256) {
    throw new Error(`${personsName} was changed since the archive was made, or is cut off`);
  }
}

async function* linesOf(entry: ReadEntry, onBytes: (bytes: Uint8Array) => void): AsyncGenerator<string, void> {
  let pieces: Buffer[] = [];
  let length = 0;
  for await (const bytes of entry as AsyncIterable<Buffer>) {
    onBytes(bytes);
    let from = 0;
    for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, from)) {
      pieces.push(bytes.subarray(from, end));
      yield Buffer.concat(pieces).toString();
      pieces = [];
      length = 0;
      from = end + 1;
    }
    const rest = bytes.subarray(from);
    length += rest.length;
    if (length > lineBytesMax) throw new Error(`${personsName} has a line of more than ${lineBytesMax} bytes`);
    if (rest.length > 0) pieces.push(rest);
  }
  if (pieces.length > 0) throw new Error(`${personsName} does not end with a line feed`);
}
