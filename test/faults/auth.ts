import type { Fault } from './fault.ts';

/** Faults in what a signature proves. */
export const auth: readonly Fault[] = [
  {
    breaks: 'one signature has one text, so that what is remembered of it cannot be passed by with another spelling',
    file: 'auth/signature.ts',
    right: `  if (bytes.toString('base64') !== text) throw malformed('not base64');\n`,
    wrong: '',
    testFile: 'auth/signature.test.ts',
    testName: 'only the canonical base64 of a signature is taken: other texts for the same bytes are malformed',
  },
  {
    breaks: 'a key that was revoked opens nothing any more',
    file: 'auth/authenticate.ts',
    right: 'if (key === undefined || key.revokedAt !== null || hasExpired(key, now)) throw',
    wrong: 'if (key === undefined || hasExpired(key, now)) throw',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a key that was revoked is refused like one that never was',
  },
  {
    breaks: 'a key ends when it says so',
    file: 'auth/authenticate.ts',
    right: ' || hasExpired(key, now)) throw',
    wrong: ') throw',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a key is refused from the moment on when it expires, like one that never was, however often it was good',
  },
  {
    breaks: 'a key that was good a moment ago ends when it says so',
    file: 'auth/authenticate.ts',
    right: ' && !hasExpired(caller.key, now);',
    wrong: ';',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a key is refused from the moment on when it expires, like one that never was, however often it was good',
  },
  {
    breaks: 'a key that may only read erases nobody',
    file: 'auth/authenticate.ts',
    right: 'if (key.endpoints === undefined || key.endpoints.includes(endpoint)) return;',
    wrong: 'if (key.endpoints === undefined || key.endpoints.length > 0) return;',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a key that is confined may call what it names, and no other endpoint',
  },
  {
    breaks: 'nobody can spend the signatures of others, since only authentic ones are remembered',
    file: 'auth/authenticate.ts',
    right: `  if (!isAuthentic(signature, key.secretKey)) throw new Refusal('signatureWrong');
  if (isExpired(signature, secondsOf(now))) throw new Refusal('signatureExpired');
  if (signature.expires === 0 && !(await keys.spendSignature(signature.appid, digest(signature)))) {
    throw new Refusal('signatureReplayed');
  }
`,
    wrong: `  if (signature.expires === 0 && !(await keys.spendSignature(signature.appid, digest(signature)))) {
    throw new Refusal('signatureReplayed');
  }
  if (!isAuthentic(signature, key.secretKey)) throw new Refusal('signatureWrong');
  if (isExpired(signature, secondsOf(now))) throw new Refusal('signatureExpired');
`,
    testFile: 'auth/authenticate.test.ts',
    testName: 'a single-use signature is spent only once it is found authentic and in time',
  },
  {
    breaks: 'a single-use signature cannot be used again once it was forgotten that it is spent',
    file: 'auth/signature.ts',
    right: 'expires === 0 ? madeAt + validitySecondsMax : expires',
    wrong: 'expires === 0 ? Number.POSITIVE_INFINITY : expires',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a single-use signature ends 90 days after it was made, used or not',
  },
  {
    breaks: 'a signature that works once does not work twice',
    file: 'auth/authenticate.ts',
    right: `  if (signature.expires === 0 && !(await keys.spendSignature(signature.appid, digest(signature)))) {
    throw new Refusal('signatureReplayed');
  }
`,
    wrong: '',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a single-use signature works once, a multi-use one again and again',
  },
  {
    breaks: 'two calls of the Java client within a second, which carry one signature, are both answered',
    file: 'auth/authenticate.ts',
    right: 'if (signature.expires === 0 && !(await',
    wrong: 'if (!(await',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a single-use signature works once, a multi-use one again and again',
  },
  {
    breaks: 'a key store that hangs does not hang every call',
    file: 'auth/authenticate.ts',
    right: 'return await Promise.race([work, late.promise]);',
    wrong: 'return await work;',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a key store that does not answer in time is 108, whatever it was asked',
  },
  {
    breaks: 'a key store that fails is told from a bug',
    file: 'auth/authenticate.ts',
    right: `return error instanceof Refusal ? error : new Refusal('keyStoreFailed', '', { cause: error });`,
    wrong: 'return error as Refusal;',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a key store that fails is 107, whatever it was asked, and the cause is kept for the log',
  },
  {
    breaks: 'calls leave no timer behind',
    file: 'auth/authenticate.ts',
    right: 'clearTimeout(timer);',
    wrong: '',
    testFile: 'auth/authenticate.test.ts',
    testName: 'once the key store has answered, nothing waits for its time to pass',
  },
  {
    breaks: 'a signature whose key was revoked is refused from that moment on, however often it was good',
    file: 'auth/authenticate.ts',
    right: 'return known.version === versionNow && isStillGood',
    wrong: 'return isStillGood',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a signature whose key ends is refused from that moment on, however often it was good',
  },
  {
    breaks: 'a signature that is kept ends when it says so',
    file: 'auth/authenticate.ts',
    right: 'return !isExpired(signature, secondsOf(now)) && !hasExpired(caller.key, now);',
    wrong: 'return !hasExpired(caller.key, now);',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a signature that was found good is not computed again while no key changes, and is as good as it says',
  },
  {
    breaks: 'a single-use signature that is kept does not pass twice',
    file: 'auth/authenticate.ts',
    right: 'version !== undefined && signature.expires !== 0',
    wrong: 'version !== undefined',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a single-use signature is kept by nobody, and neither is one that is refused',
  },
  {
    breaks: 'a key that is revoked while a signature is checked does not leave it good for ever',
    file: 'auth/authenticate.ts',
    right: 'proven?.keep(text, { signature, caller, version });',
    wrong: 'proven?.keep(text, { signature, caller, version: (await keys.version?.()) ?? version });',
    testFile: 'auth/authenticate.test.ts',
    testName: 'a key that ends while a signature is checked ends that signature, too',
  },
];
