/** The operator's API over a running application: every operation, done by the functions that the command line calls, too. */
import type { OperationHandlers, OperatorApi } from '../../../http/admin/api.ts';
import { OperationError } from '../../../http/admin/operation-error.ts';
import type { OperatorCalls } from '../../../http/operator-calls.ts';
import { actingAs } from '../../../store/audit/act.ts';
import type { Stores } from '../../../store/open.ts';
import { createDay } from '../../calendar.ts';
import type { LimitSettings } from '../../caller-limits.ts';
import type { CheckRunner } from '../../check-runner.ts';
import { MonthError } from '../../statements.ts';
import { OrderRefused } from '../order.ts';
import { accountHandlers } from './accounts.ts';
import { checkHandlers } from './check.ts';
import { type JobParts, jobHandlers } from './jobs.ts';
import { type ModelParts, modelHandlers } from './models.ts';
import { passkeyHandlers } from './passkeys.ts';
import { personHandlers } from './persons.ts';
import { recogniseHandlers } from './recognise.ts';
import { registerHandlers } from './register.ts';
import { reportHandlers } from './reports.ts';
import { sessionHandlers } from './session.ts';
import { sessionBeginnings } from './sessions.ts';

/** What the API is about. */
export interface OperatorApiParts {
  readonly stores: Stores;
  readonly timeZone: string;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** The settings that limit appids, as they are now. */
  readonly limits: () => LimitSettings;
  /** Runs checks of registers. */
  readonly checks: Pick<CheckRunner, 'begin'>;
  /** What the server tells of itself. */
  readonly server: () => ReturnType<OperationHandlers['server.show']>;
  /** What it does now. */
  readonly live: () => ReturnType<OperationHandlers['server.live']>;
  /** Makes calls for appids. */
  readonly calls: OperatorCalls;
  readonly jobs: JobParts;
  readonly models: ModelParts;
}

/** Makes the API. */
export function operatorApi(parts: OperatorApiParts): OperatorApi {
  const { stores, timeZone, now, limits } = parts;
  const { operators } = stores;
  const day = createDay(timeZone, now);
  const beginnings = sessionBeginnings(operators, now);
  const handlers = {
    ...sessionHandlers(beginnings),
    ...passkeyHandlers(beginnings),
    ...accountHandlers(stores, () => day().slice(0, 7), now, limits),
    ...personHandlers(stores, limits),
    ...checkHandlers(stores, limits, parts.checks),
    ...reportHandlers(stores, timeZone, parts.server),
    ...recogniseHandlers(parts.calls, stores),
    'server.live': parts.live,
    ...jobHandlers(parts.jobs),
    ...registerHandlers(stores, limits),
    ...modelHandlers(stores, parts.models),
  };
  return {
    operators,
    handlers: Object.fromEntries(
      Object.entries(handlers).map(([name, handler]) => [name, refusing(handler as Handler)]),
    ) as unknown as OperationHandlers,
    actingAs: ({ operator, action, requestId }, work) =>
      actingAs({ kind: 'operator', actor: operator, action, requestId }, work),
    cropOf: async (appid, faceId) => (await stores.pagesOf(appid).crop(faceId))?.crop,
    now,
    uploads: parts.calls,
  };
}

type Handler = (input: never, context: never) => Promise<unknown>;

/** Has a handler refuse as the API does. */
function refusing(handler: Handler): Handler {
  return async (input, context) => {
    try {
      return await handler(input, context);
    } catch (error) {
      if (error instanceof OrderRefused) throw new OperationError(error.why, error.message);
      if (error instanceof MonthError) throw new OperationError('invalid', error.message);
      throw error;
    }
  };
}
