/** Reads FlatBuffers tables, as far as files of weights need it. */
import { ByteBuffer } from 'flatbuffers';

/**
 * The root table of a FlatBuffers file.
 * @param identifier the four letters that files of this schema carry.
 * @throws Error if the file does not carry them.
 */
export function openTables(bytes: Uint8Array, identifier: string): Table {
  const file = new ByteBuffer(bytes);
  if (bytes.length < 8 || !file.__has_identifier(identifier)) throw new Error(`this is no ${identifier} file`);
  return new Table(file, file.readInt32(0));
}

/** A table. A field is addressed by its position in the schema; an absent one reads as zero or as empty. */
export class Table {
  readonly #file: ByteBuffer;
  readonly #at: number;

  constructor(file: ByteBuffer, at: number) {
    this.#file = file;
    this.#at = at;
  }

  uint32(field: number): number {
    const at = this.#find(field);
    return at === 0 ? 0 : this.#file.readUint32(at);
  }

  uint8(field: number): number {
    const at = this.#find(field);
    return at === 0 ? 0 : this.#file.readUint8(at);
  }

  text(field: number): string {
    return Buffer.from(this.bytes(field)).toString();
  }

  bytes(field: number): Uint8Array {
    const { start, length } = this.#vector(field);
    return this.#file.bytes().subarray(start, start + length);
  }

  int32s(field: number): number[] {
    const { start, length } = this.#vector(field);
    return Array.from({ length }, (_, i) => this.#file.readInt32(start + 4 * i));
  }

  table(field: number): Table {
    return new Table(this.#file, this.#file.__indirect(this.#find(field)));
  }

  tables(field: number): Table[] {
    const { start, length } = this.#vector(field);
    return Array.from({ length }, (_, i) => new Table(this.#file, this.#file.__indirect(start + 4 * i)));
  }

  /** Where the field's value is, 0 if it is not there. */
  #find(field: number): number {
    // A vtable begins with two sizes of two bytes each.
    const offset = this.#file.__offset(this.#at, 4 + 2 * field);
    return offset === 0 ? 0 : this.#at + offset;
  }

  #vector(field: number): { readonly start: number; readonly length: number } {
    const at = this.#find(field);
    if (at === 0) return { start: 0, length: 0 };
    const length = this.#file.__indirect(at);
    return { start: length + 4, length: this.#file.readInt32(length) };
  }
}
