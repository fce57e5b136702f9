import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { addPack } from '../../src/app/models.ts';
import { downloadFile } from '../../src/vision/packs/download.ts';
import { faultsOf, installPack } from '../../src/vision/packs/folder.ts';
import type { PackFile } from '../../src/vision/packs/manifest.ts';
import { freshFolder, sha256, thumbnailManifest, thumbnailNetwork, writePack } from './made-up.ts';

/** Large enough to come in several pieces. */
const content = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31) % 251);

const fileAt = (...urls: string[]): PackFile => ({
  name: 'big.onnx',
  sha256: sha256(content),
  bytes: content.length,
  urls,
  licence: 'CC0-1.0',
  origin: 'A test.',
});

/** Serves until the test ends. */
async function serve(context: TestContext, answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  context.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/big.onnx`;
}

const serveContent = (context: TestContext): Promise<string> => serve(context, (_, response) => response.end(content));

const isContent = async (path: string) => assert.equal(sha256(await readFile(path)), sha256(content));

test('a file comes whole, and its progress is told in rising bytes up to the last', async (context) => {
  const path = join(await freshFolder(context), 'part');
  const told: number[] = [];
  await downloadFile(path, fileAt(await serveContent(context)), { onProgress: (done) => told.push(done) });
  await isContent(path);
  assert.equal(told.at(-1), content.length);
  assert.deepEqual(
    told,
    told.toSorted((a, b) => a - b),
  );
});

test('a download that is cut off leaves nothing, and the next one starts anew', async (context) => {
  const path = join(await freshFolder(context), 'part');
  let cutOff = (): void => {};
  const cut = await serve(context, (_, response) => {
    cutOff = () => response.destroy();
    response.writeHead(200, { 'content-length': content.length });
    response.write(content.subarray(0, 100_000));
  });
  // Only once something has come: what is on its way when a connection breaks may be lost.
  const download = downloadFile(path, fileAt(cut), { onProgress: () => cutOff() });
  await assert.rejects(download, /Cannot download big\.onnx/);
  assert.ok(!existsSync(path));
  await downloadFile(path, fileAt(await serveContent(context)));
  await isContent(path);
});

test('a file that is shorter than its manifest says is refused', async (context) => {
  const path = join(await freshFolder(context), 'part');
  const short = await serve(context, (_, response) => response.end(content.subarray(1)));
  await assert.rejects(downloadFile(path, fileAt(short)), /stopped after 299999 of 300000 bytes/);
  assert.ok(!existsSync(path));
});

test('wrong bytes are refused and not kept, too many are not even read', async (context) => {
  const path = join(await freshFolder(context), 'part');
  const wrong = await serve(context, (_, response) => response.end(content.toReversed()));
  await assert.rejects(downloadFile(path, fileAt(wrong)), /is not the file with SHA-256/);
  assert.ok(!existsSync(path));
  let sent = 0;
  const endless = await serve(context, (_, response) => {
    const more = (): void => {
      sent += content.length;
      if (sent < 100 * content.length && !response.write(content)) response.once('drain', more);
    };
    more();
  });
  await assert.rejects(downloadFile(path, fileAt(endless)), /more than the 300000 bytes/);
  assert.ok(sent < 100 * content.length, 'the source was stopped');
  assert.ok(!existsSync(path));
});

test('sources are tried in their order, and what each answered is told', async (context) => {
  const path = join(await freshFolder(context), 'part');
  const missing = await serve(context, (_, response) => response.writeHead(404).end());
  await downloadFile(path, fileAt(missing, await serveContent(context)));
  await isContent(path);
  const other = join(await freshFolder(context), 'part');
  await assert.rejects(downloadFile(other, fileAt(missing, missing)), /HTTP 404.*HTTP 404/);
  await assert.rejects(downloadFile(other, fileAt()), /names no address/);
  await assert.rejects(downloadFile(other, fileAt('http://127.0.0.1:1/')), /fetch failed \(.+\)/);
});

test('redirects are followed, but neither for ever nor to another scheme', async (context) => {
  const folder = await freshFolder(context);
  const real = await serveContent(context);
  const to = (location: string) => serve(context, (_, response) => response.writeHead(302, { location }).end());
  await downloadFile(join(folder, 'a'), fileAt(await to(real)));
  await isContent(join(folder, 'a'));
  for (const location of ['file:///etc/hostname', 'https://127.0.0.1/', 'data:,x']) {
    await assert.rejects(downloadFile(join(folder, 'b'), fileAt(await to(location))), /redirects from http: to/);
  }
  await assert.rejects(downloadFile(join(folder, 'c'), fileAt(await to('/again'))), /redirects more than/);
});

test('a source that falls silent is given up, and so is a download that nobody wants any more', async (context) => {
  const path = join(await freshFolder(context), 'part');
  const silent = await serve(context, (_, response) => void response.write(content.subarray(0, 10)));
  await assert.rejects(downloadFile(path, fileAt(silent), { idleTimeoutMs: 50 }), /nothing came for 0\.05 seconds/);
  const stop = new AbortController();
  const onProgress = () => stop.abort(new Error('stopped'));
  await assert.rejects(
    downloadFile(path, fileAt(silent, silent), { signal: stop.signal, onProgress }),
    /^Error: stopped$/,
  );
});

test('a pack whose file is wrong leaves nothing behind, and the one of its name as it was', async (context) => {
  const packs = await freshFolder(context);
  const bytes = thumbnailNetwork();
  const good = await serve(context, (_, response) => response.end(bytes));
  const installed = await installPack(packs, thumbnailManifest('thumbnail', good));
  assert.deepEqual(await faultsOf(installed), []);
  const bad = await serve(context, (_, response) => response.end(bytes.toReversed()));
  await assert.rejects(installPack(packs, thumbnailManifest('thumbnail', bad)), /is not the file/);
  await assert.rejects(installPack(packs, thumbnailManifest('other', bad)), /is not the file/);
  assert.deepEqual(await faultsOf(installed), []);
  assert.ok(!existsSync(join(packs, 'other')));
  assert.deepEqual(await readdir(join(packs, '.downloads')), []);
});

test('a file that lies at hand is copied, and one that is damaged is named, not passed over', async (context) => {
  const [packs, from] = [await freshFolder(context), await freshFolder(context)];
  const manifest = thumbnailManifest('thumbnail', 'http://127.0.0.1:1/never-asked');
  await mkdir(from, { recursive: true });
  await writeFile(join(from, 'thumbnail.onnx'), thumbnailNetwork().toReversed());
  await assert.rejects(installPack(packs, manifest, { from }), /thumbnail\.onnx has the SHA-256 \w+ and should have/);
  await writeFile(join(from, 'thumbnail.onnx'), thumbnailNetwork());
  const pack = await installPack(packs, manifest, { from });
  assert.deepEqual(await faultsOf(pack), []);
  await writeFile(join(pack.folder, 'thumbnail.onnx'), 'damaged');
  assert.match((await faultsOf(pack)).join(), /has 7 bytes and should have/);
});

test('a pack is not replaced by another version of it, of which a server that runs would know nothing', async (context) => {
  const folder = await freshFolder(context);
  const places = { packs: join(folder, 'packs'), models: join(folder, 'models') };
  const manifest = thumbnailManifest('thumbnail');
  const source = await writePack(join(folder, 'first'), manifest, thumbnailNetwork());
  await addPack(places, source, {});
  const installed = join(places.packs, 'thumbnail', 'thumbnail.onnx');
  await writeFile(installed, 'damaged');
  await addPack(places, source, {});
  assert.deepEqual(new Uint8Array(await readFile(installed)), thumbnailNetwork(), 'the same version mends it');
  const recogniser = { ...manifest.recogniser!, mirrored: true };
  const other = await writePack(join(folder, 'second'), { ...manifest, recogniser }, thumbnailNetwork());
  await assert.rejects(
    addPack(places, other, {}),
    /Another version of thumbnail is installed.*delete .*packs.thumbnail/,
  );
  const rescaled = { ...manifest, about: 'Calibrated anew.' };
  await addPack(places, await writePack(join(folder, 'third'), rescaled, thumbnailNetwork()), {});
});
