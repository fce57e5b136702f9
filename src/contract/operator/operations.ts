/** All operations of the operator's API: `POST /api/<name>` with a JSON object, or with a form where pictures come with it, on the operator's listener. */
import { accountOperations } from './accounts.ts';
import { checkOperations } from './check.ts';
import { jobOperations } from './jobs.ts';
import { liveOperations } from './live.ts';
import { modelOperations } from './models.ts';
import { passkeyOperations } from './passkeys.ts';
import { personOperations } from './persons.ts';
import { recogniseOperations } from './recognise.ts';
import { registerOperations } from './register.ts';
import { reportOperations } from './reports.ts';
import { sessionOperations } from './session.ts';

/** The table of operations. */
export const operations = {
  ...sessionOperations,
  ...passkeyOperations,
  ...accountOperations,
  ...personOperations,
  ...registerOperations,
  ...checkOperations,
  ...reportOperations,
  ...recogniseOperations,
  ...liveOperations,
  ...jobOperations,
  ...modelOperations,
} as const;

/** The name of an operation. */
export type OperationName = keyof typeof operations;
