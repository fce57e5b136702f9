/** What an archive of persons is made of: one JSON value a line (docs/archive.md). */
import { z } from 'zod';
import { appidField, id, text } from '../../contract/fields.ts';
import type { ArchivedFace, ArchivedPerson } from '../../store/archive/archived.ts';
import { floatsOf, toBytes } from '../../store/embeddings.ts';

/** The entries of the archive. */
export const [manifestName, personsName] = ['archive.json', 'persons.jsonl'];

/** What an archive says of itself. */
export interface ArchiveManifest {
  /** Raised when a program of today could not read what a later one writes. */
  readonly format: 1;
  /** Version of the program that made it. */
  readonly version: string;
  /** When it was begun. */
  readonly made_at: string;
  /** Whose persons they are. */
  readonly appid: string;
  /** The pack of networks in use where it was made; null for the built-in ones. */
  readonly pack: string | null;
  /** What it holds of each face besides its row. */
  readonly crops: boolean;
  readonly embeddings: boolean;
  readonly persons: number;
  readonly faces: number;
  /** Of `persons.jsonl`. */
  readonly bytes: number;
  readonly sha256: string;
}

const manifestSchema: z.ZodType<ArchiveManifest> = z.strictObject({
  format: z.literal(1, 'is not the format 1 that this program reads'),
  version: z.string(),
  made_at: z.iso.datetime(),
  appid: appidField.schema,
  pack: z.string().nullable(),
  crops: z.boolean(),
  embeddings: z.boolean(),
  persons: z.int(),
  faces: z.int(),
  bytes: z.int(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});

const idSchema = id('An id.').schema;
const textSchema = text('A name or tag.').schema;
const number = z.number();
const degrees = (most: number) => z.int().min(-most).max(most);
const percent = z.int().min(0).max(100);

const personSchema = z.strictObject({
  kind: z.literal('person'),
  id: idSchema,
  name: textSchema,
  tag: textSchema,
  groups: z.array(idSchema).refine((ids) => new Set(ids).size === ids.length, 'names a group twice'),
  /** How many lines of faces follow. */
  faces: z.int().min(0),
});

const faceSchema = z.strictObject({
  kind: z.literal('face'),
  id: idSchema,
  tag: textSchema,
  box: z.strictObject({ x: number, y: number, width: number, height: number }),
  attributes: z.strictObject({
    gender: percent,
    age: percent,
    expression: percent,
    glass: z.boolean(),
    pitch: degrees(30),
    yaw: degrees(30),
    roll: degrees(180),
  }),
  quality: percent.optional(),
  crop: z.base64().optional(),
  embeddings: z
    .array(z.strictObject({ model: z.string().regex(/^[\w:.-]{1,128}$/), values: z.base64() }))
    .refine((all) => new Set(all.map(({ model }) => model)).size === all.length, 'has two embeddings of one model')
    .optional(),
});

/** A person's own line, with how many lines of faces follow. */
export type PersonLine = z.output<typeof personSchema>;

/** The lines of a person: its own, and one a face. */
export function linesOf(person: ArchivedPerson): string {
  const { id, name, tag, groupIds: groups, faces } = person;
  const line: PersonLine = { kind: 'person', id, name, tag, groups: [...groups], faces: faces.length };
  return [line, ...faces.map(faceLine)].map((one) => `${JSON.stringify(one)}\n`).join('');
}

function faceLine({ id, tag, box, attributes, quality, crop, embeddings }: ArchivedFace): z.output<typeof faceSchema> {
  return {
    kind: 'face',
    id,
    tag,
    box,
    attributes,
    ...(quality !== undefined && { quality }),
    ...(crop !== undefined && { crop: Buffer.from(crop).toString('base64') }),
    ...(embeddings.length > 0 && {
      embeddings: embeddings.map(({ model, embedding }) => ({
        model,
        values: Buffer.from(toBytes(embedding)).toString('base64'),
      })),
    }),
  };
}

/** Reads what an archive says of itself. @throws Error that says what is not understood. */
export function readManifest(json: string): ArchiveManifest {
  return parsed(manifestSchema, json, manifestName);
}

/** Reads a person's own line. @throws Error that names the line. */
export function readPersonLine(json: string, line: number): PersonLine {
  return parsed(personSchema, json, `${personsName}, line ${line}`);
}

/** Reads the line of a face. @throws Error that names the line. */
export function readFaceLine(json: string, line: number, personId: string): ArchivedFace {
  const where = `${personsName}, line ${line}`;
  const { crop, embeddings = [], id, tag, box, attributes, quality } = parsed(faceSchema, json, where);
  return {
    id,
    personId,
    tag,
    box,
    attributes,
    ...(quality !== undefined && { quality }),
    crop: crop === undefined ? undefined : new Uint8Array(Buffer.from(crop, 'base64')),
    embeddings: embeddings.map(({ model, values }) => ({ model, embedding: floats(values, where) })),
  };
}

/** The numbers of an embedding: a vector of unit length, as every model makes. */
function floats(values: string, where: string): Float32Array {
  const bytes = new Uint8Array(Buffer.from(values, 'base64'));
  const embedding = bytes.length % 4 === 0 ? floatsOf(bytes) : new Float32Array();
  const length = Math.hypot(...embedding);
  // Written so that what is no number is refused, too.
  if (!(Math.abs(length - 1) < 0.01)) throw new Error(`${where}: an embedding is no vector of unit length`);
  return embedding;
}

function parsed<T>(schema: z.ZodType<T>, json: string, where: string): T {
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch {
    throw new Error(`${where}: is no JSON`);
  }
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  const { path, message } = read.error.issues[0]!;
  throw new Error(`${where}: ${path.join('.')} ${message}`);
}
