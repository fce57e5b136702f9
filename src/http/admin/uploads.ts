/** Reads the pictures that come with an operation: the bodies count as those of the face API do, and none is read without a session. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Lease } from '../../concurrency/budget.ts';
import { parseBody } from '../body.ts';
import { announceBody, type BodyLimits, lengthOf, readBody } from '../read-body.ts';
import { OperationError } from './operation-error.ts';

/** Room for bodies. */
export interface UploadParts {
  readonly bodyLimits: BodyLimits;
  /** Memory for a body. */
  lease(): Lease;
}

/** Pictures that came with an operation. */
export interface Upload {
  /** By the names of the declaration; views of the body. */
  readonly pictures: readonly Uint8Array[];
  /** Holds the body until the answer is out, or less of it once less is kept. */
  readonly lease: Lease;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
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
      upload: { pictures: names.map(only), lease: this.#lease, signal: this.#signal },
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
