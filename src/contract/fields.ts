/** The kinds of request fields: their limits, and how a value of each is checked. */
import { z } from 'zod';
import { Refusal } from '../errors/refusals.ts';

/** Longest id in bytes of UTF-8 (docs/contract.md §3.1, text limits). */
export const idBytesMax = 128;
/** Longest name or tag in characters (docs/contract.md §3.1, text limits). */
export const textCharactersMax = 255;

/** How a field is spelled on the wire. */
export type FieldKind = 'text' | 'texts';

/** One declared field; its name is its key in the endpoint's declaration. */
export interface Field<T> {
  readonly kind: FieldKind;
  readonly required: boolean;
  /** What it means, for the documents. */
  readonly about: string;
  /** Parses a value that is present; its issues are turned into refusals by {@link readField}. */
  readonly schema: z.ZodType<T>;
  /** Texts that it matches are as they must be, which the schema takes ten times as long to say; absent where none is. */
  readonly plain?: RegExp;
  /** For optional texts: a multipart value of the literal text `null` counts as absent (docs/contract.md §3.1, setinfo). */
  readonly nullText: boolean;
}

/** The type of a field's value for handlers. */
export type FieldValue<F> = F extends Field<infer T> & { readonly required: true }
  ? T
  : F extends Field<infer T>
    ? T | undefined
    : never;

/** Names the refusal for a schema's issue. */
const as = (refusal: 'parameterTooLong' | 'parameterMissing') => ({ params: { refusal } });

const idSchema = z
  .string()
  .refine((text) => text !== '', { ...as('parameterMissing'), abort: true })
  .refine((text) => Buffer.byteLength(text) <= idBytesMax, { ...as('parameterTooLong'), abort: true })
  .regex(/^[^\s\p{Cc}/\\"']+$/u)
  .refine((text) => text.isWellFormed())
  .meta({ minLength: 1, maxLength: idBytesMax });

/** Ids as nearly everybody makes them. */
const plainId = /^[\w.:-]{1,128}$/;

const textSchema = z
  .string()
  .refine((text) => text.length <= textCharactersMax || [...text].length <= textCharactersMax, {
    ...as('parameterTooLong'),
    abort: true,
  })
  .regex(/^\P{Cc}*$/u)
  .refine((text) => text.isWellFormed())
  .meta({ maxLength: textCharactersMax });

const idsSchema = z
  .array(idSchema)
  .refine((ids) => ids.length > 0, as('parameterMissing'))
  .meta({ minItems: 1 });

/** A required id: 1 to 128 bytes of UTF-8 without white space, control characters, slash, backslash or quotes. */
export function id(about: string): Field<string> & { readonly required: true } {
  return { kind: 'text', required: true, about, schema: idSchema, plain: plainId, nullText: false };
}

/** A required list of ids, at least one. */
export function ids(about: string): Field<string[]> & { readonly required: true } {
  return { kind: 'texts', required: true, about, schema: idsSchema, nullText: false };
}

/** An id that may be left out. */
export function optionalId(about: string): Field<string> & { readonly required: false } {
  return { ...id(about), required: false };
}

/** A list of ids that may be left out. */
export function optionalIds(about: string): Field<string[]> & { readonly required: false } {
  return { ...ids(about), required: false };
}

/** A choice between whole numbers that may be left out; their text is accepted, too. */
export function choice<const T extends number>(
  about: string,
  values: readonly T[],
): Field<T> & { readonly required: false } {
  const schema = z.preprocess(
    (value) => (typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value),
    z.literal(values),
  );
  return { kind: 'text', required: false, about, schema, nullText: false };
}

/** An optional name or tag: up to 255 characters, no control characters; may be empty. */
export function text(about: string): Field<string> & { readonly required: false } {
  return { kind: 'text', required: false, about, schema: textSchema, nullText: true };
}

/** Every call's `appid`: decimal digits in practice; it is only compared with the signed one. */
export const appidField = {
  kind: 'text',
  required: true,
  about:
    'The appid that signed; a JSON number counts as its decimal digits, and the spelling `APPID` is accepted, too.',
  schema: z.preprocess((value) => (Number.isSafeInteger(value) ? String(value) : value), idSchema),
  plain: plainId,
  nullText: false,
} as const satisfies Field<string>;

/**
 * Reads one field.
 * @param name the name of the field on the wire.
 * @param value its value as in the body, undefined if absent.
 * @throws Refusal `parameterMissing`, `parameterTooLong` or `parameterInvalid`, with the field's name.
 */
export function readField<T>(name: string, field: Field<T>, value: unknown): T | undefined {
  if (value === undefined || value === null) {
    if (field.required) throw new Refusal('parameterMissing', name);
    return undefined;
  }
  // What is a text field's schema gives texts as they are.
  if (typeof value === 'string' && field.plain?.test(value)) return value as T;
  const read = field.schema.safeParse(value);
  if (read.success) return read.data;
  const issue = read.error.issues[0];
  const named =
    issue?.code === 'custom' ? (issue.params?.refusal as ReturnType<typeof as>['params']['refusal']) : undefined;
  throw new Refusal(named ?? 'parameterInvalid', name);
}
