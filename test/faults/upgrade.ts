import type { Fault } from './fault.ts';

const suite = { testFile: 'store/packs.test.ts' };
const phases = 'SQLite: an upgrade goes from phase to phase, and the packs change places in one step';
const goesOn = 'SQLite: a conversion goes on where it was, and leaves out who was erased and what failed';

/** Faults in upgrades of the register to another pack. */
export const upgrades: readonly Fault[] = [
  {
    ...suite,
    breaks: 'no face is stored without the embeddings that the register needs',
    file: 'store/insert-face.ts',
    right: "    .where('packs.required', '=', constant(1))",
    wrong: "    .where('packs.required', '=', constant(2))",
    testName: 'SQLite: no face is stored without the embeddings that the register needs',
  },
  {
    ...suite,
    breaks: 'no upgrade goes on before every server has noticed it',
    file: 'store/packs/upgrades.ts',
    right: 'if (now - row.asked_at < noticeMs || recent.length === 0) return;',
    wrong: 'if (recent.length === 0) return;',
    testName: phases,
  },
  {
    ...suite,
    breaks: 'packs change places when servers have read the faces',
    file: 'store/packs/upgrades.ts',
    right: "!recent.every(({ state }) => state === 'ready')",
    wrong: "!recent.every(({ state }) => state !== 'failed')",
    testName: phases,
  },
  {
    ...suite,
    breaks: 'the pack before is kept, so that it is possible to go back',
    file: 'store/packs/upgrades.ts',
    right: "set({ state: 'kept' })",
    wrong: "set({ state: 'preparing' })",
    testName: phases,
  },
  {
    ...suite,
    breaks: 'one server converts faces at a time',
    file: 'store/packs/upgrades.ts',
    right: '(row.worker !== server && row.worker_until > now)',
    wrong: '(row.worker !== server && row.worker_until < 0)',
    testName: phases,
  },
  {
    ...suite,
    breaks: 'faces that cannot be converted keep an upgrade from being over',
    file: 'store/packs/upgrades.ts',
    right: 'if (failed > 0 && row.leaves_failed === 0) {',
    wrong: 'if (failed > 99 && row.leaves_failed === 0) {',
    testName: goesOn,
  },
  {
    ...suite,
    breaks: 'what embeddings of an upgrade take is counted',
    file: 'store/packs/conversion.ts',
    right: '          growth.add({ bytes: one.embedding.byteLength });\n',
    wrong: '',
    testName: goesOn,
  },
  {
    ...suite,
    breaks: 'pruning gives back what it deletes',
    file: 'store/packs/conversion.ts',
    right: '    growth.add({ bytes: -bytes });\n',
    wrong: '',
    testName: goesOn,
  },
  {
    ...suite,
    breaks: 'an index that has read the embeddings hears of those that come later',
    file: 'store/packs/conversion.ts',
    right: 'if (isTold) recorded.add(',
    wrong: 'if (!isTold) recorded.add(',
    testName: goesOn,
  },
  {
    ...suite,
    breaks: 'a face of an archive that comes late is converted before packs change places',
    file: 'store/packs/rows.ts',
    right: "models.includes(complete.model ?? '')) return;",
    wrong: "!models.includes(complete.model ?? '')) return;",
    testName: 'SQLite: a face of an archive that comes late keeps the packs from changing places',
  },
  {
    ...suite,
    breaks: 'a server with another version of the pack ends the upgrade',
    file: 'store/packs/upgrades.ts',
    right: 'row.model !== null && row.model !== said.model',
    wrong: 'row.model === null && row.model !== said.model',
    testName: 'SQLite: a server whose pack is another version, or none, ends the upgrade before it begins',
  },
  {
    breaks: 'transactions that do not know of the pack are waited for',
    file: 'store/packs/upgrades.ts',
    right: 'row?.epoch != null && row.oldest >= row.epoch',
    wrong: 'row?.epoch != null && row.oldest >= 0',
    testFile: 'postgres/packs.test.ts',
    testName: 'a conversion is not over while a transaction may not know of the pack',
  },
  {
    breaks: 'a face that needs more embeddings by now is stored with them',
    file: 'domain/enrolment.ts',
    right: 'const missing = error.models.filter((model) => !known.has(model));',
    wrong: 'const missing = error.models.filter((model) => known.has(model));',
    testFile: 'domain/persons.test.ts',
    testName:
      'a face that needs embeddings of more models by now gets them of its crop, and is stored with all of them',
  },
];
