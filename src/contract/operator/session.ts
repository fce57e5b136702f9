/** Operations of signing in, and of who may. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const name = z.string().regex(/^[\w.@-]{1,64}$/, 'a name has 1 to 64 letters, digits, dots, dashes, underscores or @');
/** The lengths are those of `auth/passwords.ts`. */
const newPassword = z.string().min(12, 'a password has at least 12 characters').max(256);
const role = z.enum(['reader', 'editor', 'owner']);
const appid = z.string().regex(/^[\w.-]{1,128}$/);
const grant = { role, appid: appid.nullable() };

const operator = z.strictObject({ name, ...grant, createdAt: z.number() });

/** Somebody who is signed in. */
export const session = z.strictObject({
  operator,
  /** What the header `x-forgery-token` of each further request must be. */
  forgeryToken: z.string(),
});

/** Operations of signing in, and of who may. */
export const sessionOperations = {
  'session.signIn': {
    summary: 'Begins a session; the answer sets its cookie.',
    right: 'anybody',
    input: z.strictObject({ name: z.string().max(64), password: z.string().max(256) }),
    output: session,
  },
  'session.readLink': {
    summary: 'Says whom a link for setting a password is for.',
    right: 'anybody',
    input: z.strictObject({ token: z.string().max(100) }),
    output: z.strictObject({ name }),
  },
  'session.useLink': {
    summary: 'Sets the password that a link is for, uses the link up, and begins a session.',
    right: 'anybody',
    input: z.strictObject({ token: z.string().max(100), password: newPassword }),
    output: session,
  },
  'session.show': {
    summary: 'Shows who is signed in.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({}),
    output: session,
  },
  'session.signOut': {
    summary: 'Ends the session, or with `everywhere` all sessions of the operator.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({ everywhere: z.boolean().default(false) }),
    output: z.strictObject({}),
  },
  'operators.list': {
    summary: 'Lists the operators.',
    right: 'owner',
    input: z.strictObject({}),
    output: z.strictObject({ operators: z.array(operator) }),
  },
  'operators.invite': {
    summary:
      'Makes a link by which somebody becomes an operator, or an operator sets a new password. It works once, within an hour.',
    right: 'owner',
    input: z.strictObject({ name, grant: z.strictObject(grant) }),
    output: z.strictObject({ token: z.string() }),
  },
  'operators.set': {
    summary: 'Changes what an operator may do, and ends the sessions.',
    right: 'owner',
    input: z.strictObject({ name, grant: z.strictObject(grant) }),
    output: z.strictObject({}),
  },
  'operators.remove': {
    summary: 'Removes an operator, and ends the sessions.',
    right: 'owner',
    input: z.strictObject({ name }),
    output: z.strictObject({}),
  },
} as const satisfies Readonly<Record<string, Operation>>;
