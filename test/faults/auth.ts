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
];
