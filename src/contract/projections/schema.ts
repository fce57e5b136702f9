/** Makes JSON Schema from the declarations; the other generators start from it. */
import { z } from 'zod';
import type { Endpoint, PictureFields } from '../endpoint.ts';
import { appidField, type Field } from '../fields.ts';

/** A JSON value. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** A JSON object. */
export interface JsonObject {
  readonly [key: string]: Json;
}

/** A declared value as JSON Schema. */
export function toSchema(declared: z.ZodType): JsonObject {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(declared, { io: 'input', unrepresentable: 'any' });
  return schema as JsonObject;
}

/** All fields of an endpoint by name, `appid` first. */
export function fieldsOf(endpoint: Endpoint): readonly (readonly [string, Field<unknown>])[] {
  return [['appid', appidField], ...Object.entries(endpoint.fields)];
}

/** The picture fields of an endpoint. */
export function picturesOf(endpoint: Endpoint): readonly PictureFields[] {
  return Object.values(endpoint.pictures);
}

/** The meaning of the field of a picture's url. */
export const aboutUrl = 'Where the picture can be fetched. If it is given, the bytes are ignored.';
/** The meaning of the field of a picture's bytes. */
export const aboutImage = 'The bytes of the picture; in JSON as base64.';
