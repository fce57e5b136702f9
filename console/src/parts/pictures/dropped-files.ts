/** The files of what is dropped onto a page, folders looked through. */

/** The most files that are taken at once; a folder may lead anywhere. */
const filesMax = 10_000;

/** Whether a file may be a picture, by what the browser makes of its name. The server looks at the bytes. */
export function isPicture({ type }: File): boolean {
  return type.startsWith('image/');
}

/** The files that were dropped, in the order of their paths within each folder. */
export async function droppedFiles({ items, files }: DataTransfer): Promise<readonly File[]> {
  // The items are gone after the event; what they stand for has to be asked for before anything is awaited.
  const entries = [...items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...files];
  const found: File[] = [];
  for (const entry of entries) await gather(entry, found);
  return found;
}

async function gather(entry: FileSystemEntry, into: File[]): Promise<void> {
  if (into.length >= filesMax) return;
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    into.push(file);
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // It gives a hundred at a time, and at the end none.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return;
    for (const one of some.sort((a, b) => (a.name < b.name ? -1 : 1))) await gather(one, into);
  }
}
