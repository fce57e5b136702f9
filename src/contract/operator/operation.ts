/** The shape of an operation of the operator's API, and the types that follow from it. */
import type { z } from 'zod';

/** Who may ask for an operation: anybody, or somebody signed in with at least this role. */
export type Right = 'anybody' | 'reader' | 'editor' | 'owner';

/** The whole declaration of an operation: its route, checks, handler and the console's calls are derived from it. */
export interface Operation {
  /** One sentence. */
  readonly summary: string;
  readonly right: Right;
  /**
   * The body, a JSON object. Where it has an `appid`, the operation is about that appid, and whoever is for one appid may ask for that one;
   * what has none is about the installation.
   */
  readonly input: z.ZodObject;
  /**
   * The pictures that come with the input. Then the body is multipart/form-data: the input as JSON in the part `input`, and each picture
   * as the bytes of a part of its name.
   */
  readonly pictures?: readonly string[];
  /** The answer, a JSON object. */
  readonly output: z.ZodObject;
  /** Whether the operation is for whoever is signed in, whatever the appid: what is answered depends on who asks. */
  readonly isPersonal?: true;
}

/** The input of a handler of `O`. */
export type OperationInput<O extends Operation> = z.output<O['input']>;
/** The output of a handler of `O`. */
export type OperationOutput<O extends Operation> = z.output<O['output']>;

/** Why an operation was not done; nothing was changed. */
export const operationErrors = {
  /** The order is wrong: the message says what. */
  invalid: 400,
  /** There is no session, or it is over. */
  signIn: 401,
  /** The session may not do this, or the request does not come from its page. */
  forbidden: 403,
  /** What it names is not there. */
  unknown: 404,
  /** What it adds is there. */
  exists: 409,
  /** Too many attempts: try again later. */
  slowDown: 429,
  /** A fault of the server, which is in its log. */
  fault: 500,
} as const;

/** A name of {@link operationErrors}. */
export type OperationErrorCode = keyof typeof operationErrors;
