import type { Fault } from './fault.ts';

const encryption = { testFile: 'store/encryption.disk.test.ts' };
const bulk = { file: 'store/encryption/bulk.ts', testFile: 'store/bulk-decryption.test.ts' };
const plain = { file: 'store/encryption/encrypt-plain.ts', testFile: 'store/encrypt-plain.disk.test.ts' };
const master = { file: 'app/master-key.ts', testFile: 'app/master-key.disk.test.ts' };

/** Faults in what is encrypted, and in where its keys are. */
export const encrypted: readonly Fault[] = [
  {
    ...encryption,
    breaks: "a value that was moved to another row is not taken for that row's",
    file: 'store/encryption/cipher.ts',
    right: "return Buffer.from(place.join('\\n'));",
    wrong: 'return Buffer.from(place[0]);',
    testName: 'an embedding that was changed, or moved to another face, fails the call and names the row',
  },
  {
    ...encryption,
    breaks: 'a value whose bytes were changed is not taken for good',
    file: 'store/encryption/cipher.ts',
    right: '    throw new DamagedValueError(place);\n  }\n  return new',
    wrong: '  }\n  return new',
    testName: 'an embedding that was changed, or moved to another face, fails the call and names the row',
  },
  {
    ...encryption,
    breaks: 'an embedding whose bytes were changed does not get into an index',
    file: 'store/encryption/batch.ts',
    right: "if ('damaged' in plain) throw",
    wrong: "if ('damaged' in plain && Date.now() < 0) throw",
    testName: 'an embedding that is damaged after the first batch of a filling is named, too',
  },
  {
    ...bulk,
    breaks: 'a value that was changed is found among many',
    right: '        return i;',
    wrong: '        continue;',
    testName:
      'a bit that is changed anywhere in a value, or in what it is bound to, is noticed, and the value is named',
  },
  {
    ...bulk,
    breaks: 'a value is bound to its own row where many are decrypted',
    right: '(i) => dataOf(first + i)',
    wrong: '(i) => dataOf(i)',
    testName: 'so are more values than are decrypted in one go, and longer ones',
  },
  {
    ...encryption,
    breaks: 'no two values are encrypted with the same nonce',
    file: 'store/encryption/cipher.ts',
    right: '    randomFillSync(nonces);\n',
    wrong: '',
    testName: 'the same value is encrypted to other bytes each time',
  },
  {
    ...encryption,
    breaks: 'a process that has the old master key encrypts nothing that can never be read',
    file: 'store/encryption/data-keys.ts',
    right: `          .where('fingerprint', '=', this.#master.fingerprint),`,
    wrong: `          .where('fingerprint', '!=', ''),`,
    testName: 'after the master key is changed, only the next one opens the register, and everything is there',
  },
  {
    ...encryption,
    breaks: 'the data key of an appid that was ended is used no more',
    file: 'store/encryption/data-keys.ts',
    right: ' && Buffer.compare(opened.wrapped, wrapped) === 0',
    wrong: '',
    testName: 'an appid that is ended and added again gets another data key, in processes that run as well',
  },
  {
    ...encryption,
    breaks: 'a wrong master key is told of at the start',
    file: 'store/encryption/master-key.ts',
    right: 'if (needed === key.fingerprint) return key;',
    wrong: 'if (needed !== undefined) return key;',
    testName: 'another master key is refused by both names, and changes nothing',
  },
  {
    ...encryption,
    breaks: 'the data key of an appid that is ended is destroyed',
    file: 'store/tenants.ts',
    right: `    await trx.deleteFrom('data_keys').where('appid', '=', appid).execute();\n    await trx.deleteFrom('keys')`,
    wrong: `    await trx.deleteFrom('keys')`,
    testName: 'an end that is interrupted has destroyed the data key already, and can be given again',
  },
  {
    ...plain,
    breaks: 'no plain embedding stays beside the encrypted one',
    right: 'await moves[name](trx, keys)',
    wrong: "name === 'plain_embeddings' ? 0 : await moves[name](trx, keys)",
    testName: 'a register of the version before is encrypted in place, and tells how far it is',
  },
  {
    ...plain,
    breaks: 'two processes that encrypt a register do not stumble over each other',
    right: '  if (!(await isThere(db, name))) return 0;\n  const moved',
    wrong: '  const moved',
    testName: 'two processes that encrypt a register at once do it once',
  },
  {
    ...master,
    breaks: 'processes that start at once make one master key',
    right: 'if (await createFile(file, makeText(), 0o600)) onMade(file);',
    wrong: 'await replaceFile(file, makeText(), 0o600);',
    testName: 'of keys that are made at once, all but the first are given up',
  },
  {
    ...master,
    breaks: 'no master key is made for what another one has encrypted',
    right: "settings.masterKeyFile !== '' || fingerprint !== undefined",
    wrong: "settings.masterKeyFile !== ''",
    testName: 'a data folder alone opens nothing: no key is made for what another one has encrypted',
  },
  {
    ...master,
    breaks: 'a change of the master key that died before its last step is finished by the next start',
    right: 'if (next !== undefined && next.fingerprint === fingerprint) return { key: next, isNext: true };',
    wrong: '',
    testName: 'a change that is interrupted leaves a key that opens, whichever it is',
  },
  {
    file: 'cli/serve.ts',
    testFile: 'cli/serve.test.ts',
    breaks: 'no SecretKey is printed into a log',
    right: 'if (!isTerminal) {',
    wrong: 'if (Date.now() < 0) {',
    testName:
      'a start whose output is no terminal prints neither a SecretKey nor a signature, and says where the key is',
  },
  {
    file: 'store/dialects/sqlite/database.ts',
    testFile: 'cli/keys.test.ts',
    breaks: 'a report makes no file',
    right: 'const location = existsSync(',
    wrong: 'const location = Date.now() > 0 || existsSync(',
    testName: 'reports leave no file beside the register, whether or not somebody has it open',
  },
];
