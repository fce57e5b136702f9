/** Persons in a table (CSV): one row a picture. */
import { createReadStream } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { filePicture } from './files.ts';
import type { PictureSupply, SuppliedPerson, SuppliedPicture } from './supply.ts';

/** How a table is read. */
export interface TableOptions {
  /** The largest picture in a file. */
  readonly bytesMax: number;
  /** The group of persons for whom the table names none. */
  readonly groupId: string;
  /** Downloads a picture, from where the settings allow. @throws Refusal. */
  readonly download: (url: string, signal: AbortSignal) => Promise<Uint8Array>;
}

/** The columns that a table may have; those that it must have are `person_id`, and `file` or `url`. */
const columns = ['person_id', 'groups', 'name', 'tag', 'file', 'url'] as const;
type Row = Readonly<Partial<Record<(typeof columns)[number], string>>>;

/** The longest row: no cell may be longer than a name, a list of groups or a url is. */
const rowCharactersMax = 1_000_000;

/**
 * Reads a table whose first row names its columns: `person_id`, `groups` (separated by semicolons), `name`, `tag`, `file` (from the
 * table's folder on) and `url`, in any order. Rows of one person that follow each other are enrolled together.
 * @throws Error if there is no such file, or it has not the columns.
 */
export async function openTable(file: string, options: TableOptions): Promise<PictureSupply> {
  const path = await realpath(file).catch(() => {
    throw new Error(`there is no file ${file}`);
  });
  // Told before anything is done.
  for await (const _ of rowsOf(path, file)) break;
  return {
    key: `table ${path}`,
    async count(signal) {
      let rows = 0;
      for await (const _ of rowsOf(path, file)) {
        signal.throwIfAborted();
        rows += 1;
      }
      return rows;
    },
    async *persons(signal): AsyncGenerator<SuppliedPerson, void> {
      let person: Omit<SuppliedPerson, 'pictures'> | undefined;
      let pictures: SuppliedPicture[] = [];
      for await (const row of rowsOf(path, file)) {
        signal.throwIfAborted();
        const next = personOf(row, options.groupId);
        if (person !== undefined && (!isSame(person, next) || pictures.length >= 100)) {
          yield { ...person, pictures };
          [person, pictures] = [undefined, []];
        }
        person ??= next;
        pictures.push(await pictureOf(row, dirname(path), options));
      }
      if (person !== undefined) yield { ...person, pictures };
    },
  };
}

function personOf({ person_id: id = '', name = '', tag = '', groups = '' }: Row, groupId: string) {
  const named = groups.split(';').map((group) => group.trim());
  const groupIds = named.filter((group) => group !== '');
  return { person: { id, name, tag }, groupIds: groupIds.length > 0 ? groupIds : [groupId] };
}

function isSame(a: Omit<SuppliedPerson, 'pictures'>, b: Omit<SuppliedPerson, 'pictures'>): boolean {
  return a.person.id === b.person.id && a.groupIds.join(';') === b.groupIds.join(';');
}

async function pictureOf(row: Row, folder: string, { bytesMax, download }: TableOptions): Promise<SuppliedPicture> {
  const { file = '', url = '', tag = '' } = row;
  if (file !== '') return filePicture(resolve(folder, file), { label: file, tag, bytesMax });
  return { label: url, key: url, tag, source: { open: (signal) => download(url, signal) } };
}

async function* rowsOf(path: string, shown: string): AsyncGenerator<Row, void> {
  // Loaded where it is used: a server reads no tables.
  const { parse } = await import('csv-parse');
  const parser = parse({
    bom: true,
    columns: (names: readonly string[]) => checkColumns(names, shown),
    skip_empty_lines: true,
    trim: true,
    max_record_size: rowCharactersMax,
  });
  const input = createReadStream(path);
  input.on('error', (error) => parser.destroy(error));
  try {
    for await (const row of input.pipe(parser) as AsyncIterable<Row>) yield row;
  } catch (cause) {
    throw new Error(`${shown}: ${(cause as Error).message}`, { cause });
  } finally {
    input.destroy();
  }
}

function checkColumns(names: readonly string[], shown: string): string[] {
  const unknown = names.find((name) => !(columns as readonly string[]).includes(name));
  if (unknown !== undefined) throw new Error(`has a column ${unknown}; there may be ${columns.join(', ')}`);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice !== undefined) throw new Error(`has the column ${twice} twice`);
  if (!names.includes('person_id') || !(names.includes('file') || names.includes('url'))) {
    throw new Error(`must have the columns person_id, and file or url, named in the first row of ${shown}`);
  }
  return [...names];
}
