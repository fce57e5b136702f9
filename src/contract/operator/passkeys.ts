/** Operations of passkeys: signing in by one, and the list of one's own. */
import { z } from 'zod';
import type { Operation } from './operation.ts';
import { session } from './session.ts';

/** What the browser's part of the protocol takes and gives: its shape is the standard's. */
const standard = z.looseObject({});
const response = z.looseObject({ id: z.string().max(2_000), response: z.looseObject({}) });
const options = z.object({ options: standard });

const passkey = z.object({
  id: z.string(),
  /** What its owner calls it. */
  label: z.string(),
  /** The host that it signs in at. */
  host: z.string(),
  /** Milliseconds since 1970. */
  createdAt: z.number(),
  usedAt: z.number().nullable(),
});

/** Operations of passkeys. */
export const passkeyOperations = {
  'session.passkeyOptions': {
    summary: 'Gives out what a browser needs to sign in by a passkey; it is good once, for five minutes.',
    right: 'anybody',
    input: z.strictObject({}),
    output: options,
  },
  'session.usePasskey': {
    summary: 'Begins a session by a passkey; the answer sets its cookie.',
    right: 'anybody',
    input: z.strictObject({ response }),
    output: session,
  },
  'passkeys.list': {
    summary: 'Lists the passkeys of the operator who asks.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({}),
    output: z.object({ passkeys: z.array(passkey) }),
  },
  'passkeys.options': {
    summary:
      'Gives out what a browser needs to make a passkey; it takes the password, and is good once, for five minutes.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({ password: z.string().max(256) }),
    output: options,
  },
  'passkeys.add': {
    summary: 'Adds the passkey that the browser has made.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({ label: z.string().min(1).max(100), response }),
    output: z.object({}),
  },
  'passkeys.remove': {
    summary: 'Removes a passkey of the operator who asks.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({ id: z.string().max(2_000) }),
    output: z.object({}),
  },
} as const satisfies Readonly<Record<string, Operation>>;
