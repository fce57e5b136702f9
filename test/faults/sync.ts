import type { Fault } from './fault.ts';
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
    breaks: 'no search sees half of a large transaction',
    file: 'sync/gallery-sync.ts',
    right: 'if (changes.length > batchSize) await Promise.allSettled(this.#searches);',
    wrong: '',
    testFile: 'sync/many-changes.test.ts',
    testName: 'many changes wait for the searches under way',
  },
  {
    breaks: 'a search finds what another process wrote before it, though a pass was under way',
    file: 'sync/gallery-sync.ts',
    right: `      .then(() => {
        this.#next = undefined;
        return this.#pass();
      });`,
    wrong: `      .then(() => this.#pass())
      .finally(() => {
        this.#next = undefined;
      });`,
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'whoever asks while a pass is under way finds what was written after that pass had read',
  },
  {
    breaks: 'searches that come together share one look at the feed',
    file: 'sync/gallery-sync.ts',
    right: 'this.#next ??= this.#running = this.#running',
    wrong: 'this.#next = this.#running = this.#running',
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
    right: `      if (news.changes.length > 0) await this.#apply(news.changes);
      this.#position = news.position;`,
    wrong: `      this.#position = news.position;
      if (news.changes.length > 0) await this.#apply(news.changes);`,
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'changes that could not be filed are filed by the next pass',
  },
  {
    breaks: 'who was erased while the index was filled is not found',
    file: 'sync/gallery-sync.ts',
    right: `    return this.#begun;
  }`,
    wrong: `    return this.#feed.position();
  }`,
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'a change that comes while everything is loaded is not missed',
  },
  {
    breaks: 'an index that missed changes does not go on without them',
    file: 'sync/gallery-sync.ts',
    right: `if (news === undefined) throw new FeedTruncated('changes were forgotten before the index had seen them');`,
    wrong: 'if (news === undefined) return { position, changes: [] };',
    testFile: 'sync/forgetting.test.ts',
    testName: 'changes that were forgotten before they were seen are told, not passed over',
  },
  {
    breaks: 'changes are kept for others for a round after they were seen',
    file: 'sync/gallery-sync.ts',
    right: 'const marked = this.#marked;',
    wrong: 'const marked = this.#position ?? 0;',
    testFile: 'sync/forgetting.test.ts',
    testName: 'a change is forgotten by the second call after it was seen, and no other',
  },
  {
    breaks: 'no change is forgotten that this process has not seen itself',
    file: 'sync/gallery-sync.ts',
    right: 'this.#marked = this.#position ?? 0;',
    wrong: 'this.#marked = await this.#feed.position();',
    testFile: 'sync/forgetting.test.ts',
    testName: 'a change is forgotten by the second call after it was seen, and no other',
  },
  {
    breaks: 'changes that could not be forgotten once are still forgotten',
    file: 'sync/gallery-sync.ts',
    right: `    await this.#feed.prune(marked);
    this.#forgotten = marked;`,
    wrong: `    this.#forgotten = marked;
    await this.#feed.prune(marked);`,
    testFile: 'sync/forgetting.test.ts',
    testName: 'changes that could not be forgotten are forgotten later',
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

/** Faults in what the index sync answers while it fills its index, fails and is overtaken. */
const readiness: readonly Fault[] = [
  {
    breaks: 'the operator is told that a registry cannot be followed',
    file: 'sync/index-sync.ts',
    right: '    for (const fault of this.#faults.values()) throw fault;\n',
    wrong: '',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a failure to follow is told until the registry is followed again, whatever others do',
  },
  {
    breaks: 'the server is ready again once a registry is followed again',
    file: 'sync/index-sync.ts',
    right: '          this.#faults.delete(appid);\n',
    wrong: '',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a failure to follow is told until the registry is followed again, whatever others do',
  },
  {
    breaks: 'a registry that is followed does not hide that another is not',
    file: 'sync/index-sync.ts',
    right: '          this.#faults.delete(appid);\n',
    wrong: '          this.#faults.clear();\n',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a failure to follow is told until the registry is followed again, whatever others do',
  },
  {
    breaks: 'a server whose index is loading does not say that it is ready',
    file: 'sync/index-sync.ts',
    right: "if (this.#state === 'filling') throw",
    wrong: 'if (this.#closed) throw',
    testFile: 'sync/index-sync.test.ts',
    testName: 'until every registry is filed the index is not ready, and nobody searches',
  },
  {
    breaks: 'an index that could not be filled says why',
    file: 'sync/index-sync.ts',
    right: '    if (this.#state instanceof Error) throw this.#state;\n',
    wrong: '',
    testFile: 'sync/index-sync.test.ts',
    testName: 'an index that cannot be filled says why, and is filled a second later',
  },
  {
    breaks: 'a failure to build the index anew does not refuse searches until the server is started again',
    file: 'sync/index-sync.ts',
    right: 'this.#retry = setTimeout(() => this.#beginAnew(), this.#backoff.fail()).unref();',
    wrong: 'void this.#retry;',
    testFile: 'sync/index-sync.test.ts',
    testName: 'an index that cannot be filled is filled after pauses that grow, up to four seconds',
  },
  {
    breaks: 'a registry that is too large does not keep the server from starting',
    file: 'sync/index-sync.ts',
    right: '        if (error instanceof IndexFull) return this.#setAside(appid);\n',
    wrong: '',
    testFile: 'sync/full.test.ts',
    testName: 'a registry that finds no room keeps no server from starting, and nobody else from searching',
  },
  {
    breaks: 'who leaves a group after a load that failed is not found in it for ever',
    file: 'sync/gallery-sync.ts',
    right: 'this.#begun ??= await',
    wrong: 'this.#begun = await',
    testFile: 'sync/gallery-sync.test.ts',
    testName: 'who leaves a group after a load that failed is not found in it by the next one',
  },
  {
    breaks: 'no search sees the half of what is changed in steps',
    file: 'sync/gallery-sync.ts',
    right: '      await Promise.allSettled(this.#searches);\n',
    wrong: '',
    testFile: 'sync/many-changes.test.ts',
    testName: 'changes that are made in steps, because the index is full, are made while nobody searches',
  },
  {
    breaks: 'room that is made by a later change is used',
    file: 'sync/gallery-sync.ts',
    right: 'if (!(error instanceof IndexFull)) throw error;',
    wrong: 'throw error;',
    testFile: 'sync/full.test.ts',
    testName: 'a batch that a full index refuses is filed as soon as changes behind it make room',
  },
  {
    breaks: 'a registry that found no room is filed when there is some',
    file: 'sync/index-sync.ts',
    right: '    this.#round = this.#round.then(() => this.#refile());\n',
    wrong: '',
    testFile: 'sync/full.test.ts',
    testName: 'a registry that found no room is filed as soon as another one makes room',
  },
  {
    breaks: 'a failure long ago does not make the next one wait longer',
    file: 'sync/index-sync.ts',
    right: '      this.#backoff.succeed();\n',
    wrong: '',
    testFile: 'sync/index-sync.test.ts',
    testName: 'an index that cannot be filled is filled after pauses that grow, up to four seconds',
  },
  {
    breaks: 'a sync that is closed reads nothing',
    file: 'sync/index-sync.ts',
    right: '    clearTimeout(this.#retry);\n    // One after',
    wrong: '    // One after',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a sync that is closed does not fill again what could not be filled',
  },
  {
    breaks: 'the log tells why a registry is filed anew',
    file: 'sync/index-sync.ts',
    right: '    this.#options.onFault(new Error(`the faces of appid',
    wrong: '    void (new Error(`the faces of appid',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a registry of which changes were missed is filed anew, and the others are searched meanwhile',
  },
  {
    breaks: 'a registry that is filed anew is not searched while it holds a part of the faces',
    file: 'sync/index-sync.ts',
    right: "if (this.#state !== 'ready' || this.#behind.has(appid)) throw loading();",
    wrong: "if (this.#state !== 'ready') throw loading();",
    testFile: 'sync/index-sync.test.ts',
    testName: 'a registry of which changes were missed is filed anew, and the others are searched meanwhile',
  },
  {
    breaks: 'a registry that falls behind does not wait for one that cannot be read',
    file: 'sync/index-sync.ts',
    right: '    this.#fileAnew();\n',
    wrong: '    if (this.#behind.size === 1) this.#fileAnew();\n',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a registry that cannot be filed anew says why, and is tried again',
  },
  {
    breaks: 'a registry that is filed anew holds nobody who was erased meanwhile',
    file: 'sync/gallery-sync.ts',
    right: '    await this.#faces.clear();\n',
    wrong: '',
    testFile: 'sync/forgetting.test.ts',
    testName: 'a gallery that missed changes is emptied when the searches under way have ended, and then filed anew',
  },
  {
    breaks: 'a search under way does not find a part of the faces because changes were missed',
    file: 'sync/gallery-sync.ts',
    right: '    await Promise.allSettled(this.#searches);\n    await this.#faces.clear();',
    wrong: '    await this.#faces.clear();',
    testFile: 'sync/forgetting.test.ts',
    testName: 'a gallery that missed changes is emptied when the searches under way have ended, and then filed anew',
  },
  {
    breaks: 'an index answers searches only when every registry is filed',
    file: 'sync/index-sync.ts',
    right: `      if (!this.#unfit.has(appid)) await this.#file(appid);
    }`,
    wrong: `      if (!this.#unfit.has(appid)) await this.#file(appid);
      this.#state = 'ready';
    }`,
    testFile: 'sync/index-sync.test.ts',
    testName: 'until every registry is filed the index is not ready, and nobody searches',
  },
  {
    breaks: 'who was erased while the index was filled has left memory when it is ready',
    file: 'sync/index-sync.ts',
    right: '[...appids, ...appids]',
    wrong: 'appids',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a write is not held up while the index is filled, and is in it when it is ready',
  },
  {
    breaks: 'a registry of which changes are missed while it is filed does not keep the index from being filled',
    file: 'sync/index-sync.ts',
    right: '        if (!(error instanceof FeedTruncated)) throw error;\n',
    wrong: '        throw error;\n',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a registry of which changes are missed while it is filed is filed from the beginning',
  },
];

/** Faults in how the search index follows the register. */
export const sync: readonly Fault[] = [...gallery, ...readiness, ...rounds];
