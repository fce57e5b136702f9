/** The session of this page: whose it is, that it is over, and that another tab has begun another one. */
import { call, forgeryTokenOf, type Output } from './call.ts';
import { queries } from './queries.ts';

type Session = Output<'session.show'>;
type Operator = Session['operator'];

const key = ['session.show', {}] as const;

/** Whose page it is, until they sign out, a session that is over included; undefined until somebody signs in. */
let known: Operator | undefined;

/** Who was signed in when the session was over, if it is, and has not signed out. */
export function whoWas(): Operator | undefined {
  return known;
}

/** Tells one operator, and what they may do, from another. */
export function identityOf({ name, role, appid }: Operator): string {
  return JSON.stringify([name, role, appid]);
}

/** Takes note of whose session it is now. What somebody else was answered is forgotten. */
export function noteSession(session: Session): Session {
  if (known !== undefined && identityOf(known) !== identityOf(session.operator)) forgetAnswers();
  known = session.operator;
  return session;
}

/** Goes on as whoever has signed in. */
export function beginSession(session: Session): void {
  queries.setQueryData(key, noteSession(session));
  // What was refused because the session was over is asked for again.
  void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== key[0] });
}

/** The session is over, and nobody said so: the page stays as it is behind the question for the password. */
export function expireSession(): void {
  void queries.resetQueries({ queryKey: key });
}

/** Forgets all that was answered, and who was signed in. */
export function endSession(): void {
  known = undefined;
  forgetAnswers();
  expireSession();
}

/**
 * Takes over the session that another tab has begun, if it has.
 * @param sent the token of the session that was refused.
 * @returns whether it is the same operator's, so that what was refused may be asked for again.
 */
export async function takeOverSession(sent: string | undefined): Promise<boolean> {
  const before = known;
  const now = await call('session.show', {}).catch(() => undefined);
  if (now === undefined || before === undefined || forgeryTokenOf() === sent) return false;
  beginSession(now);
  return identityOf(before) === identityOf(now.operator);
}

function forgetAnswers(): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== key[0] });
}
