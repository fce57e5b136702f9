import type { Fault } from './fault.ts';
import { holding, loading } from './sync-memory.ts';
import { rounds } from './sync-rounds.ts';

/** Faults in how the searched faces of one appid keep up with its registry. */
const gallery: readonly Fault[] = [
  {
    breaks: 'who joins thousands of groups does not keep others from being answered',
    file: 'sync/gallery-sync.ts',
    right: 'if (i > 0) await setImmediate();',
    wrong: '',
    testFile: 'sync/many-changes.test.ts',
    testName: 'many changes leave others their turn, and no search sees some of them without the rest',
  },
  {
    breaks: 'no search sees the first batch of a transaction without the rest',
    file: 'sync/gallery-sync.ts',
    right: 'if (!isLast || changes.length > batchSize) await',
    wrong: 'if (changes.length > batchSize) await',
    testFile: 'sync/many-changes.test.ts',
    testName: 'a batch that more follow waits for the searches under way, however small it is',
  },
  {
    breaks: 'no search sees half of a large transaction',
    file: 'sync/gallery-sync.ts',
    right: 'if (!isLast || changes.length > batchSize) await',
    wrong: 'void',
    testFile: 'sync/many-changes.test.ts',
    testName: 'many changes wait for the searches under way',
  },
  {
    breaks: 'a search finds what another process wrote before it, though a pass was under way',
    file: 'sync/gallery-sync.ts',
    right: `    this.#next ??= this.#inTurn(() => {
      this.#next = undefined;
      return this.#pass();
    });`,
    wrong: `    this.#next ??= this.#inTurn(() =>
      this.#pass().finally(() => {
        this.#next = undefined;
      }),
    );`,
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'whoever asks while a pass is under way finds what was written after that pass had read',
  },
  {
    breaks: 'searches that come together share one look at the feed',
    file: 'sync/gallery-sync.ts',
    right: 'this.#next ??= this.#inTurn(',
    wrong: 'this.#next = this.#inTurn(',
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'however many ask while a pass is under way, one more serves them all',
  },
  {
    breaks: 'one failure to follow does not make all later searches fail',
    file: 'sync/gallery-sync.ts',
    right: '      .catch(() => {})\n',
    wrong: '',
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'a pass that fails is told to those who waited for it, and not to those who come after',
  },
  {
    breaks: 'changes that could not be filed are not taken for seen',
    file: 'sync/gallery-sync.ts',
    right: `    await this.#apply(changes);
    this.#position = position;`,
    wrong: `    this.#position = position;
    await this.#apply(changes);`,
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'changes that could not be filed are filed by the next pass',
  },
  {
    breaks: 'what others wrote before this process did is found',
    file: 'sync/gallery-sync.ts',
    right: ' && this.#position === written.from',
    wrong: '',
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'what this process wrote is read from the feed if others wrote before it, or a pass is under way',
  },
  {
    breaks: 'a pass that is under way does not make what was filed meanwhile unseen',
    file: 'sync/gallery-sync.ts',
    right: 'this.#passes === 0 && ',
    wrong: '',
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'what this process wrote is read from the feed if others wrote before it, or a pass is under way',
  },
  {
    breaks: 'who was erased while the index was filled is not found',
    file: 'sync/gallery-sync.ts',
    right: `    return begun;
  }`,
    wrong: `    return this.#feed.position();
  }`,
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'a change that comes while everything is loaded is not missed',
  },
  {
    breaks: 'an index that missed changes does not go on without them',
    file: 'sync/gallery-sync.ts',
    right: `if (batch === undefined) throw new FeedTruncated('changes were forgotten before the index had seen them');`,
    wrong: 'if (batch === undefined) return;',
    testFile: 'sync/forgetting.test.ts',
    testName: 'changes that were forgotten before they were seen are told, not passed over',
  },
  {
    breaks: 'changes are kept for others for a round after they were seen',
    file: 'sync/held-gallery.ts',
    right: 'const marked = this.#marked;',
    wrong: 'const marked = seen;',
    testFile: 'sync/forgetting.test.ts',
    testName: 'a change is forgotten by the second call after it was seen, and no other',
  },
  {
    breaks: 'no change is forgotten that this process has not seen itself',
    file: 'sync/held-gallery.ts',
    right: "const seen = this.#state === 'loaded' ? (this.#sync!.position ?? 0) : await feed.position();",
    wrong: 'const seen = await feed.position();',
    testFile: 'sync/forgetting.test.ts',
    testName: 'a change is forgotten by the second call after it was seen, and no other',
  },
  {
    breaks: 'changes that could not be forgotten once are still forgotten',
    file: 'sync/held-gallery.ts',
    right: `    await feed.prune(marked);
    this.#forgotten = marked;`,
    wrong: `    this.#forgotten = marked;
    await feed.prune(marked);`,
    testFile: 'sync/forgetting.test.ts',
    testName: 'changes that could not be forgotten are forgotten later',
  },
  {
    breaks: 'no change is forgotten that a load needs',
    file: 'sync/held-gallery.ts',
    right: `    if (this.#state === 'loading' || this.#state === 'leaving') return;
`,
    wrong: '',
    testFile: 'sync/forgetting.test.ts',
    testName: 'no change is forgotten while the registry is read into memory',
  },
  {
    breaks: 'changes are forgotten after a database was put back in time',
    file: 'sync/held-gallery.ts',
    right: `    if (seen < this.#marked) [this.#marked, this.#forgotten] = [0, 0];
`,
    wrong: '',
    testFile: 'sync/forgetting.test.ts',
    testName: 'a database that was put back in time is followed from there, and its changes are forgotten',
  },
  {
    breaks: 'calls are answered while a large registry is loaded',
    file: 'sync/gallery-sync.ts',
    right: '      await setImmediate();\n',
    wrong: '      void setImmediate;\n',
    testFile: 'sync/many-changes.test.ts',
    testName: 'a load lets others have their turn between batches',
  },
];

