import type { Fault } from './fault.ts';

/** Faults in who is next, and in what waits until nobody else does. */
export const turns: readonly Fault[] = [
  ...[
    {
      breaks: 'one who writes little does not wait for a large thing of another each time',
      right: 'used.set(party, { ms: usedBy(party, at) + at - began, at });',
      wrong: 'used.set(party, { ms: usedBy(party, at) + 1, at });',
      testName: 'who comes with small things waits for one large thing of another, not for one for each',
    },
    {
      breaks: 'nobody waits for what it did long ago',
      right: 'before.ms * 2 ** ((before.at - at) / halfLifeMs)',
      wrong: 'before.ms',
      testName: 'what was used is forgotten in the end',
    },
    {
      breaks: 'what is known of parties does not fill the memory',
      right: '      if (used.size > partiesMax) forgetLittle(at);\n',
      wrong: '',
      testName: 'of very many parties that have used little, nothing is kept',
    },
  ].map((fault) => ({ ...fault, file: 'concurrency/fairness.ts', testFile: 'concurrency/fairness.test.ts' })),
  {
    breaks: 'who goes on with a call waits for no picture of its own appid',
    file: 'concurrency/semaphore.ts',
    right: 'isContinued ? line.continued : line.others',
    wrong: 'line.others',
    testFile: 'concurrency/semaphore.test.ts',
    testName:
      'who goes on with what it has begun comes before its own party, not before others, and always finds a place',
  },
  {
    breaks: 'one worker is left to calls while they come',
    file: 'vision/pool/background.ts',
    right: 'createSemaphore(Math.max(1, workers - 1))',
    wrong: 'createSemaphore(workers)',
    testFile: 'vision/background.test.ts',
    testName:
      'a picture in the background waits while a call is under way, and then leaves one worker to the next call',
  },
  {
    breaks: 'what may wait is left at once when a call comes',
    file: 'vision/pool/background.ts',
    right: '    for (const turn of turns) turn.abort();\n',
    wrong: '',
    testFile: 'vision/background.test.ts',
    testName: 'a call interrupts the pictures in the background that are under way, and no later ones',
  },
  {
    breaks: 'a worker hears that what it does can be left',
    file: 'vision/pool/dispatch.ts',
    right: 'ask(made, begin, turn.interrupted)',
    wrong: 'ask(made, begin)',
    testFile: 'vision/convert-crops.test.ts',
    testName: 'a call that comes has the worker answer with what is done',
  },
  {
    breaks: 'a process that is interrupted before it has its request answers it early, too',
    file: 'processes/serve.ts',
    right: '    // Not before: the signal may be faster than the request.\n    isInterrupted = false;\n',
    wrong: '',
    testFile: 'processes/confined.test.ts',
    testName: 'a request that is interrupted is answered early, and the next one is not',
  },
  {
    breaks: 'crops that are left for later are sent again',
    file: 'vision/pipeline/embed-crop.ts',
    right: 'if (isInterrupted() || ',
    wrong: 'if (',
    testFile: 'vision/embed-crop.test.ts',
    testName: 'who is interrupted leaves the other crops, but never the first run',
  },
  {
    breaks: 'what may wait is done some day',
    file: 'vision/pool/background.ts',
    right: 'await Promise.race([calm.promise, patience.promise]);',
    wrong: 'await calm.promise;',
    testFile: 'vision/background.test.ts',
    testName: 'where calls never end, pictures in the background go on, slowly',
  },
  {
    breaks: 'what may wait keeps no caller waiting',
    file: 'concurrency/semaphore.ts',
    right: 'this.#nextOf(this.#lines) ?? this.#nextOf(this.#background)',
    wrong: 'this.#nextOf(this.#background) ?? this.#nextOf(this.#lines)',
    testFile: 'concurrency/semaphore.test.ts',
    testName: 'who waits in the background comes after all others, in turns, and takes no place from them',
  },
  {
    breaks: 'a picture that may wait is handed on as one',
    file: 'vision/pool/dispatch.ts',
    right: 'queue.acquire(signal, party, isContinued, isBackground)',
    wrong: 'queue.acquire(signal, party, isContinued)',
    testFile: 'vision/dispatch.test.ts',
    testName: 'a picture in the background is analysed when no other waits, and is never one too many',
  },
];
