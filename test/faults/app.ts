import type { Fault } from './fault.ts';

const firstKey = { file: 'app/first-key.ts', testFile: 'app/first-key.test.ts' };

const serve = { file: 'cli/serve.ts', testFile: 'cli/serve.test.ts' };
const keys = { file: 'cli/keys.ts', testFile: 'cli/keys.test.ts' };

const credentials = { file: 'app/operator/order.ts', testFile: 'cli/keys.test.ts' };

const late = 'a request that is not over in time is dropped, and the exit code is 1';
const unfit = 'credentials that would not survive a signature are refused, and nothing is made';
const dies = 'a start that dies before the key is in the database leaves credentials that the next start makes good';

/** Faults in how an installation is set up and run. */
export const app: readonly Fault[] = [
  {
    ...firstKey,
    breaks: 'the first key is in its file before it is in the database',
    right: `  const key = await firstKeyOf(join(folder, firstKeyFile), now);
  if (await keys.addKey(key, [], true)) return key;`,
    wrong: `  const key = makeKey(now);
  const isAdded = await keys.addKey(key, [], true);
  await createFile(join(folder, firstKeyFile), textOf(key), 0o600);
  if (isAdded) return key;`,
    testName: dies,
  },
  {
    ...firstKey,
    breaks: 'a start makes good the credentials that the one before it left',
    right: 'if (written === undefined) {',
    wrong: 'if (Date.now() > 0) {\n    await replaceFile(path, textOf(makeKey(now)), 0o600);',
    testName: dies,
  },
  {
    ...firstKey,
    breaks: 'only its owner may read the first key',
    right: 'textOf(key), 0o600)',
    wrong: 'textOf(key), 0o644)',
    testName: 'an empty installation gets a key, and a file with it that only its owner may read',
  },
  {
    ...firstKey,
    breaks: 'the file of the first key is there whole or not at all',
    right: '  await replaceFile(path, textOf(written), 0o600);',
    wrong: `  await (await import('node:fs/promises')).writeFile(path, textOf(written), { mode: 0o600 });`,
    testName: 'credentials that were put there are made good, in a new file that only its owner may read',
  },
  {
    ...firstKey,
    breaks: 'processes that start at once make one first key',
    right: '(await createFile(path, textOf(key), 0o600)) ? key : firstKeyOf(path, now)',
    wrong: '(await replaceFile(path, textOf(key), 0o600), key)',
    testName: 'starts at the same moment make one key, whose file is the one that counts',
  },
  {
    ...firstKey,
    breaks: 'whose keys are all revoked is given no new one',
    right: '(await keys.listKeys()).length > 0',
    wrong: '(await keys.listKeys()).some((key) => key.revokedAt === null)',
    testName: 'an installation that has keys is given none, even if all are revoked',
  },
  {
    ...firstKey,
    breaks: 'credentials that cannot be read are not overwritten',
    right: '    throw new Error(',
    wrong: '    return undefined;\n    throw new Error(',
    testName: 'a file that is no key is told of and kept, and no key is made',
  },
  {
    file: 'store/check-values.ts',
    testFile: 'app/damage.disk.test.ts',
    breaks: 'the rows of a page that cannot be read are named one by one',
    right: 'rows instanceof Error ? await tried(() => select(part, after, false)) : rows',
    wrong: 'rows',
    testName: 'a page of embeddings that was overwritten is named by its table, with every row that it held',
  },
  {
    file: 'store/check-values.ts',
    testFile: 'app/damage.disk.test.ts',
    breaks: 'overwritten crops are found',
    right: "  crops: { key: ['face_id'], value: 'crop' },\n",
    wrong: '',
    testName: 'bytes of an embedding and of a crop that were overwritten are found, and nothing else',
  },
  {
    file: 'app/create-app.ts',
    testFile: 'face/damage.test.ts',
    breaks: 'a start on a damaged register says what is damaged',
    right: 'throw await explainDamage(settings, error);',
    wrong: 'throw error;',
    testName: 'a start on a damaged embedding ends, and names the register, the table, the row and the way out',
  },
  {
    ...serve,
    breaks: 'the exit code tells that requests were dropped',
    right: '  return 1;\n',
    wrong: '  return 0;\n',
    testName: late,
  },
  {
    ...serve,
    breaks: 'the time that requests in flight are given has an end',
    right: 'Promise.race([app.drain(), late.promise])',
    wrong: 'app.drain()',
    testName: late,
  },
  {
    ...serve,
    breaks: 'a server whose requests are over ends with 0',
    right: `  if (outcome !== 'late') return 0;\n`,
    wrong: '',
    testName: 'the first start prints a key and calls that work when pasted, and no later one does',
  },
  {
    file: 'app/create-app.ts',
    testFile: 'cli/serve.test.ts',
    breaks: 'a request that was said to be dropped does not keep the process',
    right: 'stack.defer(() => server.close());',
    wrong: 'stack.defer(() => server.drain());',
    testName: late,
  },
  {
    ...credentials,
    breaks: 'credentials hold no character at their end that a signature would not carry',
    right: '/^[\\w.-]{1,128}$/',
    wrong: '/^[\\w.-]{1,128}/',
    testName: unfit,
  },
  {
    ...credentials,
    breaks: 'credentials hold no character at their beginning that a signature would not carry',
    right: '/^[\\w.-]{1,128}$/',
    wrong: '/[\\w.-]{1,128}$/',
    testName: unfit,
  },
  {
    ...credentials,
    breaks: 'credentials hold no newline',
    right: '/^[\\w.-]{1,128}$/',
    wrong: '/^[\\w.-]{1,128}$/m',
    testName: unfit,
  },
  {
    ...keys,
    breaks: 'the list of keys tells no SecretKey',
    right: '    secret_id: key.secretId,\n    ...settable(key),\n    created:',
    wrong: '    secret_id: key.secretId,\n    secret_key: key.secretKey,\n    ...settable(key),\n    created:',
    testName: 'keys are listed in order, without their SecretKeys, and a revoked one says when',
  },
  {
    file: 'cli/program.ts',
    testFile: 'cli/help.test.ts',
    breaks: 'a command line that is not understood ends with 2',
    right: 'return error.exitCode === 0 ? 0 : 2;',
    wrong: 'return error.exitCode;',
    testName: 'what is not understood is said, with exit code 2',
  },
  {
    file: 'cli/program.ts',
    testFile: 'cli/help.test.ts',
    breaks: 'settings that are not understood end with 2',
    right: 'error instanceof SettingsError ? 2 : 1',
    wrong: '1',
    testName: 'all that is wrong with the settings is said at once, wherever they come from, with exit code 2',
  },
  {
    file: 'processes/parent-death.ts',
    testFile: 'processes/confined.test.ts',
    breaks: 'a process that hangs does not outlive the server',
    right: 'return [...prefix, ...command] as',
    wrong: 'return [...command] as',
    testName: 'it ends when the process that started it is killed, although it hangs',
  },
  {
    file: 'memory/collect.ts',
    testFile: 'memory/collect.test.ts',
    breaks: 'garbage is not collected while calls are in flight',
    right: 'if (!isIdle()) return;',
    wrong: '',
    testName: 'the garbage of a start is collected once, at the first look that finds nothing under way',
  },
  {
    file: 'http/download.ts',
    testFile: 'memory/collect.test.ts',
    breaks: 'a server that downloads nothing does not hold what does',
    right: "import type { Client, Dispatcher } from 'undici';",
    wrong: "import { Client as _Client, type Client, type Dispatcher } from 'undici';",
    testName: 'what downloads pictures is not loaded before one is downloaded',
  },
  {
    file: 'app/log.ts',
    testFile: 'app/log.test.ts',
    breaks: 'a full index fills no log',
    right: "if (err instanceof Refusal && err.refusal === 'storageFailed') return err.message;",
    wrong: '',
    testName: 'a full index is told once a minute, with the number of enrolments that it refused since',
  },
  {
    file: 'app/log.ts',
    testFile: 'app/log.test.ts',
    breaks: 'the log says how often a fault was not told',
    right: 'if (repeats > 0) Object.assign(args, [{ ...(args[0] as object), repeats }]);',
    wrong: '',
    testName: 'a full index is told once a minute, with the number of enrolments that it refused since',
  },
  {
    file: 'app/gathered-lines.ts',
    testFile: 'app/gathered-lines.test.ts',
    breaks: 'no line of the log is lost when the server ends',
    right: '      atEnd(flush);\n',
    wrong: '',
    testName: 'a process that ends by a mistake has written its lines',
  },
  {
    file: 'app/gathered-lines.ts',
    testFile: 'app/gathered-lines.test.ts',
    breaks: 'a line of the log is not long in coming',
    right: '    flush();\n  };\n  return',
    wrong: '  };\n  return',
    testName: 'a line after a pause is written at once, and those soon after it together',
  },
  {
    file: 'ops/tallies.ts',
    testFile: 'ops/metrics.test.ts',
    breaks: 'the times of requests go into the buckets that they belong to',
    right: 'seconds > bounds[at]!',
    wrong: 'seconds < bounds[at]!',
    testName: 'requests are counted by endpoint and code, refusals by reason, and times go into buckets',
  },
];
