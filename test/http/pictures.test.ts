import assert from 'node:assert/strict';
import test from 'node:test';
import { createBudget } from '../../src/concurrency/budget.ts';
import { endpoints } from '../../src/contract/endpoints.ts';
import { Refusal } from '../../src/errors/refusals.ts';
import type { Holdings } from '../../src/http/analysis.ts';
import type { Downloads } from '../../src/http/download.ts';
import { pictureSource, separatePictures } from '../../src/http/pictures.ts';
import { isRefused } from '../domain/memory-context.ts';

const { signal } = new AbortController();
const nothing: Downloads = { fetch: () => assert.fail('something was downloaded') };
const untold = (): void => assert.fail('a download was told of');

/** What a call holds, and what becomes of its pictures. */
function holdingsOf() {
  const events: string[] = [];
  const lease = createBudget(1_000).lease('1');
  const holdings: Holdings = {
    appid: '1',
    lease,
    admitted: {
      found: (pictures, downloads) => void events.push(`found ${pictures}, to download ${downloads}`),
      waited: (ms) => void events.push(`waited ${ms}`),
      analyzed: (ms) => void events.push(`analyzed ${ms}`),
      compared: (ms) => void events.push(`compared ${ms}`),
      downloaded: () => void events.push('downloaded'),
      done: (wasQueued) => void events.push(`done ${wasQueued}`),
      [Symbol.dispose]: () => {},
    },
  };
  return { events, holdings, lease };
}

test('the bytes of a picture stand alone, and are handed over once', async () => {
  const body = Buffer.from('..picture..');
  const { events, holdings, lease } = holdingsOf();
  lease.add(body.length);
  const input = { person_id: 'p', tag: 't', picture: { bytes: body.subarray(2, 9) } };
  const separated = separatePictures(endpoints.verify, input, holdings);
  assert.deepEqual({ ...separated, picture: undefined }, { person_id: 'p', tag: 't', picture: undefined });
  assert.deepEqual([events, lease.amount], [['found 1, to download 0'], 7]);
  const bytes = await pictureSource(separated.picture, nothing, holdings, untold).open(signal);
  assert.equal(Buffer.from(bytes).toString(), 'picture');
  assert.equal(bytes.buffer.byteLength, 7);
  assert.equal(separated.picture.bytes.length, 0);
  bytes.fill(0);
  assert.equal(body.toString(), '..picture..');
});

test('a picture that is nearly all of its body is not copied, and is handed over as it lies', async () => {
  const body = new Uint8Array(1_000).map((_, i) => i);
  const { holdings } = holdingsOf();
  const separated = separatePictures(endpoints.verify, { picture: { bytes: body.subarray(40, 995) } }, holdings);
  const bytes = await pictureSource(separated.picture, nothing, holdings, untold).open(signal);
  assert.deepEqual(
    bytes,
    new Uint8Array(955).map((_, i) => i + 40),
  );
  assert.equal(body.length, 0, 'the body is the picture now');
});

test('the pictures of a list are counted each, those at urls apart', () => {
  const { events, holdings, lease } = holdingsOf();
  const pictures = [{ bytes: new Uint8Array(5) }, { url: 'http://x/' }, { bytes: new Uint8Array(6) }];
  const separated = separatePictures(endpoints.addface, { pictures }, holdings);
  assert.deepEqual([events, lease.amount], [['found 3, to download 1'], 11]);
  assert.deepEqual(separated.pictures, pictures);
});

test('a picture of no bytes and one without an address are missing', async () => {
  const { events, holdings } = holdingsOf();
  const open = (input: { bytes: Uint8Array } | { url: string }) =>
    pictureSource(input, nothing, holdings, untold).open(signal);
  await isRefused(open({ bytes: new Uint8Array() }), 'pictureMissing');
  await isRefused(open({ url: '' }), 'pictureMissing');
  assert.deepEqual(events, ['done false']);
});

test('a picture at a url is downloaded when it is opened, for its call and as long as that lives', async () => {
  const { events, holdings, lease } = holdingsOf();
  const asked: unknown[] = [];
  const told: [number, string | undefined][] = [];
  const downloads: Downloads = {
    fetch: async (url, options) => {
      asked.push(url, options);
      return Uint8Array.of(7);
    },
  };
  const source = pictureSource({ url: 'http://x/' }, downloads, holdings, (...words) => told.push(words as never));
  assert.deepEqual(asked, []);
  assert.deepEqual(await source.open(signal), Uint8Array.of(7));
  assert.deepEqual(asked, ['http://x/', { signal, party: '1', lease }]);
  assert.deepEqual(events, ['downloaded']);
  assert.ok(told.length === 1 && told[0]![0] >= 0 && told[0]![0] < 60_000, `${told}`);
});

test('a download that fails is told of with its reason, and its picture is done with', async () => {
  const { events, holdings } = holdingsOf();
  const refusal = new Refusal('downloadFailed', 'why');
  const told: number[] = [];
  const downloads: Downloads = { fetch: () => Promise.reject(refusal) };
  const source = pictureSource({ url: 'http://x/' }, downloads, holdings, (ms) => told.push(ms));
  await assert.rejects(source.open(signal), (error) => error === refusal);
  assert.deepEqual([events, told.length], [['done false'], 1]);
});
