import type { Fault } from './fault.ts';

const testFile = 'http/operator-api.test.ts';
const ofPages = 'a request without the token of its page, or from a page of another origin, does nothing';

/** Faults in who may do what on the operator's listener. */
export const operators: readonly Fault[] = [
  {
    breaks: 'a sign-in is audited under the name of who signs in',
    file: 'app/operator/api/session.ts',
    right: 'await context.actingAs(operator.name, () => operators.addSession(digestOf(token), operator.name, now()));',
    wrong: 'await operators.addSession(digestOf(token), operator.name, now());',
    testFile: 'app/operator-api.test.ts',
    testName: 'who sets a password and signs in is named by the audit, and not the account that the server runs as',
  },
  {
    breaks: 'an operator of one appid sees no other one',
    file: 'auth/operators.ts',
    right: 'return isRole && (grant.appid === null || grant.appid === appid);',
    wrong: 'return isRole;',
    testFile,
    testName: 'an operator of one appid sees that one, and a role does what it may',
  },
  {
    breaks: 'a page names what it was shown, and never a path',
    file: 'app/operator/places.ts',
    right: 'const found = list.find((one) => one.name === name);',
    wrong: 'const found = list.find((one) => one.name === name) ?? { ...list[0]!, name };',
    testFile: 'app/jobs.test.ts',
    testName: 'nothing outside of the folders can be named',
  },
  {
    breaks: 'links in the folders lead nowhere',
    file: 'app/operator/places.ts',
    right: 'if (status?.isDirectory() || status?.isFile())',
    wrong: 'if (status !== undefined)',
    testFile: 'app/jobs.test.ts',
    testName: 'nothing outside of the folders can be named',
  },
  {
    breaks: 'a job of a kind runs alone',
    file: 'app/jobs/jobs.ts',
    right: "job.kind === kind && job.state === 'running'",
    wrong: 'job.id === kind',
    testFile: 'app/jobs.test.ts',
    testName: 'the doctor examines the installation, and one at a time',
  },
  {
    breaks: 'calls that are ten minutes old are forgotten',
    file: 'ops/recent-calls.ts',
    right: 'if (slot === undefined || slot.number <= oldest) continue;',
    wrong: 'if (slot === undefined) continue;',
    testFile: 'ops/recent-calls.test.ts',
    testName: 'refusals are summed by reason over ten minutes, and then forgotten',
  },
  {
    breaks: 'a key is changed by operators of its own appid',
    file: 'app/operator/api/accounts.ts',
    right: '      await refuseUnlessOwn(appid, secretId);\n      await setKey(',
    wrong: '      await setKey(',
    testFile: 'app/operator-api.test.ts',
    testName: 'appids and keys are made, changed, shown and ended as by the commands',
  },
  {
    breaks: 'a request must bring the token of its page',
    file: 'http/admin/api.ts',
    right: "if (request.url !== '/api/session.show' && !isForgeryToken(token, String(given ?? ''))) {",
    wrong: 'if (given === undefined) {',
    testFile,
    testName: ofPages,
  },
  {
    breaks: 'pages of other origins are refused',
    file: 'http/admin/api.ts',
    right: 'const isOwn = origin === undefined || URL.parse(origin)?.host === host;',
    wrong: 'const isOwn = true;',
    testFile,
    testName: ofPages,
  },
  {
    breaks: 'who guesses passwords is slowed down',
    file: 'app/operator/api/session.ts',
    right: '      guesses.begin(...parties);\n',
    wrong: '',
    testFile,
    testName: 'who guesses passwords waits longer and longer, and so does everybody at that address',
  },
  {
    breaks: 'a link works once',
    file: 'store/operators.ts',
    right:
      "          .deleteFrom('operator_links')\n          .where('digest', '=', digest)\n          .where('made_at', '>', now - linkMs)\n          .returningAll()",
    wrong:
      "          .selectFrom('operator_links')\n          .where('digest', '=', digest)\n          .where('made_at', '>', now - linkMs)\n          .selectAll()",
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a link makes an operator once, whoever asks first, and none after an hour',
  },
  {
    breaks: 'a new password ends the sessions',
    file: 'store/operators.ts',
    right: "          .execute();\n        await endSessions(trx, name);\n        await note(trx, 'operators password'",
    wrong: "          .execute();\n        await note(trx, 'operators password'",
    testFile: 'store/sqlite.test.ts',
    testName: 'SQLite: a new password, another grant, and a removal end the sessions of that operator alone',
  },
];
