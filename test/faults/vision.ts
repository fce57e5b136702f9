import { embeddings } from './embeddings.ts';
import { faces } from './faces.ts';
import type { Fault } from './fault.ts';

/** Faults in who looks at pictures, and when. */
const looking: readonly Fault[] = [
  {
    breaks:
      'a place is given back when the worker is free, not when the caller gives up: workers and queue have limits',
    file: 'vision/pool/dispatch.ts',
    right: `    const answer = await unlessAborted(
      ask(ownBytes(picture), { facesMax, parts: parts ?? everything }).finally(() => worker[Symbol.dispose]()),
      signal,
    );`,
    wrong: `    const answer = await unlessAborted(
      ask(ownBytes(picture), { facesMax, parts: parts ?? everything }),
      signal,
    ).finally(() => worker[Symbol.dispose]());`,
    testFile: 'vision/dispatch.test.ts',
    testName: 'whoever gives up is let go, but the worker still counts as busy until it is free',
  },
  {
    breaks: 'whoever gives up while a worker looks is let go at once',
    file: 'vision/pool/dispatch.ts',
    right: 'if (!signal) return answer;',
    wrong: 'if (signal) return answer;',
    testFile: 'vision/dispatch.test.ts',
    testName: 'whoever gives up is let go, but the worker still counts as busy until it is free',
  },
  {
    breaks: 'a picture that takes too long is given up with its worker',
    file: 'vision/pool/dispatch.ts',
    right: 'setTimeout(() => overdue.abort(), deadlineMs)',
    wrong: 'setTimeout(() => overdue.abort(), 2 * deadlineMs)',
    testFile: 'vision/dispatch.test.ts',
    testName: 'the deadline counts from when a worker has the picture, and gives up the worker',
  },
  {
    breaks: 'a worker that is lost gives its place back',
    file: 'vision/pool/dispatch.ts',
    right: '.finally(() => worker[Symbol.dispose]())',
    wrong: '.then((answer) => (worker[Symbol.dispose](), answer))',
    testFile: 'vision/dispatch.test.ts',
    testName: 'a worker that is lost refuses its picture, keeps the cause, and frees its place',
  },
  {
    breaks: 'a picture that lies in a larger buffer does not take its neighbours with it',
    file: 'vision/pool/dispatch.ts',
    right: 'buffer.byteLength === picture.byteLength',
    wrong: 'buffer.byteLength >= picture.byteLength',
    testFile: 'vision/dispatch.test.ts',
    testName: 'a picture is handed over where it lies, and copied only out of a larger buffer',
  },
];

/** Faults in what a likeness means. */
const scores: readonly Fault[] = [
  {
    breaks: 'the confidences of a pack are on the scale of its own recogniser',
    file: 'vision/pipeline/score.ts',
    right: 'scoreOf: score }',
    wrong: 'scoreOf }',
    testFile: 'vision/score.test.ts',
    testName: "a pack that brings a recogniser brings its own scores, and any other has the built-in ones'",
  },
];

/** Faults in what is seen in pictures. */
export const vision: readonly Fault[] = [...looking, ...embeddings, ...faces, ...scores];
