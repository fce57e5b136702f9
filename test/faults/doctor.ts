import type { Fault } from './fault.ts';

const machine = { file: 'app/doctor/machine-checks.ts', testFile: 'app/doctor.disk.test.ts' };
const register = { file: 'app/doctor/register-checks.ts', testFile: 'app/doctor-register.disk.test.ts' };

/** Faults in how an installation is examined. */
export const doctor: readonly Fault[] = [
  {
    ...register,
    breaks: 'the doctor finds a first key that its group may read',
    right: 'if ((mode & 0o077) !== 0) throw new Fault(`others may read it',
    wrong: 'if ((mode & 0o007) !== 0) throw new Fault(`others may read it',
    testName: 'a first key file that its group or anyone else may read or write is a fault',
  },
  {
    ...register,
    breaks: 'the doctor counts no revoked key as good',
    right: 'key.revokedAt === null && (key.expiresAt ?? now) >= now',
    wrong: 'listed.length',
    testName: 'a revoked key is no good key, and without a good one there is a fault',
  },
  {
    ...register,
    breaks: 'the doctor finds a register that does not open',
    right: `      if (error instanceof OlderVersionError) return error.message;
      throw`,
    wrong: `      if (error instanceof Error) return error.message;
      throw`,
    testName: 'a register that is damaged, too new or locked away is a fault, each with a remedy of its own',
  },
  {
    ...register,
    breaks: 'the doctor finds a master key that is not the one of the register',
    right: 'if (needed !== undefined && key.fingerprint !== needed) {',
    wrong: 'if (needed === undefined && key.fingerprint !== needed) {',
    testName: 'a master key that is missing, another one, in the data folder or open to others is a fault',
  },
  {
    ...machine,
    breaks: 'the doctor finds that the networks do not load',
    right: '      await using analyzer = await openAnalyzer({ ...settings, workers: 1 });',
    wrong:
      "      await using analyzer = await openAnalyzer({ ...settings, workers: 1 }).catch(() => ({ model: '', [Symbol.asyncDispose]: async () => {} }));",
    testName: 'networks that do not load are a fault, and those that do are closed again',
  },
  {
    ...machine,
    breaks: 'the doctor finds a full disk',
    right: 'if (bytes >= freeBytesMin) return free;',
    wrong: 'if (bytes >= 0) return free;',
    testName: 'less than a gibibyte of free space is a fault, and a full disk is told as such',
  },
  {
    ...machine,
    breaks: 'the doctor finds a port that is taken',
    right: `  probe.once('error', resolve);\n`,
    wrong: `  probe.once('error', () => resolve(undefined));\n`,
    testName: 'a port that another program listens on is a fault',
  },
  {
    ...machine,
    breaks: 'the doctor does not complain of its own server',
    right: 'if (running?.port === port)',
    wrong: 'if (running?.pid === port)',
    testName: 'the port of the server of this data folder is no fault; a note that a killed server left says nothing',
  },
  {
    ...machine,
    breaks: 'the doctor proposes a port that there is',
    right: 'port === portMax ? port - 1 : port + 1',
    wrong: 'port + 1',
    testName: 'no port is proposed that there is not',
  },
  {
    file: 'app/doctor/examine.ts',
    testFile: 'app/doctor.disk.test.ts',
    breaks: 'the doctor goes on after the first fault',
    right: '      findings.push({ check, ok: false, found: (error as Error).message, mend });',
    wrong: '      return [{ check, ok: false, found: (error as Error).message, mend }];',
    testName: 'every check runs, whatever the ones before it found',
  },
];
