/**
 * A test file of this folder promises an answer by its path, `<endpoint>/<answer>.test.ts`; this checks the promise.
 */
import assert from 'node:assert/strict';
import { basename, dirname } from 'node:path';
import test from 'node:test';
import type { Endpoint } from '../../src/contract/endpoint.ts';
import { type EndpointName, endpoints } from '../../src/contract/endpoints.ts';
import { refusalsOf } from '../../src/contract/projections/openapi.ts';
import { refusals } from '../../src/contract/refusals.ts';
import type { RefusalName } from '../../src/errors/refusals.ts';
import { all, withPictures } from './requests.ts';
import { openService, type Reply, type Service, type Wanted } from './service.ts';

/** The folder of answers that any call may get, and the folder of those that any call with a picture may get. */
export const sharedFolders = { call: 'any-call', picture: 'any-picture' } as const;

/** What a file promises. */
export interface Promised {
  /** The file's folder. */
  readonly folder: string;
  /** Undefined for success. */
  readonly refusal: RefusalName | undefined;
}

/** Reads a path: `newperson/person-exists.test.ts` promises that newperson answers `personExists`. */
export function promisedBy(path: string): Promised {
  const answer = basename(path, '.test.ts').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  if (answer !== 'ok') assert.ok(answer in refusals, `${answer} is a refusal`);
  return { folder: basename(dirname(path)), refusal: answer === 'ok' ? undefined : (answer as RefusalName) };
}

/**
 * Tests that an endpoint gives the answer that the file's path promises.
 * @param guarantee in words, for the test's name.
 * @param body makes the calls; each reply that it returns must be that answer.
 */
export function answers(
  { filename }: ImportMeta,
  guarantee: string,
  body: (service: Service) => Promise<Reply | readonly Reply[]>,
  wanted: Wanted = {},
): void {
  const { folder, refusal } = promisedBy(filename);
  test(`${folder}: ${guarantee}`, async () => {
    await using service = await openService(wanted);
    const replies = [await body(service)].flat();
    assert.ok(replies.length > 0);
    for (const reply of replies) check(reply, refusal, folder as EndpointName);
  });
}

/** Tests the same of several endpoints, of all unless told otherwise, with an application for them all. */
export function allAnswer(
  { filename }: ImportMeta,
  guarantee: string,
  body: (service: Service, endpoint: EndpointName) => Promise<Reply>,
  { of = all, prepare, ...wanted }: Wanted & Together = {},
): void {
  const { refusal } = promisedBy(filename);
  const whose = of === all ? 'every endpoint' : of === withPictures ? 'every endpoint with pictures' : of.join(', ');
  test(`${whose}: ${guarantee}`, async () => {
    await using service = await openService(wanted);
    await prepare?.(service);
    for (const endpoint of of) check(await body(service, endpoint), refusal, endpoint);
  });
}

/** Which endpoints are tested together, and what comes first. */
export interface Together {
  readonly of?: readonly EndpointName[];
  readonly prepare?: (service: Service) => Promise<unknown>;
}

function check(reply: Reply, refusal: RefusalName | undefined, endpoint: EndpointName): void {
  if (refusal === undefined) checkSuccess(reply, endpoint);
  else checkRefusal(reply, refusal, endpoint);
}

/** The documented fields, in the documented order, of the documented types, and nothing else. */
function checkSuccess({ data, text }: Reply, name: EndpointName): void {
  const { output }: Endpoint = endpoints[name];
  assert.equal(text, JSON.stringify({ code: 0, message: 'OK', data }));
  output.parse(data);
  const required = Object.entries(output.shape).filter(([, schema]) => !schema.safeParse(undefined).success);
  assert.deepEqual(
    Object.keys(data),
    required.map(([key]) => key),
  );
}

/** The table's code, status and message. One picture that addface refuses leaves the call itself a success. */
function checkRefusal(
  { status, code, message, data, text }: Reply,
  refusal: RefusalName,
  endpoint: EndpointName,
): void {
  const row = refusals[refusal];
  assert.ok(!isDeclared(refusal) || refusalsOf(endpoints[endpoint]).includes(refusal), `${endpoint}: ${refusal}`);
  if (code === 0 && endpoint === 'addface') {
    assert.deepEqual([status, data.ret_codes.length, data.ret_codes[0]], [200, data.face_ids.length, row.code], text);
    return;
  }
  assert.deepEqual([status, code, message.slice(0, row.message.length)], [row.status, row.code, row.message], text);
  if (endpoint !== 'compare' || data === undefined)
    assert.deepEqual(Object.keys(JSON.parse(text)), ['code', 'message']);
  else assert.deepEqual([Object.keys(data), data.similarity], [['session_id', 'similarity', 'fail_flag'], 0]);
}

/** Whether it is an endpoint's at all, and not that of a path or a method that no endpoint has. */
function isDeclared(refusal: RefusalName): boolean {
  return Object.values(endpoints).some((endpoint) => refusalsOf(endpoint).includes(refusal));
}
