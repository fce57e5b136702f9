import assert from 'node:assert/strict';
import test, { after, before } from 'node:test';
import { type EndpointName, endpoints } from '../../src/contract/endpoints.ts';
import { paste } from '../curl.ts';
import { type Answer, checkShape, sendTo, signFor, startApp, type TestApp } from '../harness.ts';
import { type Block, readBlocks } from './blocks.ts';
import { type Pictures, prepare, servePictures, type World } from './world.ts';

const names = Object.keys(endpoints) as EndpointName[];
const blocks = readBlocks();
/** Endpoints whose example finds things changed when it is run again. */
const changes = /^(new|add|del)/;

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
    let world: World | undefined;
    for (const request of requests) {
      if (world === undefined || changes.test(name)) world = await prepare(app, pictures, name);
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

/** Names of what is measured in a picture, or is made anew for each call. */
const measured = new Set(['session_id', 'image_width', 'image_height', 'similarity', 'confidence']);

/**
 * What is said and counted must be as documented. Of what is measured, of ids that the server makes, and of what
 * stands inside another value, only the kind must be.
 */
function assertAlike(real: Record<string, unknown>, documented: Record<string, unknown>, name: string): void {
  for (const [field, value] of Object.entries(documented)) {
    const where = `${name}: ${field}`;
    const isInside = typeof [value].flat()[0] === 'object';
    if (measured.has(field) || isInside) assert.equal(kindOf(real[field]), kindOf(value), where);
    else assert.deepEqual(withoutIds(real[field]), withoutIds(value), where);
  }
}

/** The kind of a value, with those of all that is in it. */
function kindOf(value: unknown): string {
  if (Array.isArray(value)) return `[${kindOf(value[0])}]`;
  if (typeof value !== 'object' || value === null) return typeof value;
  return `{${Object.entries(value).map(([name, one]) => `${name}: ${kindOf(one)}`)}}`;
}

/** A value with every face id in it replaced: the server makes new ones. */
function withoutIds(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replace(/\d{19}/g, 'a face id'));
}
