import assert from 'node:assert/strict';
import test from 'node:test';
import type { Downloads } from '../../src/http/download.ts';
import { pictureSource } from '../../src/http/pictures.ts';
import { isRefused } from '../domain/memory-context.ts';

const { signal } = new AbortController();
const nothing: Downloads = { fetch: () => assert.fail('something was downloaded') };
const untold = (): void => assert.fail('a download was told of');

test('the bytes of a picture stand alone: they may be given away, and the body stays as it is', async () => {
  const body = Buffer.from('..picture..');
  const bytes = await pictureSource({ bytes: body.subarray(2, 9) }, nothing, untold).open(signal);
  assert.equal(Buffer.from(bytes).toString(), 'picture');
  assert.equal(bytes.buffer.byteLength, 7);
  bytes.fill(0);
  assert.equal(body.toString(), '..picture..');
});

test('a picture of no bytes and one without an address are missing', async () => {
  await isRefused(pictureSource({ bytes: new Uint8Array() }, nothing, untold).open(signal), 'pictureMissing');
  await isRefused(pictureSource({ url: '' }, nothing, untold).open(signal), 'pictureMissing');
});

test('a picture at a url is downloaded when it is opened, for as long as its call lives', async () => {
  const asked: unknown[] = [];
  const told: number[] = [];
  const downloads: Downloads = {
    fetch: async (url, given) => {
      asked.push(url, given);
      return Uint8Array.of(7);
    },
  };
  const source = pictureSource({ url: 'http://x/' }, downloads, (ms) => told.push(ms));
  assert.deepEqual(asked, []);
  assert.deepEqual(await source.open(signal), Uint8Array.of(7));
  assert.deepEqual(asked, ['http://x/', signal]);
  assert.ok(told.length === 1 && told[0]! >= 0 && told[0]! < 60_000, `${told}`);
});
