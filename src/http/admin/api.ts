/** The operator's API: each operation of the declarations is a POST to `/api/<name>` of a JSON object, or of a form with pictures. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { digestOf, isForgeryToken, isGranted, type Operator, type OperatorStore } from '../../auth/operators.ts';
import {
  type Operation,
  type OperationInput,
  type OperationOutput,
  operationErrors,
} from '../../contract/operator/operation.ts';
import { type OperationName, operations } from '../../contract/operator/operations.ts';
import { faults, Refusal } from '../../errors/refusals.ts';
import { cookieOf, tokenOf } from './headers.ts';
import { OperationError } from './operation-error.ts';
import { networkOf } from './slowed-guesses.ts';
import { IncomingUpload, type Upload, type UploadParts } from './uploads.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks for an operation; set before its body is read. */
    asking: OperationContext | undefined;
    /** The body of an operation with pictures, which is still to be read. */
    incoming: IncomingUpload | undefined;
  }
}

/** Who asks, as far as a handler wants to know. */
export interface OperationContext {
  /** Undefined for what anybody may ask. */
  readonly operator: Operator | undefined;
  /** The token of the session; undefined for what anybody may ask. */
  readonly token: string | undefined;
  /** The address of who asks, or the network that they have; see {@link networkOf}. */
  readonly address: string;
  /** The page that asks, `https://faces.example`; undefined where a program does. */
  readonly origin: string | undefined;
  readonly requestId: string;
  /** Undefined where no pictures come with the operation. */
  readonly upload: Upload | undefined;
  /** Has the answer set the cookie of a session, or end it. */
  setToken(token: string | undefined): void;
  /** Runs what somebody does who was not signed in when they asked, for the audit. */
  actingAs<T>(operator: string, work: () => Promise<T>): Promise<T>;
}

type Declared<N extends OperationName> = (typeof operations)[N];

/** Does an operation. @throws OperationError. */
export type OperationHandler<N extends OperationName> = (
  input: OperationInput<Declared<N>>,
  context: OperationContext,
) => Promise<OperationOutput<Declared<N>>>;

/** A handler for each operation. */
export type OperationHandlers = { readonly [N in OperationName]: OperationHandler<N> };

/** What the API is made of. */
export interface OperatorApi {
  readonly operators: OperatorStore;
  readonly handlers: OperationHandlers;
  /** Runs a handler on behalf of somebody, for the audit. */
  readonly actingAs: <T>(
    act: { readonly operator: string; readonly action: string; readonly requestId: string },
    work: () => Promise<T>,
  ) => Promise<T>;
  /** The JPEG of a face of an appid; undefined if there is no such face. */
  readonly cropOf: (appid: string, faceId: string) => Promise<Uint8Array | undefined>;
  readonly now: () => number;
  /** Room for the pictures that come with operations. */
  readonly uploads: UploadParts;
}

/** The largest body without pictures, in bytes. */
const bodyBytesMax = 1024 * 1024;

/** Adds the routes. */
export function serveOperations(http: FastifyInstance, api: OperatorApi): void {
  http.decorateRequest('asking', undefined);
  http.decorateRequest('incoming', undefined);
  const names = Object.keys(operations) as OperationName[];
  for (const name of names.filter((name) => !hasPictures(name))) {
    const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
      request.asking = await contextOf(name, request, reply, api);
    };
    http.post(`/api/${name}`, { onRequest, bodyLimit: bodyBytesMax }, (request) =>
      perform(name, api, request.body, request.asking!),
    );
  }
  http.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    // What comes is read by the handler, which knows what it has to hold.
    scope.addContentTypeParser('*', async () => undefined);
    for (const name of names.filter(hasPictures)) {
      const onRequest = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
        request.asking = await contextOf(name, request, reply, api);
        request.incoming = new IncomingUpload(request, reply, api.uploads);
      };
      scope.post(`/api/${name}`, { onRequest }, async (request) => {
        const { input, upload } = await request.incoming!.read((operations[name] as Operation).pictures!);
        return perform(name, api, input, { ...request.asking!, upload });
      });
    }
  });
}

function hasPictures(name: OperationName): boolean {
  return (operations[name] as Operation).pictures !== undefined;
}

async function perform(
  name: OperationName,
  api: OperatorApi,
  body: unknown,
  context: OperationContext,
): Promise<unknown> {
  const declared: Operation = operations[name];
  const { operator } = context;
  // Before anything else is said of what was sent; where none is named, it is not what it has to be.
  const { appid } = (body ?? {}) as { readonly appid?: unknown };
  if (operator !== undefined && typeof appid === 'string') refuseUnlessGranted(declared, operator, appid);
  const input = parse(declared, body);
  const handler = api.handlers[name] as OperationHandler<OperationName>;
  const work = () => handler(input as never, context);
  return operator === undefined ? work() : context.actingAs(operator.name, work);
}

