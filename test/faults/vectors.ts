import type { Fault } from './fault.ts';

const testFile = 'postgres/vectors.test.ts';

/** Faults in searches by pgvector; their tests are skipped where there is none. */
export const vectorFaults: readonly Fault[] = [
  {
    breaks: 'who is registered while vectors are kept is found',
    file: 'store/insert-face.ts',
    right: 'dialectOf(db).vectors?.insert(db, {',
    wrong: 'void ({',
    testFile,
    testName:
      'pgvector: whatever is written while vectors are made, deleted or kept, searches find all of it and no more',
  },
  {
    breaks: 'candidates of one score do not hide others with a lower id',
    file: 'store/search/by-vectors.ts',
    right: 'return top.floor > last + errorOf(probe.length);',
    wrong: 'return true;',
    testFile,
    testName: 'pgvector: faces that are equally near come in the order of their ids, however many there are',
  },
  {
    breaks: 'vectors are not searched before all are there',
    file: 'store/dialects/postgres/vectors.ts',
    right: "return state === 'exact' || state === 'hnsw' ? state : undefined;",
    wrong: "return state === 'hnsw' ? state : 'exact';",
    testFile,
    testName: 'pgvector: vectors that were begun are finished by the next call, and are not searched before',
  },
  {
    breaks: 'vectors of groups that were not asked for are not found',
    file: 'store/dialects/postgres/vectors.ts',
    right: ' and memberships.person_id = vectors.person_id',
    wrong: '',
    testFile,
    testName: 'pgvector: candidates by vectors lead to the answer of a plain search, to the last bit',
  },
  {
    breaks: 'candidates are looked up by their ids',
    file: 'store/dialects/postgres/vectors.ts',
    right: '    planBy(trx, lookUps),\n',
    wrong: '',
    testFile,
    testName: 'pgvector: candidates are looked up by their ids, however many other faces there are',
  },
  {
    breaks: 'vectors can be deleted while faces are erased',
    file: 'store/dialects/postgres/vector-switch.ts',
    right: '    await sql`lock table embeddings in access exclusive mode`.execute(trx);\n',
    wrong: '',
    testFile,
    testName: 'pgvector: vectors are deleted while faces are erased, and neither waits for the other for ever',
  },
  {
    breaks: 'whoever copies a register with vectors is told that the copy has none',
    file: 'cli/copy.ts',
    right: '  if (vectors !== undefined)\n',
    wrong: '  if (vectors === undefined)\n',
    testFile: 'postgres/vectors-command.test.ts',
    testName: 'pgvector: whoever copies a register that has vectors is told how the copy gets its own',
  },
  {
    breaks: 'a small appid is searched exactly although there is a graph',
    file: 'store/search/stream.ts',
    right: ' && all >= reading.graphMembers',
    wrong: '',
    testFile,
    testName: 'a graph is walked where it is large, and most of it counts',
  },
];
