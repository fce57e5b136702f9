import type { Fault } from './fault.ts';

const testFile = 'store/sqlite.test.ts';
const plain = 'SQLite: a search of the database finds whom a plain search finds, and in that order';
const anyWay = 'SQLite: however the rows are read, the answer is the same';

/** Faults in searches of the database. */
export const databaseSearch: readonly Fault[] = [
  {
    breaks: 'faces of persons in none of the groups are not found',
    file: 'store/contents.ts',
    right: "          .whereRef('memberships.person_id', '=', 'faces.person_id')\n",
    wrong: '',
    testFile,
    testName: anyWay,
  },
  {
    breaks: 'a search of the database goes on behind the first batch',
    file: 'store/search/stream.ts',
    right: '    part = await next;\n',
    wrong: '    await next;\n    break;\n',
    testFile,
    testName: anyWay,
  },
  {
    breaks: 'the last batch is searched, too',
    file: 'store/search/stream.ts',
    right: '  yield { embeddings: part.content, personsOf };\n}',
    wrong: '}',
    testFile,
    testName: anyWay,
  },
  {
    breaks: 'faces are looked at closely that may be among the best, and no others',
    file: 'store/search/offer.ts',
    right: 'nearTo(probe, rows, best[p]!.floor - margin)',
    wrong: 'nearTo(probe, rows, best[p]!.floor + 0.1)',
    testFile,
    testName: anyWay,
  },
  {
    breaks: 'the ids of many faces are not held in memory',
    file: 'store/search/stream.ts',
    right: 'if (rows.length > most) return undefined;',
    wrong: 'if (rows.length > most) return [];',
    testFile,
    testName: anyWay,
  },
  {
    breaks: 'a search finds only what was written when it read',
    file: 'store/search/searches.ts',
    right: 'if (this.#waiting.get(name) === shared) this.#waiting.delete(name);',
    wrong: '',
    testFile,
    testName: plain,
  },
  {
    breaks: 'searches that share one reading each get their own answer',
    file: 'store/search/searches.ts',
    right: '    from += probes.length;\n',
    wrong: '',
    testFile,
    testName: 'SQLite: searches at the same time each get their own answer',
  },
  {
    breaks: 'a search that others gave up goes on for those who wait',
    file: 'store/search/searches.ts',
    right: 'shared.pending.every((other) => other.signal?.aborted)',
    wrong: 'true',
    testFile,
    testName: 'SQLite: whoever gives a search up is told so at once, and the others are answered',
  },
  {
    breaks: 'an appid that was ended is no failure',
    file: 'store/search/searches.ts',
    right: 'if (wrapped === undefined) return probes.map(() => []);',
    wrong: "if (wrapped === undefined) throw new Error('no key');",
    testFile,
    testName: 'SQLite: an appid that was ended is searched in vain',
  },
  {
    breaks: 'a search sees no transaction in part',
    file: 'store/search/stream.ts',
    right: "    .transaction()\n    .setIsolationLevel('repeatable read')\n",
    wrong: '    .connection()\n',
    testFile,
    testName: 'SQLite: a search sees no transaction in part, and nobody who was erased before it',
  },
  {
    breaks: 'the memory of the index is what the operator says',
    file: 'app/create-app.ts',
    right: '    bytesMax: indexMemoryOf(settings),\n',
    wrong: '',
    testFile: 'face/index-memory.test.ts',
    testName: 'identify answers the same from memory and from the database, and tells which in x-search',
  },
  {
    breaks: 'the limit of a container counts',
    file: 'app/index-memory.ts',
    right: 'limit > 0 ? Math.min(limit, totalmem()) : totalmem()',
    wrong: 'totalmem()',
    testFile: 'app/index-memory.test.ts',
    testName: 'the index may take as much memory as is set, or half of what the process may have',
  },
  {
    breaks: 'callers are told where faces were searched',
    file: 'http/conclude.ts',
    right: "  if (searched !== undefined) reply.header('x-search', searched);\n",
    wrong: '',
    testFile: 'http/search-place.test.ts',
    testName: 'the header x-search says where faces were searched, and only where they were',
  },
];
