/**
 * Reads a long row by `copy`, whose binary format has bytes as they are. The answer to a query has them as twice as many
 * hexadecimal digits, since `pg` reads texts only, and both sides take longer for those than for all else.
 */
import { type CompiledQuery, createQueryId, PostgresQueryCompiler, type RootOperationNode } from 'kysely';
import pg from 'pg';
import type { Columns } from '../dialect.ts';

/** A query whose only row is copied. */
export interface CopiedQuery extends CompiledQuery {
  /** The columns, in the order in which they are selected. */
  readonly copied: Columns;
}

/** Whether a query is one of these. */
export function isCopied(query: CompiledQuery): query is CopiedQuery {
  return 'copied' in query;
}

/** Makes the statement that copies the row of a query. */
export function toCopied(node: RootOperationNode, copied: Columns): CopiedQuery {
  const compiled = new LiteralCompiler().compileQuery(node, createQueryId());
  return { ...compiled, sql: `copy (${compiled.sql}) to stdout (format binary)`, copied };
}

/** Writes values into the statement: `copy` takes no parameters. */
class LiteralCompiler extends PostgresQueryCompiler {
  protected override appendValue(value: unknown): void {
    if (typeof value !== 'string') throw new Error(`a value of the type ${typeof value} cannot be copied by`);
    this.append(pg.escapeLiteral(value));
  }
}

/** Sends a statement that copies rows to the client. @returns everything that comes, one after the other. */
export function copyOut(client: pg.ClientBase, text: string): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  client.query(new CopyOut(text, (error, bytes) => (error ? reject(error) : resolve(bytes))));
  return promise;
}

/** A statement of `pg` that keeps what is copied, which others throw away. */
class CopyOut extends pg.Query {
  readonly #chunks: Buffer[] = [];

  constructor(text: string, onEnd: (error: Error | null | undefined, bytes: Buffer) => void) {
    super({ text }, (error) => onEnd(error, Buffer.concat(this.#chunks)));
  }

  /** Called by `pg`. */
  handleCopyData({ chunk }: { readonly chunk: Buffer }): void {
    this.#chunks.push(chunk);
  }
}

/** The signature, the flags, and the length of an extension of the header that no version has. */
const headLength = 11 + 4 + 4;

/**
 * The only row of what was copied.
 * @throws Error if it has other columns, or there is no row.
 */
export function rowIn(bytes: Buffer, columns: Columns): Record<string, string | Uint8Array | null> {
  const names = Object.keys(columns);
  if (bytes.readInt16BE(headLength) !== names.length) throw new Error('a row was copied that has other columns');
  let at = headLength + 2;
  const row: Record<string, string | Uint8Array | null> = {};
  for (const name of names) {
    const length = bytes.readInt32BE(at);
    at += 4;
    if (length === -1) {
      row[name] = null;
      continue;
    }
    const value = bytes.subarray(at, at + length);
    // Bytes get memory of their own, which can go to another thread, and begins where numbers may.
    row[name] = columns[name] === 'text' ? value.toString() : new Uint8Array(value);
    at += length;
  }
  return row;
}
