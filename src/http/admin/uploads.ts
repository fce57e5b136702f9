/** Reads the pictures that come with an operation: the bodies count as those of the face API do, and none is read without a session. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Lease } from '../../concurrency/budget.ts';
import { parseBody } from '../body.ts';
import { alone } from '../pictures.ts';
import { announceBody, type BodyLimits, lengthOf, readBody } from '../read-body.ts';
import { OperationError } from './operation-error.ts';

/** Room for bodies. */
export interface UploadParts {
  readonly bodyLimits: BodyLimits;
  /** Memory for a body. */
  lease(): Lease;
}

/** Pictures that came with an operation. */
export class Upload {
  /** Holds the body until the answer is out, or what is left of it. */
  readonly lease: Lease;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
  #pictures: readonly Uint8Array[];

  /** @param pictures in the order of the declaration; views of the body. */
  constructor(pictures: readonly Uint8Array[], lease: Lease, signal: AbortSignal) {
    this.#pictures = pictures;
    this.lease = lease;
    this.signal = signal;
  }

  /** The pictures, each alone in memory; nothing of the body is kept for them, and they are counted in its place. Once. */
  take(): readonly Uint8Array[] {
    const pictures = this.#pictures.map(alone);
    this.#pictures = [];
    this.lease.give(this.lease.amount);
    this.lease.add(pictures.reduce((sum, { length }) => sum + length, 0));
    return pictures;
  }
}

/** A body that is about to be read. */
export class IncomingUpload {
  readonly #request: FastifyRequest;
  readonly #limits: BodyLimits;
  readonly #lease: Lease;
  readonly #signal: AbortSignal;

  /**
   * Makes room for the body.
   * @throws Busy if there is no memory for it.
   */
  constructor(request: FastifyRequest, reply: FastifyReply, parts: UploadParts) {
    const gone = new AbortController();
    const lease = parts.lease();
    reply.raw.on('close', () => {
      lease[Symbol.dispose]();
      if (!reply.raw.writableFinished) gone.abort();
    });
    this.#request = request;
    this.#limits = parts.bodyLimits;
    this.#lease = lease;
    this.#signal = gone.signal;
    announceBody(lease, lengthOf(request.headers), parts.bodyLimits);
  }

  /**
   * Reads the body.
   * @param names of the pictures that it must hold.
   * @throws OperationError, or Refusal of what cannot be read.
   */
  async read(names: readonly string[]): Promise<{ readonly input: unknown; readonly upload: Upload }> {
    const { raw, headers } = this.#request;
    const bytes = await readBody(raw, lengthOf(headers), this.#lease, this.#limits);
    const { kind, fields } = parseBody(headers['content-type'], bytes);
    if (kind !== 'multipart') throw new OperationError('invalid', 'pictures come as multipart/form-data');
    const only = (name: string): Uint8Array => {
      const [value, another] = fields.get(name) ?? [];
      if (value === undefined) throw new OperationError('invalid', `the part ${name} is missing`);
      if (another !== undefined) throw new OperationError('invalid', `there is more than one part ${name}`);
      return value;
    };
    return {
      input: parseInput(only('input')),
      upload: new Upload(names.map(only), this.#lease, this.#signal),
    };
  }
}

function parseInput(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch {
    throw new OperationError('invalid', 'the part input is not JSON');
  }
}
