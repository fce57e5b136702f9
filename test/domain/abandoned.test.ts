import assert from 'node:assert/strict';
import test from 'node:test';
import type { PictureSource, RequestContext } from '../../src/domain/context.ts';
import type { FaceAnalyzer } from '../../src/domain/face-analyzer.ts';
import { addFaces } from '../../src/domain/faces.ts';
import type { Gallery } from '../../src/domain/gallery.ts';
import { registerPerson } from '../../src/domain/persons.ts';
import { compare, detectFaces, identify, traceShapes, verify } from '../../src/domain/recognition.ts';
import { person } from '../store/fixtures.ts';
import { openContext, picture, registered } from './memory-context.ts';

/** Every call that has a picture analysed. */
const calls: Readonly<Record<string, (context: RequestContext, picture: PictureSource) => Promise<unknown>>> = {
  register: (context, picture) => registerPerson(context, { person: person('new'), groupIds: ['g'], picture }),
  addFaces: (context, picture) => addFaces(context, { personId: 'ada', tag: '', pictures: [picture] }),
  findFaces: (context, picture) => detectFaces(context, picture, 'all'),
  traceShapes: (context, picture) => traceShapes(context, picture, 'all'),
  compare: (context, picture) => compare(context, picture, picture),
  verify: (context, picture) => verify(context, 'ada', picture),
  identify: (context, picture) => identify(context, picture, ['g'], 'all'),
};

const shown = picture([{ cosine: 1 }]);

/** Waits until the signal that it is given aborts; for ever without one. */
type Wait = (signal?: AbortSignal) => Promise<never>;

/** Begins a call, gives it up as soon as it waits, and checks that it ends for that reason. */
async function givesUp(what: string, begin: (context: RequestContext, wait: Wait) => Promise<unknown>): Promise<void> {
  const caller = new AbortController();
  const waiting = Promise.withResolvers<void>();
  const wait: Wait = (signal) => {
    waiting.resolve();
    return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
  };
  const context = openContext({ signal: caller.signal });
  await registered(context, 'ada', ['g'], { cosine: 1 });
  const ended = assert.rejects(begin(context, wait), /the caller went away/, what);
  await Promise.race([waiting.promise, ended]);
  caller.abort(new Error('the caller went away'));
  await ended;
}

test('every call gives up on the picture and on its analysis when the caller goes away', {
  timeout: 10_000,
}, async () => {
  for (const [name, call] of Object.entries(calls)) {
    await givesUp(`${name}: the picture`, (context, wait) => call(context, { open: wait }));
    await givesUp(`${name}: the analysis`, (context, wait) => {
      const analyzer: FaceAnalyzer = { ...context.analyzer, analyze: (_, { signal }) => wait(signal) };
      return call({ ...context, analyzer }, shown);
    });
  }
});

test('identify gives up on the search when the caller goes away', { timeout: 10_000 }, () =>
  givesUp('the search', (context, wait) => {
    const gallery: Gallery = { nearest: ({ signal }) => wait(signal) };
    return identify({ ...context, gallery }, shown, ['g'], 'all');
  }),
);
