import type { Fault } from './fault.ts';

/** Faults in what a call costs whom, and in what its answer says of it. */
export const callers: readonly Fault[] = [
  {
    breaks: 'an appid that calls too often keeps no other from calling',
    file: 'http/gate.ts',
    right: 'rates.take(appid, max)',
    wrong: `rates.take('all', max)`,
    testFile: 'http/callers.test.ts',
    testName: 'the rate limit is of one appid alone: others call on',
  },
  {
    breaks: 'nobody uses up the rate of others with signatures that are forged',
    file: 'http/gate.ts',
    right: 'authenticate(request.headers.authorization, authentication)',
    wrong: `(rates.take('1', 1), authenticate(request.headers.authorization, authentication))`,
    testFile: 'http/callers.test.ts',
    testName: 'a forged signature spends nothing of the rate of the appid that it names',
  },
  {
    breaks: 'nobody pays for calls whose signature was refused',
    file: 'http/conclude.ts',
    right: `  if (endpoint === undefined || caller === undefined || request.record.isCounted) return;
  const { appid, secretId } = caller.key;
`,
    wrong: `  if (endpoint === undefined) return;\n  const { appid, secretId } = caller?.key ?? { appid: '1', secretId: 'S1' };\n`,
    testFile: 'http/callers.test.ts',
    testName: 'a call is counted for the appid that signed it, and one whose signature is refused for nobody',
  },
  {
    breaks: 'refusals of a flood do not wait for the disk',
    file: 'http/conclude.ts',
    right: `  if (refusal !== 'tooManyRequests') await counted;\n`,
    wrong: '  await counted;\n',
    testFile: 'http/callers.test.ts',
    testName: 'a call is answered when its count is durable, but who is told to come later does not wait for the disk',
  },
  {
    breaks: 'a call that was answered is counted, whatever happens then',
    file: 'http/conclude.ts',
    right: `  if (refusal !== 'tooManyRequests') await counted;\n`,
    wrong: '',
    testFile: 'http/callers.test.ts',
    testName: 'a call is answered when its count is durable, but who is told to come later does not wait for the disk',
  },
  {
    breaks: 'what was done is not called an error because it could not be counted',
    file: 'http/conclude.ts',
    right: `    logOf(request).error({ err: error }, 'the call could not be counted');`,
    wrong: '    throw error;',
    testFile: 'http/callers.test.ts',
    testName: 'a call that cannot be counted is answered all the same, and the log says so',
  },
  {
    breaks: 'a request is found in the log by the id in its answer',
    file: 'http/routes.ts',
    right: 'contentType, id, record, signal };',
    wrong: 'contentType, id: randomUUID(), record, signal };',
    testFile: 'http/callers.test.ts',
    testName: 'the id of a request is its session_id, its x-request-id, and the id of its line in the log',
  },
  {
    breaks: 'a url that cannot be decoded is answered like others',
    file: 'http/server.ts',
    right: '      beginRequest(request, reply, parts.isTraced);\n      logWhenOver',
    wrong: '      logWhenOver',
    testFile: 'http/callers.test.ts',
    testName: 'every answer says what it is, how long it is, and which request it answers',
  },
  {
    breaks: 'a client that calls with GET is told to POST',
    file: 'http/server.ts',
    right: `    if (known) reply.header('allow', 'POST');\n`,
    wrong: '',
    testFile: 'http/callers.test.ts',
    testName: 'a wrong method is told which is right, whatever follows the path',
  },
];
