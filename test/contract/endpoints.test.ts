import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import type { Endpoint } from '../../src/contract/endpoint.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { faceItem } from '../../src/contract/face-item.ts';
import { readImages, readInput, readTarget } from '../../src/contract/input.ts';
import { openApiDocument } from '../../src/contract/projections/openapi.ts';
import { type RefusalRow, refusals } from '../../src/contract/refusals.ts';

const all: readonly [string, Endpoint][] = Object.entries(endpoints);

test('every example is a request that its endpoint takes, and an answer that it may give', () => {
  for (const [name, endpoint] of all) {
    const body = { kind: 'json', fields: new Map(Object.entries(endpoint.example.request)) } as const;
    assert.equal(readTarget(body).appid, endpoint.example.request.appid);
    readInput(endpoint, body, readImages(endpoint, body, 1));
    const data = endpoint.output.parse(endpoint.example.data);
    assert.deepEqual(Object.keys(endpoint.example.data), Object.keys(data), `${name}: the keys' order`);
  }
});

test('the table of refusals holds every code of the contract, with its status', () => {
  const rows: readonly RefusalRow[] = Object.values(refusals);
  const codes = [...new Set(rows.map((row) => row.code))].sort((a, b) => a - b);
  const expected = [3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 16, 21, 23, 107, 108, 213, -1200, -1400, -1403];
  for (let code = -1109; code <= -1101; code += 1) expected.push(code);
  for (let code = -1312; code <= -1300; code += 1) expected.push(code);
  // Ours: no appid answers it that has not been set to.
  expected.push(-1313);
  assert.deepEqual(
    codes,
    expected.sort((a, b) => a - b),
  );
  const special: Record<number, number[]> = {
    3: [400, 404, 405],
    15: [429],
    23: [413],
    213: [500],
    107: [503],
    108: [503],
  };
  for (const row of rows) {
    assert.ok((special[row.code] ?? [row.code < 0 ? 200 : 400]).includes(row.status), `${row.code}: ${row.status}`);
  }
});

test('a code has one message', () => {
  const messages = new Map<number, string>();
  for (const row of Object.values(refusals) as RefusalRow[]) {
    assert.equal(messages.get(row.code) ?? row.message, row.message);
    messages.set(row.code, row.message);
  }
});

test('the OpenAPI document describes every endpoint, and nothing else', () => {
  const { paths } = openApiDocument() as { paths: Record<string, unknown> };
  assert.deepEqual(
    Object.keys(paths),
    Object.keys(endpoints).map((name) => `/face/${name}`),
  );
});

test('what machines are told of the API changes only where somebody means it: the document is the one that is committed', () => {
  const committed = readFileSync(new URL('../../docs/openapi.json', import.meta.url), 'utf8');
  assert.deepEqual(openApiDocument(), JSON.parse(committed), 'run `npm run generate` if the change is meant');
});

test('a face id that is sent has 19 digits and nothing else', () => {
  const face = endpoints.detect.example.data.face[0];
  assert.ok(faceItem.safeParse(face).success);
  for (const id of ['105827355012163174', '10582735501216317440', 'a058273550121631744', '1058273550121631744\n']) {
    assert.ok(!faceItem.safeParse({ ...face, face_id: id }).success, JSON.stringify(id));
  }
});
