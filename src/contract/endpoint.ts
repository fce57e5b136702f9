/** The shape of an endpoint's declaration, and the types that follow from it. */
import type { z } from 'zod';
import type { RefusalName } from '../errors/refusals.ts';
import type { Field, FieldValue } from './fields.ts';

/** A picture that a call carries: by url, or as bytes. Where both are given only the url is used (docs/contract.md §3). */
export type PictureInput = { readonly url: string } | { readonly bytes: Uint8Array };

/** Where a call's pictures stand in the request. */
export interface PictureFields {
  /** The field that holds a url, or a list of them. */
  readonly url: string;
  /** The field that holds the bytes, or a list of them. */
  readonly image: string;
  /** Whether the fields are lists. */
  readonly many: boolean;
}

/** The products by which calls were billed: a call may count for several products (docs/contract.md §5). */
export type Product = 'detect' | 'shape' | 'compare' | 'verify' | 'identify';

/** The whole declaration of an endpoint: routes, parsing, handler types and documents are derived from it. */
export interface Endpoint {
  /** One sentence. */
  readonly summary: string;
  /** The fields besides `appid`, in the order in which they are checked. */
  readonly fields: Readonly<Record<string, Field<unknown>>>;
  /** Fields of which at least one is required, besides the required ones. */
  readonly oneOf?: readonly string[];
  /** The pictures, by the names that the handler uses. */
  readonly pictures: Readonly<Record<string, PictureFields>>;
  /** The envelope's `data`, its keys in the order in which they are sent. */
  readonly output: z.ZodObject;
  /** The refusals that it may give besides those of every endpoint (see `commonRefusals`). */
  readonly refusals: readonly RefusalName[];
  /** The products that a call counts for; empty where calls are counted, never charged. */
  readonly products: readonly Product[];
  /** A call and its answer. */
  readonly example: {
    readonly request: Readonly<Record<string, unknown>>;
    readonly data: Readonly<Record<string, unknown>>;
  };
}

/** The input of a handler of `E`: its fields and its pictures. */
export type Input<E extends Endpoint> = {
  readonly [K in keyof E['fields']]: FieldValue<E['fields'][K]>;
} & {
  readonly [K in keyof E['pictures']]: E['pictures'][K]['many'] extends true ? readonly PictureInput[] : PictureInput;
};

/** The output of a handler of `E`. */
export type Output<E extends Endpoint> = z.output<E['output']>;

/** The refusals of any call, which come before those of its endpoint. */
export const commonRefusals = [
  'invalidRequest',
  'signatureEmpty',
  'signatureMalformed',
  'targetMismatch',
  'signatureExpired',
  'appidUnknown',
  'secretIdUnknown',
  'secretIdForeign',
  'signatureReplayed',
  'signatureWrong',
  'tooManyRequests',
  'bucketUnknown',
  'endpointNotAllowed',
  'parameterInvalid',
  'bodyTooLarge',
  'keyStoreFailed',
  'keyStoreUnavailable',
  'unavailable',
  'internal',
  'storageFailed',
  'parameterMissing',
] as const satisfies readonly RefusalName[];

/** The refusals of calls that carry pictures. */
export const pictureRefusals = [
  'noFace',
  'decodeFailed',
  'featureFailed',
  'shapeFailed',
  'pictureMissing',
  'downloadFailed',
  'formatInvalid',
  'downloadBroken',
] as const satisfies readonly RefusalName[];

/** The further refusals of calls that compute attributes of faces. */
export const attributeRefusals = [
  'genderFailed',
  'expressionFailed',
  'ageFailed',
  'poseFailed',
  'glassFailed',
] as const satisfies readonly RefusalName[];
