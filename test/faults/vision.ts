import { embeddings } from './embeddings.ts';
import { faces } from './faces.ts';
import type { Fault } from './fault.ts';

/** Faults in what tells a copy. */
const copies: readonly Fault[] = [
  {
    breaks: 'a mirrored picture is a copy',
    file: 'vision/pipeline/same-picture.ts',
    right: ' || agreementAsIs(a, mirrored(b)) >= copyMin',
    wrong: '',
    testFile: 'vision/same-picture.test.ts',
    testName: 'a mirrored one',
  },
  {
    breaks: 'light that was cut off tells nothing',
    file: 'vision/pipeline/same-picture.ts',
    right: 'clipped[i] === 0',
    wrong: 'clipped[i]! >= 0',
    testFile: 'vision/same-picture.test.ts',
    testName: 'a brighter one, whose light is cut off',
  },
  {
    breaks: 'a mouth that moves makes another photograph',
    file: 'vision/pipeline/same-picture.ts',
    right: 'const share = 0.02;',
    wrong: 'const share = 0.5;',
    testFile: 'vision/same-picture.test.ts',
    testName: 'a mouth that opens',
  },
  {
    breaks: 'a picture that is faded to nothing is nobody’s copy',
    file: 'vision/pipeline/same-picture.ts',
    right: '  if (!(gain <= gainMax && gain >= 1 / gainMax)) return -1;\n',
    wrong: '',
    testFile: 'vision/same-picture.test.ts',
    testName: 'a crop of one shade is nobody’s copy, whichever of the two it is',
  },
  {
    breaks: 'a picture that is another one as a whole is compared no further: a person may have twenty',
    file: 'vision/pipeline/same-picture.ts',
    right: 'const coarseMin = 0.95;',
    wrong: 'const coarseMin = -2;',
    testFile: 'vision/same-picture.test.ts',
    testName: 'another person, which is told at a quarter of the size',
  },
];

/** Faults in who looks at pictures, and when. */
const looking: readonly Fault[] = [
  {
    breaks:
      'a place is given back when the worker is free, not when the caller gives up: workers and queue have limits',
    file: 'vision/pool/dispatch.ts',
    right: `    const answer = await unlessAborted(
      ask(made, begin, turn.interrupted).finally(() => place[Symbol.dispose]()),
      signal,
    );`,
    wrong: `    const answer = await unlessAborted(ask(made, begin, turn.interrupted), signal).finally(() => place[Symbol.dispose]());`,
    testFile: 'vision/dispatch.test.ts',
    testName: 'whoever gives up is let go, but the worker still counts as busy until it is free',
  },
  {
    breaks: 'whoever gives up while a worker looks is let go at once',
    file: 'vision/pool/ask.ts',
    right: 'if (!signal) return answer;',
    wrong: 'if (signal) return answer;',
    testFile: 'vision/dispatch.test.ts',
    testName: 'whoever gives up is let go, but the worker still counts as busy until it is free',
  },
  {
    breaks: 'a picture that takes too long is given up with its worker',
    file: 'vision/pool/ask.ts',
    right: 'startDeadline(deadlineMs)',
    wrong: 'startDeadline(2 * deadlineMs)',
    testFile: 'vision/dispatch.test.ts',
    testName: 'the deadline counts from when a worker has the picture, and gives up the worker',
  },
  {
    breaks: 'a worker that is lost gives its place back',
    file: 'vision/pool/dispatch.ts',
    right: '.finally(() => place[Symbol.dispose]())',
    wrong: '.then((answer) => (place[Symbol.dispose](), answer))',
    testFile: 'vision/dispatch.test.ts',
    testName: 'a worker that is lost fails its picture, keeps the cause, and frees its place',
  },
  {
    breaks: 'a picture whose caller has gone is not given to a worker that was waited for',
    file: 'vision/pool/dispatch.ts',
    right: '      signal?.throwIfAborted();\n',
    wrong: '',
    testFile: 'vision/dispatch.test.ts',
    testName: 'whoever gives up while a worker is on its way is let go, and the worker is not given the picture',
  },
  {
    breaks: 'comparisons of crops wait for their turn as pictures do',
    file: 'vision/pool/dispatch.ts',
    right: 'queue.acquire(signal, party, isContinued, isBackground)',
    wrong: 'createSemaphore(workers).acquire(signal, party, isContinued)',
    testFile: 'vision/compare-crops.test.ts',
    testName: 'comparisons take turns with pictures, and come before those of their own party',
  },
  {
    breaks: 'a call whose picture was analysed does not wait behind all others of its appid again',
    file: 'vision/pool/compare-crops.ts',
    right: 'isContinued: true',
    wrong: 'isContinued: false',
    testFile: 'vision/compare-crops.test.ts',
    testName: 'comparisons take turns with pictures, and come before those of their own party',
  },
  {
    breaks: 'nobody ends one process after another with the same picture',
    file: 'vision/pool/ask.ts',
    right: '      crashes.check(task.picture);\n',
    wrong: '',
    testFile: 'vision/dispatch.test.ts',
    testName: 'a picture whose worker is lost twice in a row is not handed to a third one; others are',
  },
  {
    breaks: 'a picture that is slow, or whose process somebody else ended, can be sent again',
    file: 'vision/pool/ask.ts',
    right: '      crashes.clear(task.picture);\n',
    wrong: '',
    testFile: 'vision/dispatch.test.ts',
    testName: 'a picture that is analysed, or only takes too long, is not held against it',
  },
  {
    breaks: 'pictures are not given up because the machine stood still',
    file: 'vision/pool/deadline.ts',
    right: 'Math.ceil(ms / parts),',
    wrong: 'ms,',
    testFile: 'vision/deadline.test.ts',
    testName: 'a deadline is over when its time has passed, and not before',
  },
  {
    breaks: 'pictures are not given up because the machine stood still',
    file: 'vision/pool/deadline.ts',
    right: 'const parts = 10;',
    wrong: 'const parts = 1;',
    testFile: 'vision/deadline.test.ts',
    testName: 'a freeze of any length takes a tenth of the time at most',
  },
];

