/** Writes an archive of persons: a tar that is there whole or not at all, with memory for a few persons. */
import { createHash, randomUUID } from 'node:crypto';
import { type FileHandle, link, open, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { syncFolder } from '../../files/files.ts';
import type { ArchivedParts, RegistryArchive } from '../../store/archive/archived.ts';
import { type ArchiveManifest, linesOf, manifestName, personsName } from './format.ts';

/** Bytes of a block of a tar. */
const blockLength = 512;
/**
 * Bytes of what the archive says of itself, filled up with spaces: it comes first, and is known last. Version and pack are
 * names of some characters.
 */
const manifestLength = 2 * blockLength;

/** What an archive is made of. */
export interface ArchiveOptions {
  readonly archive: RegistryArchive;
  readonly appid: string;
  readonly parts: ArchivedParts;
  /** A new file. */
  readonly target: string;
  /** Of the program. */
  readonly version: string;
  /** As in {@link ArchiveManifest.pack}. */
  readonly pack: string | null;
  readonly now: Date;
  /** Called with how many persons are written. */
  readonly onProgress: (done: number) => void;
}

/**
 * Writes all persons of a registry, as they are at one moment.
 * @returns what the archive says of itself.
 * @throws Error, with nothing left at the target, if there is something there already or the disk is full.
 */
export async function writeArchive({ target, ...options }: ArchiveOptions): Promise<ArchiveManifest> {
  const draft = `${resolve(target)}.${randomUUID()}.tmp`;
  try {
    const manifest = await fill(draft, options);
    // A link, since a new name in the place of an old one would replace what came there meanwhile.
    await link(draft, target).catch((cause: NodeJS.ErrnoException) => {
      if (cause.code !== 'EEXIST') throw cause;
      throw new Error(`there is something at ${target} already; an export never replaces anything`, { cause });
    });
    await rm(draft);
    await syncFolder(dirname(resolve(target)));
    return manifest;
  } finally {
    await rm(draft, { force: true });
  }
}

async function fill(draft: string, options: Omit<ArchiveOptions, 'target'>): Promise<ArchiveManifest> {
  const { archive, appid, parts, version, pack, now, onProgress } = options;
  const handle = await open(draft, 'wx', 0o600);
  try {
    const hash = createHash('sha256');
    const begin = blockLength + manifestLength + blockLength;
    let [at, persons, faces] = [begin, 0, 0];
    await archive.read(parts, async (some) => {
      for (const person of some) {
        const lines = Buffer.from(linesOf(person));
        hash.update(lines);
        await writeAll(handle, lines, at);
        at += lines.length;
        persons += 1;
        faces += person.faces.length;
      }
      onProgress(persons);
    });
    const bytes = at - begin;
    const manifest: ArchiveManifest = {
      format: 1,
      version,
      made_at: now.toISOString(),
      appid,
      pack,
      ...parts,
      persons,
      faces,
      bytes,
      sha256: hash.digest('hex'),
    };
    const text = Buffer.from(`${JSON.stringify(manifest, null, 2)}`.padEnd(manifestLength - 1)).toString('latin1');
    if (text.length >= manifestLength) throw new Error('the names of version and pack are too long');
    const described = Buffer.concat([
      await header(manifestName!, manifestLength, now),
      Buffer.from(`${text}\n`, 'latin1'),
    ]);
    await writeAll(handle, Buffer.concat([described, await header(personsName!, bytes, now)]), 0);
    // Up to a whole block, and the two empty ones that end a tar.
    await writeAll(handle, Buffer.alloc(((blockLength - (bytes % blockLength)) % blockLength) + 2 * blockLength), at);
    await handle.sync();
    return manifest;
  } finally {
    await handle.close();
  }
}

async function header(path: string, size: number, mtime: Date): Promise<Buffer> {
  // Loaded where it is used: a server makes no archives.
  const { Header } = await import('tar');
  const block = Buffer.alloc(blockLength);
  new Header({ path, size, mtime, mode: 0o600, type: 'File' }).encode(block, 0);
  return block;
}

/** A write may be of a part only. */
async function writeAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}
