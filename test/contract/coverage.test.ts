import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'node:test';
import { commonRefusals, type Endpoint, pictureRefusals } from '../../src/contract/endpoint.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { refusals } from '../../src/contract/refusals.ts';
import type { RefusalName } from '../../src/errors/refusals.ts';
import { promisedBy, sharedFolders } from './answers.ts';

// A file that is green has got the answer that its path promises (`answers.ts`), so what is promised is reached.
const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
  /\/.*\.test\.ts$/.test(file),
);
const promised = files.map(promisedBy);
const isPromised = (name: RefusalName | undefined, ...folders: readonly string[]): boolean =>
  promised.some(({ folder, refusal }) => refusal === name && folders.includes(folder));

test('every file puts its promise to the test', () => {
  for (const file of files) {
    const text = readFileSync(join(import.meta.dirname, file), 'utf8');
    assert.match(text, /^(answers|allAnswer)\(\s*import\.meta,/m, file);
    const { folder } = promisedBy(file);
    const isShared = (Object.values(sharedFolders) as string[]).includes(folder);
    assert.ok(isShared || folder in endpoints, `${folder} is an endpoint`);
    assert.equal(/^allAnswer/m.test(text), isShared, `${file}: many endpoints are tested in a folder that they share`);
  }
});

test('every row of the table of refusals is reached', () => {
  const reached = new Set(promised.map(({ refusal }) => refusal));
  const missing = Object.keys(refusals).filter((name) => !reached.has(name as RefusalName));
  assert.deepEqual(missing, []);
});

test('every endpoint succeeds, and gives every refusal that it declares', () => {
  for (const [name, { refusals: own, pictures }] of Object.entries(endpoints) as [string, Endpoint][]) {
    const folders = [name, sharedFolders.call, ...(Object.keys(pictures).length > 0 ? [sharedFolders.picture] : [])];
    assert.ok(isPromised(undefined, name), `${name} succeeds`);
    for (const refusal of own) assert.ok(isPromised(refusal, ...folders), `${name}: ${refusal}`);
  }
});

test('what any call, and any call with a picture, may be refused with is given', () => {
  for (const refusal of commonRefusals) assert.ok(isPromised(refusal, sharedFolders.call), refusal);
  for (const refusal of pictureRefusals) assert.ok(isPromised(refusal, sharedFolders.picture), refusal);
});
