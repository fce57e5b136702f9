import type { Fault } from './fault.ts';

/** Faults in how a gallery comes into memory and goes. */
export const holding: readonly Fault[] = [
  {
    breaks: 'a load that failed leaves nobody in memory who is erased later',
    file: 'sync/held-gallery.ts',
    right: `      if (!this.#isClosed) await index.of(appid).clear();
`,
    wrong: '',
    testFile: 'sync/held-gallery.test.ts',
    testName: 'a gallery for which there is no room leaves nothing in memory',
  },
  {
    breaks: 'no search finds a part of a gallery that is being loaded',
    file: 'sync/held-gallery.ts',
    right: "if (this.#state !== 'loaded') return undefined;",
    wrong: 'if (this.#sync === undefined) return undefined;',
    testFile: 'sync/held-gallery.test.ts',
    testName: 'while a gallery is loaded its faces are not searched',
  },
  {
    breaks: 'what is dropped has left memory',
    file: 'sync/held-gallery.ts',
    right: `    await this.#sync!.close();
    if (!this.#isClosed) await index.of(appid).clear();`,
    wrong: '    await this.#sync!.close();',
    testFile: 'sync/held-gallery.test.ts',
    testName:
      'a search that began before a gallery is dropped finds everybody, and one that begins after does not look there',
  },
  {
    breaks: 'nobody is filed in a gallery that was dropped',
    file: 'sync/held-gallery.ts',
    right: `    await this.#sync!.close();
`,
    wrong: '',
    testFile: 'sync/held-gallery.test.ts',
    testName: 'what is written while a gallery is dropped is not filed afterwards',
  },
  {
    breaks: 'a search of a gallery that missed changes is answered by the database',
    file: 'sync/held-gallery.ts',
    right: 'if (!(error instanceof FeedTruncated || error instanceof IndexFull)) throw error;',
    wrong: 'if (!(error instanceof IndexFull)) throw error;',
    testFile: 'sync/held-gallery.test.ts',
    testName: 'a gallery that missed changes is dropped when the searches under way have ended, and then loaded anew',
  },
  {
    breaks: 'a registry that grows beyond the memory hurts nobody',
    file: 'sync/held-gallery.ts',
    right: 'if (!(error instanceof FeedTruncated || error instanceof IndexFull)) throw error;',
    wrong: 'if (!(error instanceof FeedTruncated)) throw error;',
    testFile: 'sync/held-gallery.test.ts',
    testName: 'a gallery that has grown beyond its room is dropped, and the write that found it so is answered',
  },
  {
    breaks: 'a server that stops does not read a large registry first',
    file: 'sync/gallery-sync.ts',
    right: `      this.#throwIfClosed();
      // Others`,
    wrong: '      // Others',
    testFile: 'sync/held-gallery.test.ts',
    testName: 'a gallery that is closed while it is loaded reads nothing more',
  },
];

/** Faults in which galleries are in memory. */
export const loading: readonly Fault[] = [
  {
    breaks: 'a registry that is too large keeps no server from starting',
    file: 'sync/filling.ts',
    right: `        if (error instanceof IndexFull) return false;
`,
    wrong: '',
    testFile: 'sync/budget.test.ts',
    testName: 'a registry that finds no room keeps no server from starting, and is searched in the database',
  },
  {
    breaks: 'a server that can load only some galleries is ready at once',
    file: 'sync/filling.ts',
    right: `      partly.resolve();
`,
    wrong: '',
    testFile: 'sync/budget.test.ts',
    testName: 'a server is ready as soon as it is known that there is no room for all',
  },
  {
    breaks: 'a gallery that is searched is loaded',
    file: 'sync/index-sync.ts',
    right: `    if (this.#filling.state === 'ready') this.#loader.want(gallery);
`,
    wrong: '',
    testFile: 'sync/budget.test.ts',
    testName: 'a gallery that is searched takes the place of one that was searched longer ago',
  },
  {
    breaks: 'the gallery that was searched last stays',
    file: 'sync/loader.ts',
    right: 'usedAt <= now() - keepMs',
    wrong: 'usedAt <= now()',
    testFile: 'sync/budget.test.ts',
    testName: 'a gallery that was searched within ten seconds is not dropped for another one',
  },
  {
    breaks: 'a gallery that would not fit alone drops no other',
    file: 'sync/loader.ts',
    right: `      if (next === undefined) return false;
`,
    wrong: `      if (next === undefined) break;
`,
    testFile: 'sync/budget.test.ts',
    testName: 'a gallery that would not fit alone drops no other, and is not read again and again',
  },
  {
    breaks: 'a gallery that finds no room is not counted at each search',
    file: 'sync/loader.ts',
    right: `    gallery.notBefore = now() + againMs;
`,
    wrong: '',
    testFile: 'sync/index-sync.test.ts',
    testName: 'a registry that cannot be loaded anew says why, and is loaded by a later search',
  },
  {
    breaks: 'the caller is told where faces were searched',
    file: 'sync/index-sync.ts',
    right: `      query.onSearched?.('memory');
`,
    wrong: '',
    testFile: 'sync/budget.test.ts',
    testName: 'a registry that finds no room keeps no server from starting, and is searched in the database',
  },
];
