/** How sessions of operators begin, whatever shows who somebody is; and how guessing is slowed down. */
import { digestOf, forgeryTokenOf, makeToken, type Operator, type OperatorStore } from '../../../auth/operators.ts';
import type { OperationContext } from '../../../http/admin/api.ts';
import { SlowedGuesses } from '../../../http/admin/slowed-guesses.ts';

/** Begins sessions. */
export interface SessionBeginnings {
  readonly operators: OperatorStore;
  readonly guesses: SlowedGuesses;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Begins a session of somebody who has shown who they are: sets its cookie, and answers what `session.show` does. */
  readonly begin: (
    operator: Operator,
    context: OperationContext,
  ) => Promise<{ operator: Operator; forgeryToken: string }>;
}

/** @param now milliseconds since 1970. */
export function sessionBeginnings(operators: OperatorStore, now: () => number): SessionBeginnings {
  return {
    operators,
    guesses: new SlowedGuesses(now),
    now,
    async begin(operator, context) {
      const token = makeToken();
      await context.actingAs(operator.name, () => operators.addSession(digestOf(token), operator.name, now()));
      context.setToken(token);
      return { operator, forgeryToken: forgeryTokenOf(token) };
    },
  };
}
