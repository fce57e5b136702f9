/** Makes the body of a call: JSON if every picture is a url, a form if any is bytes. */

/** A picture: its url, or its bytes. A string is a url. */
export type Picture = string | URL | Blob | Uint8Array<ArrayBuffer>;

/** The fields of a picture in the request. */
export interface PictureFields {
  readonly url: string;
  readonly image: string;
  readonly many: boolean;
}

type Value = string | number | readonly (string | number)[];
type Bytes = Exclude<Picture, string | URL>;

/**
 * The body of a request.
 * @param pictures the fields in which pictures are sent, by the pictures' names in the input.
 * @throws TypeError if a list has both urls and bytes: the server would use only the urls.
 */
export function bodyOf(
  input: Readonly<Record<string, unknown>>,
  pictures: Readonly<Record<string, PictureFields>>,
  appid: string,
): string | FormData {
  const texts: Record<string, Value> = { appid };
  const files: [string, Bytes][] = [];
  for (const [name, value] of Object.entries(input)) {
    if (value === undefined) continue;
    const fields = pictures[name];
    if (fields === undefined) texts[name] = value as Value;
    else addPictures(fields, (fields.many ? value : [value]) as readonly Picture[], texts, files);
  }
  return files.length === 0 ? JSON.stringify(texts) : formOf(texts, files);
}

function addPictures(
  { url, image, many }: PictureFields,
  list: readonly Picture[],
  texts: Record<string, Value>,
  files: [string, Bytes][],
): void {
  const urls = list.filter((picture) => typeof picture === 'string' || picture instanceof URL).map(String);
  const bytes = list.filter((picture): picture is Bytes => typeof picture !== 'string' && !(picture instanceof URL));
  if (urls.length > 0 && bytes.length > 0) throw new TypeError('the pictures must be all urls or all bytes');
  if (urls.length > 0) texts[url] = many ? urls : (urls[0] as string);
  for (const [i, one] of bytes.entries()) files.push([many ? `${image}[${i}]` : image, one]);
}

function formOf(texts: Readonly<Record<string, Value>>, files: readonly [string, Bytes][]): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(texts)) {
    if (typeof value === 'object') for (const [i, one] of value.entries()) form.append(`${name}[${i}]`, String(one));
    else form.append(name, String(value));
  }
  for (const [name, bytes] of files) form.append(name, bytes instanceof Blob ? bytes : new Blob([bytes]), name);
  return form;
}
