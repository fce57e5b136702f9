import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { type EndpointName, endpoints } from '../../src/contract/endpoints.ts';
import { paste } from '../curl.ts';
import { type Answer, checkShape, sendTo, signFor, startApp, type TestApp } from '../harness.ts';
import { type Block, readBlocks } from './blocks.ts';
import { type Pictures, prepare, servePictures, type World } from './world.ts';

const names = Object.keys(endpoints) as EndpointName[];
const blocks = readBlocks();

let app: TestApp;
let pictures: Pictures;
before(async () => {
  pictures = await servePictures();
  app = await startApp();
});
after(async () => {
  await app[Symbol.asyncDispose]();
  await pictures[Symbol.asyncDispose]();
});

for (const name of names) {
  const ofPage = blocks.filter(({ page, heading }) => page === 'docs/api.md' && heading === name);
  const requests = ofPage.filter(({ language }) => language === 'http' || language === 'sh');
  const answer = ofPage.find(({ language }) => language === 'json');

  test(`the reference's examples of ${name} do what it says, as JSON, as a form and with curl`, async () => {
    assert.equal(requests.length, 3);
    for (const request of requests) {
      const world = await prepare(app, pictures, name);
      const real = await run(request, world);
      const documented = JSON.parse(world.fill(answer?.text ?? ''));
      assert.equal(real.code, documented.code, real.text);
      checkShape(name, real);
      assertAlike(real.data, documented.data, name);
    }
  });
}

function run(request: Block, world: World): Promise<Answer> {
  const variables = { SIGN: signFor(world.key) };
  if (request.language === 'sh') return paste(world.fill(request.text), { variables, open: pictures.open });
  return sendAsWritten(world.fill(request.text).replace('$SIGN', variables.SIGN));
}

/** Sends a request as it is written, its lines ending as HTTP wants it and pictures where it names their bytes. */
async function sendAsWritten(request: string): Promise<Answer> {
  const [head = '', ...rest] = request.split('\n\n');
  const [first = '', ...lines] = head.split('\n');
  const [method = '', path] = first.split(' ');
  const headers = lines
    .map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string])
    .filter(([name]) => name !== 'Host');
  const body = rest.join('\n\n').replaceAll('\n', '\r\n');
  const parts = await Promise.all(
    body.split(/<bytes of (\S+)>/).map((part, i) => (i % 2 === 0 ? Buffer.from(part) : pictures.open(part))),
  );
  return sendTo(app.app.url + path, { method, headers, body: new Uint8Array(Buffer.concat(parts)) });
}

/** What is counted or said must be as documented; what is measured must only be of the documented kind. */
function assertAlike(real: unknown, documented: unknown, path: string): void {
  const measured = /\.(session_id|image_\w+|similarity|confidence)$|\[\]/.test(path);
  assert.equal(typeof real, typeof documented, path);
  if (Array.isArray(documented) && typeof documented[0] === 'object') {
    const list = real as unknown[];
    assert.ok(list.length > 0, path);
    for (const item of list.slice(0, 1)) assertAlike(item, documented[0], `${path}[]`);
  } else if (!Array.isArray(documented) && typeof documented === 'object' && documented !== null) {
    for (const [name, value] of Object.entries(documented)) {
      const inside = name === 'face_info' ? `${path}[].${name}` : `${path}.${name}`;
      assertAlike((real as Record<string, unknown>)[name], value, inside);
    }
  } else if (path.endsWith('face_id') || path.endsWith('face_ids')) {
    const form = (ids: unknown) => [ids].flat().map((id) => String(id).replace(/^\d{19}$/, 'an id'));
    assert.deepEqual(form(real), form(documented), path);
  } else if (!measured || path.endsWith('person_id')) {
    assert.deepEqual(real, documented, path);
  }
}
