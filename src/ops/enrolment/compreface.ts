/**
 * Persons of a CompreFace server: its subjects and the images that it keeps of them, by the endpoints that its REST API has had
 * since version 1.0 (https://github.com/exadel-inc/CompreFace/blob/master/docs/Rest-API-description.md).
 */
import { z } from 'zod';
import { Refusal } from '../../errors/refusals.ts';
import { idOf, type PictureSupply, type SuppliedPerson, type SuppliedPicture } from './supply.ts';

/** A CompreFace server, and what of it is read. */
export interface CompreFaceOptions {
  /** `http://compreface.lan:8000`. The operator names it: no other address is asked, and no redirect followed. */
  readonly url: string;
  /** Of its recognition service. */
  readonly apiKey: string;
  /** The largest picture. */
  readonly bytesMax: number;
  /** The group that every person joins: CompreFace has none. */
  readonly groupId: string;
}

/** How long an answer may take, in milliseconds. */
const timeoutMs = 60_000;
/** Images that are listed at once. */
const pageSize = 100;
/** The longest list in bytes: a hundred images, or the names of a hundred thousand subjects. */
const listBytesMax = 64 * 2 ** 20;

const subjectsSchema = z.object({ subjects: z.array(z.string()) });
const facesSchema = z.object({
  faces: z.array(z.object({ image_id: z.string(), subject: z.string() })),
  total_pages: z.int(),
  total_elements: z.int(),
});

/**
 * Opens a CompreFace server.
 * @throws Error if the url is none.
 */
export function openCompreFace(options: CompreFaceOptions): PictureSupply {
  const base = URL.parse(options.url);
  if (base === null || !/^https?:$/.test(base.protocol)) throw new Error(`${options.url} is no url of http or https`);
  const root = base.href.replace(/\/$/, '');
  const ask = (path: string, signal: AbortSignal, bytesMax: number) =>
    fetchFrom(`${root}/api/v1/recognition/${path}`, options.apiKey, signal, bytesMax);
  const facesOf = async (page: number, size: number, subject: string, signal: AbortSignal) => {
    const query = new URLSearchParams({ page: String(page), size: String(size), ...(subject !== '' && { subject }) });
    return facesSchema.parse(jsonOf(await ask(`faces?${query}`, signal, listBytesMax)));
  };
  const pictureOf = (imageId: string, subject: string): SuppliedPicture => ({
    label: `${subject} ${imageId}`,
    key: imageId,
    tag: '',
    source: {
      async open(signal) {
        const bytes = await ask(`faces/${encodeURIComponent(imageId)}/img`, signal, options.bytesMax).catch((cause) => {
          if (signal.aborted) throw signal.reason;
          throw new Refusal('downloadFailed', (cause as Error).message, { cause });
        });
        // Of a server that was told to keep no images.
        if (bytes.length === 0) throw new Refusal('pictureMissing', 'CompreFace has not kept the image');
        return bytes;
      },
    },
  });
  return {
    key: `compreface ${root}`,
    count: async (signal) => (await facesOf(0, 1, '', signal)).total_elements,
    async *persons(signal): AsyncGenerator<SuppliedPerson, void> {
      const { subjects } = subjectsSchema.parse(jsonOf(await ask('subjects/', signal, listBytesMax)));
      for (const subject of subjects) {
        const person = { id: idOf(subject), name: subject, tag: '' };
        for (let page = 0, pages = 1; page < pages; page += 1) {
          const { faces, total_pages } = await facesOf(page, pageSize, subject, signal);
          pages = total_pages;
          // Servers before 1.0 give the images of all subjects.
          const theirs = faces.filter((face) => face.subject === subject);
          const pictures = theirs.map((face) => pictureOf(face.image_id, subject));
          if (pictures.length > 0) yield { person, groupIds: [options.groupId], pictures };
        }
      }
    },
  };
}

function jsonOf(bytes: Uint8Array): unknown {
  return JSON.parse(Buffer.from(bytes).toString());
}

/** @throws Error that holds neither the key nor what the server answered. */
async function fetchFrom(url: string, apiKey: string, signal: AbortSignal, bytesMax: number): Promise<Uint8Array> {
  const { host } = new URL(url);
  const answer = await fetch(url, {
    headers: { 'x-api-key': apiKey },
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  }).catch((cause) => {
    throw new Error(`${host} cannot be reached`, { cause });
  });
  if (!answer.ok) {
    await answer.body?.cancel();
    throw new Error(
      `${host} answers ${answer.status}${answer.status === 401 ? ': is the key of its recognition service right?' : ''}`,
    );
  }
  const pieces: Uint8Array[] = [];
  let length = 0;
  for await (const piece of answer.body ?? []) {
    length += piece.length;
    if (length > bytesMax) throw new Error(`${host} sends more than ${bytesMax} bytes`);
    pieces.push(piece);
  }
  // Alone in its memory, which is handed over.
  return new Uint8Array(Buffer.concat(pieces));
}
