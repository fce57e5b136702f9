/**
 * Decrypts many values of one key at once, as `decrypt` does one at a time: AES is the processor's, by way of `node:crypto`, which
 * encrypts the key streams of many values in one call; GHASH is the kernel `src/wasm/gcm.as.ts`.
 *
 * `node:crypto` takes microseconds to make the objects that decrypt one value, several times as long as to decrypt an embedding
 * (docs/decisions/0013-at-rest.md).
 */
import { type Cipheriv, createCipheriv, type KeyObject } from 'node:crypto';
import { bindTo, loadKernel } from '../../wasm/load.ts';
import { nonceLength, overhead } from './cipher.ts';

/** Encrypted values that lie one after the other, each as `encrypt` makes it. */
export interface EncryptedValues {
  readonly key: KeyObject;
  readonly values: Uint8Array;
  /** Bytes of each value; together those of `values`. */
  readonly lengths: readonly number[];
  /** What is authenticated beside a value; called for one after the other, from the first. */
  readonly dataOf: (i: number) => Uint8Array;
}

/**
 * What came of it: how many plain bytes there are; or the number of the first value that was not encrypted with this key for this
 * place, or was changed since.
 */
export type Decrypted = { readonly length: number } | { readonly damaged: number };

/**
 * Decrypts values in place: their plain bytes lie one after the other at the beginning of `values` then. If one is damaged, what
 * `values` holds is of no use any more.
 */
export function decryptInPlace(encrypted: EncryptedValues): Decrypted {
  decryptor ??= new Decryptor();
  return decryptor.decrypt(encrypted);
}

/** Bytes of a block of AES. */
const blockLength = 16;
/** Where key streams begin in the kernel's memory: after the tables that it makes of a key. */
const streamsAt = 32 * 16 * blockLength;
/** How long the key streams are that are made in one call, in bytes, unless one is longer: as much as stays in the processor's cache. */
const streamLength = 64 * 1024;
/** A page of WebAssembly's memory in bytes, and the maximum that the kernels are compiled with in pages. */
const [pageLength, pagesMax] = [65_536, 65_536];

/** What the kernel exports; addresses are of its memory. */
interface Kernel {
  makeTables(tables: number, h: number): void;
  makeCounters(out: number, nonce: number, count: number): void;
  decrypt(
    tables: number,
    data: number,
    dataLength: number,
    text: number,
    length: number,
    stream: number,
    out: number,
  ): number;
}

/** The kernel and its memory, in which nothing is left between two calls. */
class Decryptor {
  readonly #memory = new WebAssembly.Memory({ initial: 1, maximum: pagesMax, shared: true });
  readonly #kernel = bindTo(this.#memory, loadKernel('gcm')) as unknown as Kernel;
  #bytes = new Uint8Array(this.#memory.buffer);

  decrypt({ key, values, lengths, dataOf }: EncryptedValues): Decrypted {
    const damaged = lengths.findIndex((length) => length < overhead);
    if (damaged >= 0) return { damaged };
    const cipher = createCipheriv('aes-256-ecb', key, null).setAutoPadding(false);
    try {
      // The standard's H is the block of zeros, encrypted.
      this.#bytes.set(cipher.update(new Uint8Array(blockLength)), streamsAt);
      this.#kernel.makeTables(0, streamsAt);
      let [from, to] = [0, 0];
      for (let first = 0; first < lengths.length; ) {
        const some = countOf(lengths, first);
        const chunk = lengths.slice(first, first + some);
        const end = from + total(chunk);
        const plain = this.#decryptChunk(cipher, values.subarray(from, end), chunk, (i) => dataOf(first + i));
        if (typeof plain === 'number') return { damaged: first + plain };
        values.set(plain, to);
        to += plain.length;
        from = end;
        first += some;
      }
      return { length: to };
    } finally {
      this.#bytes.fill(0);
    }
  }

  /** The plain bytes of some values, until the next call; or the number of the first that is damaged. */
  #decryptChunk(
    cipher: Cipheriv,
    values: Uint8Array,
    lengths: readonly number[],
    dataOf: EncryptedValues['dataOf'],
  ): Uint8Array | number {
    const valuesAt = streamsAt + total(lengths.map(streamLengthOf));
    const dataAt = valuesAt + values.length + blockLength;
    this.#reserve(dataAt);
    this.#bytes.set(values, valuesAt);
    let [stream, value] = [streamsAt, valuesAt];
    for (const length of lengths) {
      this.#kernel.makeCounters(stream, value, streamLengthOf(length) / blockLength);
      stream += streamLengthOf(length);
      value += length;
    }
    this.#bytes.set(cipher.update(this.#bytes.subarray(streamsAt, stream)), streamsAt);
    [stream, value] = [streamsAt, valuesAt];
    // Plain bytes are written over the key streams: those of a value begin no later than its own stream.
    let out = streamsAt;
    for (const [i, length] of lengths.entries()) {
      const dataLength = this.#writeData(dataOf(i), dataAt);
      const [text, textLength] = [value + nonceLength, length - overhead];
      if (this.#kernel.decrypt(0, dataAt, dataLength, text, textLength, stream, out) === 0) {
        return i;
      }
      out += textLength;
      stream += streamLengthOf(length);
      value += length;
    }
    return this.#bytes.subarray(streamsAt, out);
  }

  /** Writes what is authenticated beside a value, and zeros up to the end of its last block. */
  #writeData(data: Uint8Array, at: number): number {
    const end = at + Math.ceil(data.length / blockLength) * blockLength;
    this.#reserve(end);
    this.#bytes.fill(0, at + data.length, end);
    this.#bytes.set(data, at);
    return data.length;
  }

  #reserve(length: number): void {
    const missing = length - this.#bytes.length;
    if (missing <= 0) return;
    this.#memory.grow(Math.ceil(missing / pageLength));
    this.#bytes = new Uint8Array(this.#memory.buffer);
  }
}

/** One per thread, made when values are decrypted for the first time. */
let decryptor: Decryptor | undefined;

/** How many values from one on are decrypted in one go; at least one. */
function countOf(lengths: readonly number[], first: number): number {
  let [count, bytes] = [0, 0];
  do {
    bytes += streamLengthOf(lengths[first + count]!);
    count += 1;
  } while (first + count < lengths.length && bytes + streamLengthOf(lengths[first + count]!) <= streamLength);
  return count;
}

/** Bytes of the key stream of a value: a block that hides its tag, and as many as its text fills. */
function streamLengthOf(length: number): number {
  return (1 + Math.ceil((length - overhead) / blockLength)) * blockLength;
}

function total(lengths: readonly number[]): number {
  return lengths.reduce((sum, length) => sum + length, 0);
}
