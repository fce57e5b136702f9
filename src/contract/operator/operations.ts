/** All operations of the operator's API: `POST /api/<name>` with a JSON object, on the operator's listener. */
import { accountOperations } from './accounts.ts';
import { personOperations } from './persons.ts';
import { reportOperations } from './reports.ts';
import { sessionOperations } from './session.ts';

/** The table of operations. */
export const operations = {
  ...sessionOperations,
  ...accountOperations,
  ...personOperations,
  ...reportOperations,
} as const;

/** The name of an operation. */
export type OperationName = keyof typeof operations;
