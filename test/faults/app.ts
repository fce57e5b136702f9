import type { Fault } from './fault.ts';

const firstKey = { file: 'app/first-key.ts', testFile: 'app/first-key.test.ts' };
const doctor = { file: 'app/doctor.ts', testFile: 'app/doctor.test.ts' };

const serve = { file: 'cli/serve.ts', testFile: 'cli/serve.test.ts' };
const keys = { file: 'cli/keys.ts', testFile: 'cli/keys.test.ts' };

const late = 'a request that is not over in time is dropped, and the exit code is 1';
const unfit = 'credentials that would not survive a signature are refused, and nothing is made';
const dies = 'a start that dies before the key is in the database leaves credentials that the next start makes good';

/** Faults in how an installation is set up, examined and run. */
export const app: readonly Fault[] = [
  {
    ...firstKey,
    breaks: 'the first key is in its file before it is in the database',
    right: `  await writeKey(path, key);
  return (await keys.addKey(key, [])) ? key : undefined;`,
    wrong: `  const isAdded = await keys.addKey(key, []);
  await writeKey(path, key);
  return isAdded ? key : undefined;`,
    testName: dies,
  },
  {
    ...firstKey,
    breaks: 'a start makes good the credentials that the one before it left',
    right: '(await readKey(path, now)) ?? makeKey(now)',
    wrong: 'makeKey(now)',
    testName: dies,
  },
  {
    ...firstKey,
    breaks: 'only its owner may read the first key',
    right: ', 0o600);',
    wrong: ', 0o644);',
    testName: 'an empty installation gets a key, and a file with it that only its owner may read',
  },
  {
    ...firstKey,
    breaks: 'the file of the first key is there whole or not at all',
    right: 'return replaceFile(',
    wrong: `const replaceFile = async (path: string, text: string, mode: number) =>
    (await import('node:fs/promises')).writeFile(path, text, { mode });
  return replaceFile(`,
    testName: 'credentials that were put there are made good, in a new file that only its owner may read',
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
    ...doctor,
    breaks: 'the doctor finds a first key that its group may read',
    right: '(mode & 0o077) !== 0',
    wrong: '(mode & 0o007) !== 0',
    testName: 'a first key file that its group or anyone else may read or write is a fault',
  },
  {
    ...doctor,
    breaks: 'the doctor counts no revoked key as good',
    right: '.filter((key) => key.revokedAt === null).length',
    wrong: '.length',
    testName: 'a revoked key is no good key, and without a good one there is a fault',
  },
  {
    ...doctor,
    breaks: 'the doctor finds that the networks do not load',
    right: '      await using analyzer = await openAnalyzer({ ...settings, workers: 1 });',
    wrong:
      "      await using analyzer = await openAnalyzer({ ...settings, workers: 1 }).catch(() => ({ model: '', [Symbol.asyncDispose]: async () => {} }));",
    testName: 'networks that do not load are a fault, and those that do are closed again',
  },
  {
    ...doctor,
    breaks: 'the doctor finds a register that does not open',
    right: `      await using stores = await openData(settings);
      await stores.check();`,
    wrong: '',
    testName: 'a register that does not open is a fault',
  },
  {
    ...doctor,
    breaks: 'the doctor finds a full disk',
    right: 'if (bytes < freeBytesMin) throw new Error(free);',
    wrong: '',
    testName: 'less than a gibibyte of free space is a fault',
  },
  {
    ...doctor,
    breaks: 'the doctor finds a port that is taken',
    right: `  probe.once('error', reject);\n`,
    wrong: `  probe.once('error', () => resolve());\n`,
    testName: 'a port that something listens on is a fault',
  },
  {
    ...doctor,
    breaks: 'the doctor goes on after the first fault',
    right: '      findings.push({ check, ok: false, found: (error as Error).message, mend: mend(settings) });',
    wrong: '      return [{ check, ok: false, found: (error as Error).message, mend: mend(settings) }];',
    testName: 'every check runs, whatever the ones before it found',
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
    ...keys,
    breaks: 'credentials hold no character at their end that a signature would not carry',
    right: '/^[\\w.-]{1,128}$/',
    wrong: '/^[\\w.-]{1,128}/',
    testName: unfit,
  },
  {
    ...keys,
    breaks: 'credentials hold no character at their beginning that a signature would not carry',
    right: '/^[\\w.-]{1,128}$/',
    wrong: '/[\\w.-]{1,128}$/',
    testName: unfit,
  },
  {
    ...keys,
    breaks: 'credentials hold no newline',
    right: '/^[\\w.-]{1,128}$/',
    wrong: '/^[\\w.-]{1,128}$/m',
    testName: unfit,
  },
  {
    ...keys,
    breaks: 'the list of keys tells no SecretKey',
    right: '    secret_id: key.secretId,\n    created:',
    wrong: '    secret_id: key.secretId,\n    secret_key: key.secretKey,\n    created:',
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
];
