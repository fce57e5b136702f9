/** One look at all faces: those that a pack has no embedding of are read, embedded and written, all three side by side. */
import { Refusal } from '../../errors/refusals.ts';
import type { Stores } from '../../store/open.ts';
import type { NamedPacks } from './named-packs.ts';

/** Faces that are read at once. */
const readAtOnce = 64;
/** Faces that are sent to a worker at once: a few milliseconds each, so that all workers have some until the end. */
const embeddedAtOnce = 16;
/** Faces that are written in one transaction, for which a call that comes just then may have to wait some milliseconds. */
const writtenAtOnce = 32;

type Conversion = Stores['packs']['conversion'];
type FaceToConvert = Awaited<ReturnType<Conversion['facesWithout']>>[number];
type Converted = Parameters<Conversion['write']>[2][number];

/** Some faces of an appid. */
interface Piece {
  readonly appid: string;
  readonly faces: readonly FaceToConvert[];
}

/** What faces are converted with. */
export interface PassParts {
  readonly named: Pick<NamedPacks, 'convert' | 'calm'>;
  readonly stores: { readonly packs: Pick<Stores['packs'], 'conversion'> } & Pick<Stores, 'appids'>;
  /** How many pieces are embedded at once, when nothing else is to do. */
  readonly workers: number;
  /** The pack, and the digest of its model. */
  readonly name: string;
  readonly model: string;
  /** Whether the change feeds tell of what is written. */
  readonly isTold: boolean;
  readonly signal: AbortSignal;
  readonly onFault: (error: unknown) => void;
  /** Told how many embeddings a transaction has written. */
  readonly onWritten: (count: number) => void;
}

/**
 * Converts the faces that it finds without an embedding.
 * @returns how many it found.
 * @throws the signal's reason, and what reading or writing throws; what is written by then stays.
 */
export async function convertOnce(parts: PassParts): Promise<number> {
  const stop = new AbortController();
  const signal = AbortSignal.any([parts.signal, stop.signal]);
  const own = { ...parts, signal };
  const [pieces, writer] = [piecesOf(own), new BatchWriter(own)];
  let found = 0;
  const lane = async (): Promise<void> => {
    // Whoever asks a generator while it works is answered in turn.
    for (let next = await pieces.next(); !next.done; next = await pieces.next()) {
      const { appid, faces } = next.value;
      found += faces.length;
      await writer.add(appid, await convertPiece(own, faces));
    }
  };
  // One more than there are workers, so that none waits for its next piece.
  const lanes = Array.from({ length: parts.workers + 1 }, () =>
    lane().catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  await Promise.allSettled(lanes);
  try {
    // The reason is that of the lane that failed first.
    signal.throwIfAborted();
    await writer.end();
    return found;
  } finally {
    await writer.settled();
  }
}

/** The faces without an embedding, appid by appid; the next are read while these are embedded. */
async function* piecesOf({ stores, model, signal }: PassParts): AsyncGenerator<Piece, void> {
  const { conversion } = stores.packs;
  for (const appid of await stores.appids()) {
    let next: Promise<readonly FaceToConvert[]> | undefined = conversion.facesWithout(appid, model, '', readAtOnce);
    while (next !== undefined) {
      const faces: readonly FaceToConvert[] = await next;
      // Who is enrolled behind the last one is found by the next look.
      const isLast = faces.length < readAtOnce;
      next = isLast ? undefined : conversion.facesWithout(appid, model, faces.at(-1)!.faceId, readAtOnce);
      // Whoever goes on hears of its failure; whoever does not need not.
      next?.catch(() => {});
      for (let at = 0; at < faces.length; at += embeddedAtOnce) {
        signal.throwIfAborted();
        yield { appid, faces: faces.slice(at, at + embeddedAtOnce) };
      }
    }
  }
}

async function convertPiece(
  { named, name, signal, onFault }: PassParts,
  faces: readonly FaceToConvert[],
): Promise<readonly Converted[]> {
  const crops = faces.flatMap(({ crop }) => crop ?? []);
  const made = (await named.convert(crops, name, signal)).values();
  return faces.map(({ faceId, personId, crop }) => {
    if (crop === undefined) return { faceId, personId, reason: 'its crop is missing or damaged' };
    const one = made.next().value!;
    if (one instanceof Float32Array) return { faceId, personId, embedding: one };
    if (one instanceof Refusal) return { faceId, personId, reason: reasons[one.refusal] ?? one.refusal };
    onFault(one);
    return { faceId, personId, reason: 'the networks failed' };
  });
}

/** What refusals say of a crop. */
const reasons: Readonly<Record<string, string>> = {
  decodeFailed: 'its crop cannot be decoded',
  formatInvalid: 'its crop is no picture',
  featureFailed: 'the network tells nothing of it',
  shapeFailed: 'no face is found in its crop',
};

/** Gathers what came of faces, and writes it in batches, each of one appid; the next is gathered while one is written. */
class BatchWriter {
  readonly #parts: PassParts;
  #appid = '';
  #faces: Converted[] = [];
  #writing = Promise.resolve();

  constructor(parts: PassParts) {
    this.#parts = parts;
  }

  /** Resolves when more may be added. @throws what writing throws. */
  async add(appid: string, faces: readonly Converted[]): Promise<void> {
    const before = this.#writing;
    if (appid !== this.#appid) this.#send();
    this.#appid = appid;
    this.#faces.push(...faces);
    if (this.#faces.length >= writtenAtOnce) this.#send();
    // One batch is written at most, and one waits.
    await before;
  }

  /** Resolves when all is written. @throws what writing throws. */
  async end(): Promise<void> {
    this.#send();
    await this.#writing;
  }

  /** Resolves when nothing is being written any more, whatever became of it. */
  async settled(): Promise<void> {
    await this.#writing.catch(() => {});
  }

  #send(): void {
    const [appid, faces] = [this.#appid, this.#faces];
    this.#faces = [];
    if (faces.length === 0) return;
    this.#writing = this.#writing.then(() => this.#write(appid, faces));
    // Whoever adds or ends hears of its failure.
    this.#writing.catch(() => {});
  }

  async #write(appid: string, faces: readonly Converted[]): Promise<void> {
    const { named, stores, model, isTold, onWritten, signal } = this.#parts;
    await named.calm();
    signal.throwIfAborted();
    onWritten(await stores.packs.conversion.write(appid, model, faces, isTold));
  }
}
