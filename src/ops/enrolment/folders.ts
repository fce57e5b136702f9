/** Persons in folders: a folder with pictures is a person, and the folders that it lies in are its groups. */
import { type Dirent, existsSync } from 'node:fs';
import { readdir, realpath, stat } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import { filePicture, isPictureName } from './files.ts';
import { idOf, type PictureSupply, type SuppliedPerson } from './supply.ts';

/** How folders are read. */
export interface FolderOptions {
  /** The largest picture. */
  readonly bytesMax: number;
  /** The group of persons whose folder lies in the folder itself. */
  readonly groupId: string;
}

/** A folder with pictures. */
interface PersonFolder {
  /** From the folder on, its own name last. */
  readonly names: readonly string[];
  /** In the order of their names. */
  readonly files: readonly string[];
}

/**
 * Reads the folders below a folder: `DIR/staff/berlin/ada/1.jpg` is a picture of the person `ada`, who is in the groups `staff` and
 * `berlin`. Hidden files and files of other names than pictures have are passed over, and so are links to folders.
 * @throws Error if there is no such folder, or pictures lie in it that are of no person.
 */
export async function openFolders(folder: string, { bytesMax, groupId }: FolderOptions): Promise<PictureSupply> {
  if (!existsSync(folder) || !(await stat(folder)).isDirectory()) throw new Error(`there is no folder ${folder}`);
  const root = await realpath(folder);
  const loose = (await readdir(root, { withFileTypes: true })).find((entry) => isPicture(entry));
  if (loose !== undefined) {
    throw new Error(`${join(folder, loose.name)} is of no person: put the pictures of each into a folder of its own`);
  }
  return {
    key: `folders ${root}`,
    async count(signal) {
      let pictures = 0;
      for await (const { files } of walk(root, [], signal)) pictures += files.length;
      return pictures;
    },
    async *persons(signal): AsyncGenerator<SuppliedPerson, void> {
      for await (const { names, files } of walk(root, [], signal)) {
        const name = names.at(-1)!;
        const groups = names.slice(0, -1).map(idOf);
        const pictures = files.map((file) => {
          const path = join(root, ...names, file);
          return filePicture(path, { label: relative(root, path).split(sep).join('/'), tag: '', bytesMax });
        });
        const person = { id: idOf(name), name, tag: '' };
        yield { person, groupIds: groups.length > 0 ? groups : [groupId], pictures: await Promise.all(pictures) };
      }
    },
  };
}

async function* walk(root: string, names: readonly string[], signal: AbortSignal): AsyncGenerator<PersonFolder, void> {
  signal.throwIfAborted();
  const entries = (await readdir(join(root, ...names), { withFileTypes: true })).sort(byName);
  const files = entries.filter(isPicture).map(({ name }) => name);
  if (files.length > 0) yield { names, files };
  for (const entry of entries) {
    if (entry.isDirectory() && !entry.name.startsWith('.')) yield* walk(root, [...names, entry.name], signal);
  }
}

/** A link to a file is read as the file. */
function isPicture(entry: Dirent): boolean {
  return (entry.isFile() || entry.isSymbolicLink()) && isPictureName(entry.name);
}

function byName(a: Dirent, b: Dirent): number {
  return a.name < b.name ? -1 : 1;
}
