import assert from 'node:assert/strict';
import test from 'node:test';
import { Validator } from '@seriousme/openapi-schema-validator';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { Endpoint } from '../../src/contract/endpoint.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { openApiDocument } from '../../src/contract/projections/openapi.ts';

/** The document, as far as the tests look into it. */
interface Document {
  readonly paths: Readonly<Record<string, { readonly post: Operation }>>;
}
interface Operation {
  readonly requestBody: { readonly content: Record<string, { readonly schema: object }> };
  readonly responses: Record<string, { readonly content: Record<string, { readonly schema: object }> }>;
}

const document = structuredClone(openApiDocument()) as unknown as Document;

test('a public validator accepts the document as OpenAPI 3.1', async () => {
  const validator = new Validator();
  const { valid, errors } = await validator.validate(document as unknown as Record<string, unknown>);
  assert.deepEqual([valid, errors, validator.version], [true, undefined, '3.1']);
});

test("the document's schemas take the examples, and refuse them with a required field missing", () => {
  const ajv = new Ajv2020({ strict: false, validateFormats: false });
  for (const [name, { example }] of Object.entries(endpoints) as [string, Endpoint][]) {
    const operation = document.paths[`/face/${name}`]?.post;
    assert.ok(operation, name);
    const { requestBody, responses } = operation;
    const takesRequest = ajv.compile(requestBody.content['application/json']?.schema as object);
    const takesAnswer = ajv.compile(responses['200']?.content['application/json']?.schema as object);
    assert.ok(takesRequest(example.request), `${name}: ${ajv.errorsText(takesRequest.errors)}`);
    assert.ok(
      takesAnswer({ code: 0, message: 'OK', data: example.data }),
      `${name}: ${ajv.errorsText(takesAnswer.errors)}`,
    );
    assert.ok(takesAnswer({ code: -1301, message: 'ERROR_PARAMETER_EMPTY person_id' }));
    assert.ok(!takesRequest({ ...example.request, appid: undefined }));
    assert.ok(!takesAnswer({ code: 0, message: 'OK' }));
  }
});
