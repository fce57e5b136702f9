import assert from 'node:assert/strict';
import test from 'node:test';
import type { Desk, PictureSource } from '../../src/domain/desk.ts';
import type { Eyes } from '../../src/domain/eyes.ts';
import { addFaces } from '../../src/domain/faces.ts';
import type { Gallery } from '../../src/domain/gallery.ts';
import { register } from '../../src/domain/persons.ts';
import { compare, findFaces, identify, traceFaces, verify } from '../../src/domain/recognition.ts';
import { person } from '../store/fixtures.ts';
import { openDesk, picture, registered } from './desk.ts';

/** Every call that looks at a picture. */
const calls: Readonly<Record<string, (desk: Desk, picture: PictureSource) => Promise<unknown>>> = {
  register: (desk, picture) => register(desk, { person: person('new'), groupIds: ['g'], picture }),
  addFaces: (desk, picture) => addFaces(desk, { personId: 'ada', tag: '', pictures: [picture] }),
  findFaces: (desk, picture) => findFaces(desk, picture, 'all'),
  traceFaces: (desk, picture) => traceFaces(desk, picture, 'all'),
  compare: (desk, picture) => compare(desk, picture, picture),
  verify: (desk, picture) => verify(desk, 'ada', picture),
  identify: (desk, picture) => identify(desk, picture, ['g'], 'all'),
};

const shown = picture([{ cosine: 1 }]);

/** Waits until the signal that it is given aborts; for ever without one. */
type Wait = (signal?: AbortSignal) => Promise<never>;

/** Begins a call, gives it up as soon as it waits, and checks that it ends for that reason. */
async function givesUp(what: string, begin: (desk: Desk, wait: Wait) => Promise<unknown>): Promise<void> {
  const caller = new AbortController();
  const waiting = Promise.withResolvers<void>();
  const wait: Wait = (signal) => {
    waiting.resolve();
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  const desk = openDesk({ signal: caller.signal });
  await registered(desk, 'ada', ['g'], { cosine: 1 });
  const ended = assert.rejects(begin(desk, wait), /the caller went away/, what);
  await Promise.race([waiting.promise, ended]);
  caller.abort(new Error('the caller went away'));
  await ended;
}

test('every call gives up on the picture and on the eyes when the caller goes away', { timeout: 10_000 }, async () => {
  for (const [name, call] of Object.entries(calls)) {
    await givesUp(`${name}: the picture`, (desk, wait) => call(desk, { open: wait }));
    await givesUp(`${name}: the eyes`, (desk, wait) => {
      const eyes: Eyes = { ...desk.eyes, look: (_, { signal }) => wait(signal) };
      return call({ ...desk, eyes }, shown);
    });
  }
});

test('identify gives up on the search when the caller goes away', { timeout: 10_000 }, () =>
  givesUp('the search', (desk, wait) => {
    const gallery: Gallery = { nearest: ({ signal }) => wait(signal) };
    return identify({ ...desk, gallery }, shown, ['g'], 'all');
  }),
);