/** Answers what an operation threw. */
export function answerError(error: unknown, request: FastifyRequest, reply: FastifyReply): void {
  const { code, message, retryAfterSeconds } = toOperationError(error);
  if (code === 'fault') request.log.error({ err: error }, 'an operation of the operator failed');
  if (retryAfterSeconds !== undefined) reply.header('retry-after', String(retryAfterSeconds));
  // What is left of a body that was begun stands where the next request would be.
  if (!request.raw.complete && request.raw.readableFlowing !== null) reply.header('connection', 'close');
  reply.code(operationErrors[code]).send({ error: { code, message } });
}

function toOperationError(error: unknown): OperationError {
  if (error instanceof OperationError) return error;
  if (error instanceof Refusal) return toRefused(error);
  // Nobody reads the answer.
  if ((error as Error).name === 'AbortError') return new OperationError('invalid', 'the client went away');
  // The engine's own: a body that is too large, or no JSON.
  const { statusCode, message } = error as { statusCode?: number; message: string };
  if (statusCode !== undefined && statusCode < 500) return new OperationError('invalid', message);
  return new OperationError('fault', 'the server has a fault: its log says which');
}

/** How a refusal of the face API is told that an operation has no other answer for. */
function toRefused({ refusal, detail, retryAfterSeconds, message }: Refusal): OperationError {
  if (refusal === 'tooManyRequests') return new OperationError('slowDown', detail, retryAfterSeconds ?? 1);
  return new OperationError(faults.has(refusal) ? 'fault' : 'invalid', message);
}

async function contextOf(
  name: OperationName,
  request: FastifyRequest,
  reply: FastifyReply,
  api: OperatorApi,
): Promise<OperationContext> {
  const about = {
    address: networkOf(request.ip),
    origin: request.headers.origin,
    requestId: request.id,
    upload: undefined,
    setToken: (token: string | undefined) => void reply.header('set-cookie', cookieOf(token, request.headers)),
    actingAs: <T>(operator: string, work: () => Promise<T>) =>
      api.actingAs({ operator, action: name, requestId: request.id }, work),
  };
  if (operations[name].right === 'anybody') {
    refuseOtherOrigins(request);
    return { ...about, operator: undefined, token: undefined };
  }
  const { operator, token } = await sessionOf(request, api);
  // A page of another origin can send a cookie at most, and never read an answer: `session.show` tells this token to its own page.
  const given = request.headers['x-forgery-token'];
  if (request.url !== '/api/session.show' && !isForgeryToken(token, String(given ?? ''))) {
    throw new OperationError('forbidden', 'the header x-forgery-token is missing, or of another session');
  }
  // Before the body is read: which appid it is about is in there, but whose role allows it for none need not send it.
  const declared: Operation = operations[name];
  refuseUnlessGranted(declared, operator, isAboutOne(declared) ? (operator.appid ?? undefined) : undefined);
  return { ...about, operator, token };
}

/** Whether an operation may be about the one appid that somebody is for. */
function isAboutOne({ isPersonal, input }: Operation): boolean {
  return isPersonal === true || 'appid' in input.shape;
}

/** Whose session a request is of. @throws OperationError if it is of none, or comes from a page of another origin. */
export async function sessionOf(
  request: FastifyRequest,
  { operators, now }: Pick<OperatorApi, 'operators' | 'now'>,
): Promise<{ readonly operator: Operator; readonly token: string }> {
  refuseOtherOrigins(request);
  const token = tokenOf(request.headers);
  const session = token === undefined ? undefined : await operators.findSession(digestOf(token), now());
  if (token === undefined || session === undefined) throw new OperationError('signIn', 'sign in');
  return { operator: session.operator, token };
}

/** Browsers say where a request comes from; programs do not, and have no cookies that somebody else could use. */
function refuseOtherOrigins(request: FastifyRequest): void {
  const { origin, host, 'sec-fetch-site': site } = request.headers;
  const isOwn = origin === undefined || URL.parse(origin)?.host === host;
  if (isOwn && (site === undefined || site === 'same-origin' || site === 'none')) return;
  throw new OperationError('forbidden', 'the request comes from a page of another origin');
}

function parse({ input }: Operation, body: unknown): Record<string, unknown> {
  const parsed = input.safeParse(body ?? {});
  if (parsed.success) return parsed.data;
  throw new OperationError('invalid', z.prettifyError(parsed.error));
}

/** @param appid undefined for the installation. */
function refuseUnlessGranted({ right }: Operation, operator: Operator, appid: string | undefined): void {
  if (right === 'anybody' || isGranted(operator, right, appid)) return;
  const what = appid === undefined ? 'the installation' : `the appid ${appid}`;
  throw new OperationError('forbidden', `this takes the role ${right} for ${what}`);
}
