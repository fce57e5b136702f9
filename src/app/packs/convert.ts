/** Makes the embeddings of a pack for all faces that were stored before it, from their crops. */
import { setTimeout } from 'node:timers/promises';
import { Refusal } from '../../errors/refusals.ts';
import type { Stores } from '../../store/open.ts';
import type { NamedPacks } from './named-packs.ts';

/** Faces that are read, and written in one transaction, for which a call that writes may have to wait. */
const batchSize = 32;
/** How often this server says that it still converts, in milliseconds. */
const signMs = 1_000;
/** How long transactions that do not know of the pack are waited for before it is looked again, in milliseconds. */
const settleMs = 200;

/** What faces are converted with. */
export interface ConvertParts {
  readonly named: Pick<NamedPacks, 'convert' | 'modelOf'>;
  readonly stores: Pick<Stores, 'packs' | 'appids'>;
  readonly workers: number;
  /** What this server is called. */
  readonly server: string;
  /** The pack. */
  readonly name: string;
  /** Whether the change feeds tell of what is written. */
  readonly isTold: boolean;
  readonly signal: AbortSignal;
  readonly onFault: (error: unknown) => void;
}

/**
 * Converts faces until there is none left, if no other server does. It may be interrupted anywhere: what is written is written,
 * and whoever goes on finds what is not.
 * @throws the signal's reason, and what reading or writing throws.
 */
export async function convertFaces(parts: ConvertParts): Promise<void> {
  const { stores, server, name, named } = parts;
  const { upgrades, conversion } = stores.packs;
  if (!(await upgrades.claim(server, name))) return;
  const { model } = await named.modelOf(name);
  const count = await conversion.count(model);
  let { done } = count;
  const lost = new AbortController();
  let saying = Promise.resolve();
  /** The batch that is written while the next is embedded. */
  let writing = Promise.resolve(0);
  const say = async (): Promise<void> => {
    if (!(await upgrades.progress(server, name, done, count.total)))
      lost.abort(new Error('the conversion was stopped'));
  };
  const timer = setInterval(() => {
    // Who cannot say so is followed by another server, which finds what is there.
    saying = saying.then(say).catch((error: unknown) => lost.abort(error));
  }, signMs);
  const signal = AbortSignal.any([parts.signal, lost.signal]);
  try {
    await say();
    for (;;) {
      // Who stores faces from now on knows of the pack: one more look at all faces finds the last that are without.
      const isSettled = await upgrades.isSettled(name);
      let found = 0;
      for (const appid of await stores.appids()) {
        for await (const faces of convertAppid({ ...parts, signal }, model, appid)) {
          found += faces.length;
          done += await writing;
          writing = conversion.write(appid, model, faces, parts.isTold);
          // Whoever goes on hears of its failure.
          writing.catch(() => {});
        }
      }
      done += await writing;
      writing = Promise.resolve(0);
      if (isSettled && found === 0) break;
      if (found === 0) await setTimeout(settleMs, undefined, { signal });
    }
    await say();
    const failures = await conversion.failures(model);
    if (!signal.aborted)
      await upgrades.finish(
        server,
        name,
        Object.values(failures).reduce((sum, some) => sum + some, 0),
      );
  } catch (error) {
    if (!lost.signal.aborted || parts.signal.aborted) throw error;
  } finally {
    clearInterval(timer);
    await Promise.allSettled([saying, writing]);
  }
}

type Converted = Parameters<Stores['packs']['conversion']['write']>[2];

/** What came of the faces of an appid, batch by batch; the next is read and embedded while one is written. */
async function* convertAppid(parts: ConvertParts, model: string, appid: string): AsyncGenerator<Converted, void> {
  const { conversion } = parts.stores.packs;
  let next = conversion.facesWithout(appid, model, '', batchSize);
  for (;;) {
    parts.signal.throwIfAborted();
    const faces = await next;
    const last = faces.at(-1);
    if (last === undefined) return;
    next = conversion.facesWithout(appid, model, last.faceId, batchSize);
    // Whoever goes on will hear of its failure; whoever does not need not.
    next.catch(() => {});
    yield await inLanes(parts.workers + 1, faces, (face) => convertFace(parts, face));
  }
}

async function convertFace(
  { named, name, signal, onFault }: ConvertParts,
  {
    faceId,
    personId,
    crop,
  }: { readonly faceId: string; readonly personId: string; readonly crop: Uint8Array | undefined },
): Promise<Converted[number]> {
  if (crop === undefined) return { faceId, personId, reason: 'its crop is missing or damaged' };
  try {
    return { faceId, personId, embedding: await named.convert(crop, name, signal) };
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof Refusal) return { faceId, personId, reason: reasons[error.refusal] ?? error.refusal };
    onFault(error);
    return { faceId, personId, reason: 'the networks failed' };
  }
}

/** What refusals say of a crop. */
const reasons: Readonly<Record<string, string>> = {
  decodeFailed: 'its crop cannot be decoded',
  formatInvalid: 'its crop is no picture',
  featureFailed: 'the network tells nothing of it',
  shapeFailed: 'no face is found in its crop',
};

/** Works on some items, so many at once. */
async function inLanes<T, R>(lanes: number, items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let at = 0;
  const lane = async (): Promise<void> => {
    while (at < items.length) {
      const i = at++;
      results[i] = await work(items[i]!);
    }
  };
  await Promise.all(Array.from({ length: lanes }, lane));
  return results;
}
