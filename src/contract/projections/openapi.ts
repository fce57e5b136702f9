/** Makes the OpenAPI 3.1 document from the declarations. */

import type { RefusalName } from '../../errors/refusals.ts';
import { commonRefusals, type Endpoint, pictureRefusals } from '../endpoint.ts';
import { type EndpointName, endpoints, pathOf } from '../endpoints.ts';
import { type RefusalRow, refusals } from '../refusals.ts';
import { aboutImage, aboutUrl, fieldsOf, type Json, type JsonObject, picturesOf, toSchema } from './schema.ts';

const signatureAbout =
  'base64( HMAC-SHA1(SecretKey, orig) followed by orig ), where orig is a=<appid>&b=<bucket>&k=<SecretId>&e=<expires>&t=<now>&r=<random>&f=<file>; sent without a scheme word.';

const urlSchema: JsonObject = { type: 'string', format: 'uri' };
const base64Schema: JsonObject = { type: 'string', contentEncoding: 'base64' };
/** In a multipart body of OpenAPI 3.1 a schema without a type means raw bytes. */
const bytesSchema: JsonObject = { contentMediaType: 'application/octet-stream' };

/** The document. */
export function openApiDocument(): Json {
  const paths: Record<string, Json> = {};
  for (const [name, endpoint] of Object.entries(endpoints) as [EndpointName, Endpoint][])
    paths[pathOf(name)] = { post: operation(name, endpoint) };
  return {
    openapi: '3.1.0',
    info: {
      title: 'familiar',
      version: '1',
      summary: 'Persons, groups and faces over signed calls.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: '/' }],
    security: [{ sign: [] }],
    paths,
    components: {
      securitySchemes: { sign: { type: 'apiKey', in: 'header', name: 'Authorization', description: signatureAbout } },
    },
  };
}

/** Every refusal that an endpoint may give, in the table's order. */
export function refusalsOf(endpoint: Endpoint): readonly RefusalName[] {
  const given = new Set<RefusalName>([...commonRefusals, ...endpoint.refusals]);
  return (Object.keys(refusals) as RefusalName[]).filter((name) => given.has(name));
}

/** The refusals of an endpoint, without those of any call and of any call with a picture. */
export function ownRefusalsOf(endpoint: Endpoint): readonly RefusalName[] {
  const shared: readonly RefusalName[] = [...commonRefusals, ...pictureRefusals];
  return refusalsOf(endpoint).filter((name) => !shared.includes(name));
}

function operation(name: string, endpoint: Endpoint): Json {
  return {
    operationId: name,
    summary: endpoint.summary,
    requestBody: { required: true, content: requestContent(endpoint) },
    responses: responses(endpoint),
  };
}

function requestContent(endpoint: Endpoint): Json {
  return {
    'application/json': { schema: requestSchema(endpoint, 'json'), example: endpoint.example.request as Json },
    'multipart/form-data': { schema: requestSchema(endpoint, 'multipart') },
  };
}

function requestSchema(endpoint: Endpoint, kind: 'json' | 'multipart'): Json {
  const fields = fieldsOf(endpoint);
  const properties: Record<string, Json> = {};
  for (const [name, field] of fields) properties[name] = { ...toSchema(field.schema), description: field.about };
  for (const { url, image, many } of picturesOf(endpoint)) {
    properties[url] = list(many, urlSchema, aboutUrl);
    properties[image] = list(many, kind === 'json' ? base64Schema : bytesSchema, aboutImage);
  }
  const required = fields.filter(([, field]) => field.required).map(([name]) => name);
  const either = picturesOf(endpoint).map(({ url, image }) => ({
    anyOf: [{ required: [url] }, { required: [image] }],
  }));
  return { type: 'object', properties, required, ...(either.length > 0 ? { allOf: either } : {}) };
}

function responses(endpoint: Endpoint): Json {
  const byStatus = new Map<number, RefusalRow[]>();
  for (const name of refusalsOf(endpoint)) {
    const row: RefusalRow = refusals[name];
    byStatus.set(row.status, [...(byStatus.get(row.status) ?? []), row]);
  }
  const answers: Record<string, Json> = {};
  for (const [status, rows] of [...byStatus].sort(([a], [b]) => a - b)) {
    const refusal = refusalSchema(rows);
    const schema = status === 200 ? { oneOf: [successSchema(endpoint), refusal] } : refusal;
    const example = status === 200 ? { example: { code: 0, message: 'OK', data: endpoint.example.data as Json } } : {};
    answers[String(status)] = {
      description: rows.map((row) => `${row.code}: ${row.when}`).join('\n\n'),
      headers: { 'x-request-id': { schema: { type: 'string' }, description: "The request's own id." } },
      content: { 'application/json': { schema, ...example } },
    };
  }
  return answers;
}

function successSchema(endpoint: Endpoint): Json {
  return {
    type: 'object',
    properties: { code: { const: 0 }, message: { const: 'OK' }, data: toSchema(endpoint.output) },
    required: ['code', 'message', 'data'],
    additionalProperties: false,
  };
}

function refusalSchema(rows: readonly RefusalRow[]): Json {
  const codes = [...new Set(rows.map((row) => row.code))];
  return {
    type: 'object',
    properties: { code: { type: 'integer', enum: codes }, message: { type: 'string' } },
    required: ['code', 'message'],
    additionalProperties: false,
  };
}

function list(many: boolean, items: JsonObject, description: string): Json {
  return many ? { type: 'array', items, description } : { ...items, description };
}
