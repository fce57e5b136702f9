/** Operations on appids and their keys. */
import { z } from 'zod';
import type { Operation } from './operation.ts';

const appid = z.string().min(1).max(128);
const time = z.number();
const limits = z.record(z.string(), z.union([z.number(), z.string()]));

const tenant = z.object({
  appid,
  note: z.string(),
  buckets: z.array(z.string()),
  /** The limits that the appid has of its own. */
  limits,
  kept: z.object({ groups: z.number(), persons: z.number(), faces: z.number(), bytes: z.number() }),
  /** Pictures that were analysed in the month. */
  picturesOfMonth: z.number(),
});

/** The most that an appid may keep and use, whoever limits it; absent where nobody does. */
const quotas = z.object({
  groups: z.number(),
  persons: z.number().optional(),
  faces: z.number().optional(),
  bytes: z.number().optional(),
  picturesPerMonth: z.number().optional(),
});

/** What may be said of an appid, as on the command line; what is absent is left as it is. */
const tenantWords = {
  /** A whole number each, as text, or a word, or `default`. */
  limits: z.record(z.string(), z.string()).optional(),
  buckets: z.array(z.string().max(128)).max(100).optional(),
  note: z.string().optional(),
};

const key = z.object({
  secretId: z.string(),
  appid,
  name: z.string().optional(),
  createdAt: time,
  expiresAt: time.optional(),
  /** Absent if it may call all. */
  endpoints: z.array(z.string()).optional(),
  revokedAt: time.nullable(),
  usedAt: time.optional(),
});

/** What may be said of a key, as on the command line; what is absent is left as it is. */
const keyWords = {
  name: z.string().optional(),
  /** A date, a moment, or `never`. */
  expires: z.string().optional(),
  /** Endpoints, sets of them, or `all`. */
  endpoints: z.array(z.string()).max(100).optional(),
};

/** Operations on appids and their keys. */
export const accountOperations = {
  'tenants.list': {
    summary: 'Lists the appids that the operator is for, with what they keep.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({}),
    output: z.object({ tenants: z.array(tenant) }),
  },
  'tenants.show': {
    summary: 'Shows an appid with what it keeps, and how much of that it may keep.',
    right: 'reader',
    input: z.strictObject({ appid }),
    output: z.object({ tenant, quotas }),
  },
  'tenants.limits': {
    summary: 'Lists the limits that an appid may have of its own.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({}),
    output: z.object({
      limits: z.array(
        z.object({
          name: z.string(),
          about: z.string(),
          /** Of what is a number; what is a word has `choices`. */
          least: z.number().optional(),
          most: z.number().optional(),
          choices: z.array(z.string()).optional(),
        }),
      ),
    }),
  },
  'tenants.add': {
    summary: 'Adds an appid, without a key.',
    right: 'owner',
    input: z.strictObject({ new: appid, ...tenantWords }),
    output: z.object({}),
  },
  'tenants.set': {
    summary: 'Changes what is set for an appid; servers follow within a second.',
    right: 'owner',
    input: z.strictObject({ of: appid, ...tenantWords }),
    output: z.object({}),
  },
  'tenants.remove': {
    summary: 'Ends an appid for ever: destroys its data key, erases its keys, persons and faces.',
    right: 'owner',
    input: z.strictObject({ of: appid }),
    output: z.object({}),
  },
  'keys.list': {
    summary: 'Lists the keys of an appid, without their SecretKeys.',
    right: 'reader',
    input: z.strictObject({ appid }),
    output: z.object({ keys: z.array(key) }),
  },
  'keys.add': {
    summary: 'Makes a key of an appid. Its SecretKey is in the answer, and never shown again.',
    right: 'owner',
    input: z.strictObject({ appid, ...keyWords }),
    output: z.object({ secretId: z.string(), secretKey: z.string() }),
  },
  'keys.set': {
    summary: 'Changes a key; servers follow within a second.',
    right: 'owner',
    input: z.strictObject({ appid, secretId: z.string(), ...keyWords }),
    output: z.object({}),
  },
  'keys.revoke': {
    summary: 'Revokes a key: calls signed with it are refused from now on.',
    right: 'owner',
    input: z.strictObject({ appid, secretId: z.string() }),
    output: z.object({}),
  },
  'keys.endpointSets': {
    summary: 'Lists the sets of endpoints that keys can be confined to, and all endpoints.',
    right: 'reader',
    isPersonal: true,
    input: z.strictObject({}),
    output: z.object({ endpoints: z.array(z.string()), sets: z.record(z.string(), z.array(z.string())) }),
  },
} as const satisfies Readonly<Record<string, Operation>>;
