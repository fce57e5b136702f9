import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { after, before, suite, test } from 'node:test';
import { openPictures } from '../conformance/pictures.ts';
import { type Answer, formOf, makeFolder, sendTo, signFor } from '../harness.ts';
import { type ServerProcess, startServer } from '../process.ts';
import { madeOf } from './made.ts';
import { readManifest } from './manifest.ts';

/**
 * The most memory, in megabytes, that the server with one worker may ever have taken, its networks and Node included. A
 * picture of 40 megapixels alone would take 120 if it were decoded whole.
 */
const memoryMbMax = 768;

/** What a refused picture may be called. */
const refusals = [-1102, -1300, -1400];
const noFace = -1101;

const data = process.env.FAMILIAR_DATA;
const odd = data === undefined ? undefined : readManifest(data);

let folder: string;
let server: ServerProcess;
before(async () => {
  folder = await makeFolder();
  server = await startServer(folder, '--workers', '1');
});
after(async () => {
  server.child.kill('SIGTERM');
  await server.ended;
  await rm(folder, { recursive: true });
});

function detect(image: Uint8Array): Promise<Answer> {
  const body = formOf({ appid: server.key.appid, image });
  return sendTo(`${server.url}/face/detect`, { method: 'POST', headers: { authorization: signFor(server.key) }, body });
}

test('a picture gives its face or the code that the contract has for it, whatever it is', async () => {
  const pictures = await openPictures();
  const photograph = pictures.bytes.ada;
  await pictures[Symbol.asyncDispose]();
  for (const [name, outcome, make] of madeOf(photograph)) {
    const { code, data, text } = await detect(await make());
    assert.equal(code === 0 && data.face.length === 1 ? 'one face' : code, outcome, `${name}: ${text}`);
  }
});

suite('odd pictures', { skip: odd ? false : 'FAMILIAR_DATA names no folder with manifests/odd.csv' }, () => {
  for (const { path, kind, expected } of odd ?? []) {
    const name = path.slice(data?.length).slice(0, 80);
    test(`${kind}, ${name}: ${expected.join(' or ')}`, async () => {
      const { code, data, text } = await detect(await readFile(path));
      const faces = code === 0 ? data.face.length : code === noFace ? 0 : undefined;
      if (faces === undefined) assert.ok(refusals.includes(code), text);
      const outcomes = faces === undefined ? ['reject'] : ['ok:any', `ok:${faces}`];
      assert.ok(
        outcomes.some((outcome) => expected.includes(outcome)),
        `${outcomes}, not ${expected}: ${text}`,
      );
    });
  }
});

test(`the server never took more than ${memoryMbMax} MB, and lives`, async (t) => {
  assert.equal(server.child.exitCode, null);
  const status = `/proc/${server.child.pid}/status`;
  if (!existsSync(status)) return t.skip('only Linux tells how much memory a process has taken');
  const peakMb = Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(await readFile(status, 'utf8'))?.[1]) / 1024);
  t.diagnostic(`peak memory of the server, after ${odd?.length ?? 0} odd pictures and those made here: ${peakMb} MB`);
  assert.ok(peakMb > 0 && peakMb <= memoryMbMax, `${peakMb} MB`);
});
