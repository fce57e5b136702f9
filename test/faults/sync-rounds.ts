import type { Fault } from './fault.ts';

/** Faults in what the index sync does while nobody asks it. */
export const rounds: readonly Fault[] = [
  {
    breaks: 'who another process erased leaves the memory of this one, though nobody searches',
    file: 'sync/index-sync.ts',
    right: '      await this.#follow(gallery);\n',
    wrong: '',
    testFile: 'sync/rounds.test.ts',
    testName: 'what another process writes is in the index after a round, though nobody searches',
  },
  {
    breaks: 'the feed forgets who was erased',
    file: 'sync/index-sync.ts',
    right: '      await gallery.prune().catch((error) => this.#options.onFault(error));\n',
    wrong: '',
    testFile: 'sync/rounds.test.ts',
    testName: 'a change is kept for one to two rounds after it was seen, and then forgotten',
  },
  {
    breaks: 'one failure to forget does not end all rounds',
    file: 'sync/index-sync.ts',
    right: 'gallery.prune().catch((error) => this.#options.onFault(error))',
    wrong: 'gallery.prune()',
    testFile: 'sync/rounds.test.ts',
    testName: 'a round that fails is told, and the next one does its work',
  },
  {
    breaks: 'a sync that is closed files nothing anew',
    file: 'sync/index-sync.ts',
    right: 'if (this.#closed || !(error instanceof FeedTruncated)) return;',
    wrong: 'if (!(error instanceof FeedTruncated)) return;',
    testFile: 'sync/rounds.test.ts',
    testName: 'a registry of which changes are missed while the sync closes is not filed anew',
  },
  {
    breaks: 'the stores are not read after they were closed',
    file: 'sync/index-sync.ts',
    right: 'await this.#round;',
    wrong: '',
    testFile: 'sync/rounds.test.ts',
    testName: 'a sync that is closed waits for its round, and reads nothing afterwards',
  },
  {
    breaks: 'the stores are not counted after they were closed',
    file: 'sync/filling.ts',
    right: 'await this.#counting;',
    wrong: '',
    testFile: 'sync/rounds.test.ts',
    testName: 'a sync that is closed before it has begun to count waits for the count',
  },
];