/** Faults in what is answered while galleries are loaded, fail and miss changes. */
const readiness: readonly Fault[] = [
  {
    breaks: 'the operator is told that a registry cannot be followed',
    file: 'sync/index-sync.ts',
    right: '    for (const fault of this.#faults.values()) if (stores.concernsAll?.(fault) !== false) throw fault;\n',
    wrong: '',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a failure to follow is told until the registry is followed again, whatever others do',
  },
  {
    breaks: 'a registry that is followed again is no fault any more',
    file: 'sync/index-sync.ts',
    right: `      this.#faults.delete(gallery.appid);
`,
    wrong: '',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a failure to follow is told until the registry is followed again, whatever others do',
  },
  {
    breaks: 'a server is not ready before its galleries are loaded',
    file: 'sync/index-sync.ts',
    right: "if (state === 'filling') throw",
    wrong: 'if (false) throw',
    testFile: 'sync/index-sync.test.ts',
    testName: 'until every registry is loaded the index is not ready, and the others are searched in the database',
  },
  {
    breaks: 'the operator is told why galleries cannot be loaded',
    file: 'sync/index-sync.ts',
    right: `    if (state instanceof Error) throw state;
`,
    wrong: '',
    testFile: 'sync/index-sync.test.ts',
    testName: 'an index that cannot be filled says why, is searched in the database, and is filled a second later',
  },
  {
    breaks: 'what could not be loaded is loaded later',
    file: 'sync/filling.ts',
    right: 'this.#retry = setTimeout(() => this.#fillAgain(), this.#backoff.fail()).unref();',
    wrong: 'void this.#retry;',
    testFile: 'sync/index-sync.test.ts',
    testName: 'an index that cannot be filled is filled after pauses that grow, up to four seconds',
  },
  {
    breaks: 'a sync that is closed reads nothing',
    file: 'sync/filling.ts',
    right: `    clearTimeout(this.#retry);
`,
    wrong: '',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a sync that is closed does not fill again what could not be filled',
  },
  {
    breaks: 'a registry of which changes are missed while it is loaded does not keep the server from being ready',
    file: 'sync/filling.ts',
    right: `        if (!(error instanceof FeedTruncated)) throw error;
`,
    wrong: `        throw error;
`,
    testFile: 'sync/index-sync.test.ts',
    testName: 'a registry of which changes are missed while it is filed is filed from the beginning',
  },
  {
    breaks: 'the log tells why a registry is loaded anew',
    file: 'sync/index-sync.ts',
    right: `    this.#options.onFault(
      new Error(`,
    wrong: `    void (
      new Error(`,
    testFile: 'sync/index-sync.test.ts',
    testName: 'a registry of which changes were missed is loaded anew, and searched in the database meanwhile',
  },
  {
    breaks: 'a registry that missed changes does not stay in the database',
    file: 'sync/index-sync.ts',
    right: `    this.#loader.want(gallery);
  }

  /** Follows`,
    wrong: `  }

  /** Follows`,
    testFile: 'sync/index-sync.test.ts',
    testName: 'a write that finds changes missed is answered, and each registry is loaded anew once',
  },
];

/** Faults in how the search index follows the register. */
export const sync: readonly Fault[] = [...gallery, ...holding, ...loading, ...readiness, ...rounds];