/** Faults in the processes that analyse pictures. */
const processes: readonly Fault[] = [
  {
    breaks: 'a process that ends is replaced',
    file: 'vision/pool/processes.ts',
    right: '.onLost(error);\n    this.#fill();',
    wrong: '.onLost(error);',
    testFile: 'vision/processes.test.ts',
    testName: 'a process that ends loses its own picture only, and another takes its place',
  },
  {
    breaks: 'a picture that takes too long does not keep its process',
    file: 'vision/pool/processes.ts',
    right: '      child.kill();\n',
    wrong: '',
    testFile: 'vision/processes.test.ts',
    testName: 'a picture that is given up is let go at once; its process is killed, and its successor takes the next',
  },
  {
    breaks: 'a picture that waits for a process hears why there is none',
    file: 'vision/pool/processes.ts',
    right: '        this.#waiting.shift()?.reject(error);\n',
    wrong: '',
    testFile: 'vision/processes.test.ts',
    testName: 'when none can be started the picture that waits is told why, and the next picture tries again',
  },
  {
    breaks: 'pictures under way are finished before the server ends',
    file: 'vision/pool/processes.ts',
    right: 'while (this.#running.size + this.#starting.size > 0) {',
    wrong: 'while (this.#starting.size > 0) {',
    testFile: 'vision/processes.test.ts',
    testName: 'closing lets pictures under way finish, and leaves no process',
  },
  {
    breaks: 'what decodes pictures can neither read the registry nor tell anybody of it',
    file: 'processes/confined.ts',
    right: "    '--permission',\n    '--allow-addons',\n",
    wrong: "    '--permission-audit',\n    '--allow-addons',\n",
    testFile: 'processes/confined.test.ts',
    testName:
      'a confined process reads and writes no files of others, and reaches neither network, processes nor threads',
  },
  {
    breaks: 'what decodes pictures sees no variables of the server, in which keys may be',
    file: 'processes/confined.ts',
    right: '      env: {\n',
    wrong: '      env: {\n        ...process.env,\n',
    testFile: 'processes/confined.test.ts',
    testName:
      'a confined process reads and writes no files of others, and reaches neither network, processes nor threads',
  },
  {
    breaks: 'analysis of pictures does not keep the server from its other calls',
    file: 'processes/serve.ts',
    right: '  yieldToServer();\n',
    wrong: '',
    testFile: 'processes/confined.test.ts',
    testName: 'a confined process leaves the cores to the server where both want them',
  },
  {
    breaks: 'Ctrl-C in a terminal ends the server when the pictures under way are done',
    file: 'processes/serve.ts',
    right: "  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});\n",
    wrong: '',
    testFile: 'processes/confined.test.ts',
    testName: 'the signals that end a process group leave it to the server',
  },
  {
    breaks: 'a process that ends is not waited for',
    file: 'processes/confined.ts',
    right: '      this.#answered?.reject(this.#end);\n',
    wrong: '',
    testFile: 'processes/confined.test.ts',
    testName: 'a process that is in an endless loop is killed',
  },
  {
    breaks: 'the engine does not tell its maker who uses it and how',
    file: 'vision/models/engine-variables.ts',
    right: '  process.env[name] = value;\n',
    wrong: '',
    testFile: 'vision/telemetry.test.ts',
    testName: 'the engine writes nothing to the home folder, wherever it is loaded',
  },
];

/** Faults in what a likeness means. */
const scores: readonly Fault[] = [
  {
    breaks: 'the confidences of a pack are on the scale of its own recogniser',
    file: 'vision/pipeline/score.ts',
    right: '[recogniser.dimension, own.knots]',
    wrong: '[recogniser.dimension, scale.knots]',
    testFile: 'vision/score.test.ts',
    testName: "a pack that brings a recogniser brings its own scores, and any other has the built-in ones'",
  },
];

/** Faults in how what is seen is computed. */
const computing: readonly Fault[] = [
  {
    breaks: 'two faces that are looked at side by side have an array each',
    file: 'vision/kernels/floats.ts',
    right: 'kept.pop() ?? new Float32Array(length)',
    wrong: 'kept[0] ?? new Float32Array(length)',
    testFile: 'vision/kernels/floats.test.ts',
    testName: 'nobody is lent an array that somebody has',
  },
];

/** Faults in what is seen in pictures. */
export const vision: readonly Fault[] = [
  ...looking,
  ...processes,
  ...embeddings,
  ...faces,
  ...copies,
  ...scores,
  ...computing,
];
