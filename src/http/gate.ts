/** Lets calls in: tells who makes them, how often that appid may call, and whether there is room for what they bring. */
import type { FastifyReply, FastifyRequest } from 'fastify';
import {
  type Authentication,
  authenticate,
  type Caller,
  ProvenSignatures,
  refuseUnlessAllowed,
} from '../auth/authenticate.ts';
import type { Budget } from '../concurrency/budget.ts';
import { CallRates, type RateLeases } from '../concurrency/call-rates.ts';
import { type EndpointName, endpoints } from '../contract/endpoints.ts';
import { Refusal } from '../errors/refusals.ts';
import type { Admission } from './admission.ts';
import { Busy } from './busy.ts';
import type { Connections } from './connections.ts';
import type { CallerLimits, LimitsOf } from './limits.ts';
import type { PictureQuotas, PictureReservation } from './picture-quotas.ts';
import { announceBody, type BodyLimits, lengthOf } from './read-body.ts';

/** What decides who is let in. */
export interface GateParts {
  readonly authentication: Authentication;
  readonly limitsOf: LimitsOf;
  /** The calls of a second, if other servers count them, too. */
  readonly callRates?: RateLeases | undefined;
  readonly connections: Connections;
  readonly admission: Admission;
  /** Bytes of bodies and pictures that are in memory. */
  readonly memory: Budget;
  readonly quotas: PictureQuotas;
  readonly bodyLimits: BodyLimits;
}

/**
 * Lets a request in as a call of an endpoint, or refuses it: at once, unless something has to be waited for, which is rare.
 * @throws Refusal, at once or by the promise.
 */
export type Enter = (name: EndpointName, request: FastifyRequest, reply: FastifyReply) => void | Promise<void>;

/** How many pictures the calls of each endpoint have at least. */
const picturesOf = Object.fromEntries(
  Object.entries(endpoints).map(([name, { pictures }]) => [name, Object.keys(pictures).length]),
) as Readonly<Record<EndpointName, number>>;

/** Opens a gate through which nobody has come yet. */
export function openGate(parts: GateParts): Enter {
  const { limitsOf, connections, admission, bodyLimits, memory, quotas } = parts;
  const authentication = { ...parts.authentication, proven: new ProvenSignatures() };
  const rates = new CallRates(parts.callRates);

  const isInRate = (appid: string, { callsPerSecondMax: max }: CallerLimits): boolean | Promise<boolean> =>
    max === 0 || rates.take(appid, max);
  /** The pictures of a call in the month of its appid; nothing where that has no limit, or the call no pictures. */
  const reserve = (
    { caller, record }: FastifyRequest,
    name: EndpointName,
    { picturesPerMonthMax: max }: CallerLimits,
  ): undefined | Promise<PictureReservation> =>
    max === undefined || picturesOf[name] === 0
      ? undefined
      : quotas.begin(caller!.appid, max, picturesOf[name], () => record.pictures);
  const admit = (
    request: FastifyRequest,
    reply: FastifyReply,
    name: EndpointName,
    limits: CallerLimits,
    month: PictureReservation | undefined,
  ): void => {
    const { appid } = request.caller!;
    if (request.whenOver.disposed) {
      month?.[Symbol.dispose]();
      throw new Refusal('invalidRequest', 'the client went away');
    }
    if (month !== undefined) request.whenOver.use(month);
    if (!connections.claim(request.raw.socket, appid)) refuseConnection(reply);
    const admitted = request.whenOver.use(admission.begin(appid, picturesOf[name], limits));
    const lease = request.whenOver.use(memory.lease(appid));
    announceBody(lease, lengthOf(request.headers), bodyLimits);
    request.holdings = { appid, admitted, lease, month };
  };

  return (name, request, reply) => {
    const start = performance.now();
    request.endpoint = name;
    return after(authenticate(request.headers.authorization, authentication), (caller: Caller) => {
      request.caller = caller;
      refuseUnlessAllowed(caller, name);
      const limits = limitsOf(caller.tenant);
      return after(isInRate(caller.appid, limits), (isInTime: boolean) => {
        if (!isInTime) throw new Busy('calls a second');
        return after(reserve(request, name, limits), (month: PictureReservation | undefined) => {
          admit(request, reply, name, limits, month);
          request.record.addStage('auth', performance.now() - start);
        });
      });
    });
  };
}

/** Does the next thing with a value: at once, if the value is there. */
function after<T>(value: T | Promise<T>, next: (value: T) => void | Promise<void>): void | Promise<void> {
  return value instanceof Promise ? value.then(next) : next(value);
}

/** Refuses the request of a connection that is one too many, and ends it. */
export function refuseConnection(reply: FastifyReply): never {
  reply.header('connection', 'close');
  throw new Busy('connections');
}
