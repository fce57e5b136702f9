import type { Fault } from './fault.ts';

/** Faults in how a body becomes what an endpoint asks for. */
const input: readonly Fault[] = [
  {
    breaks: 'a form whose url field was left empty brings its picture',
    file: 'contract/input.ts',
    right: `urls.some((url) => url !== '')`,
    wrong: 'urls.length > 0',
    testFile: 'contract/input.test.ts',
    testName: 'an empty url hides no image that was sent beside it',
  },
  {
    breaks: 'the codes of addface stand in the order of its urls, the empty ones included',
    file: 'contract/input.ts',
    right: '? urls.map((url) => ({ url }))',
    wrong: `? urls.filter((url) => url !== '').map((url) => ({ url }))`,
    testFile: 'contract/input.test.ts',
    testName: 'of several urls one may be empty: its place among the pictures stays',
  },
  {
    breaks: 'a url and an image together mean the url',
    file: 'contract/input.ts',
    right: `urls.some((url) => url !== '')`,
    wrong: `images.length === 0 && urls.some((url) => url !== '')`,
    testFile: 'contract/input.test.ts',
    testName: 'where a url and an image are given only the url is used',
  },
  {
    breaks: 'a url that was copied with a blank is fetched',
    file: 'contract/input.ts',
    right: 'return value.trim();',
    wrong: 'return value;',
    testFile: 'contract/input.test.ts',
    testName: 'blanks around a url are no part of it',
  },
  {
    breaks: 'a text that a form sends twice has one meaning: the last',
    file: 'contract/input.ts',
    right: 'body.fields.get(name)?.at(-1);',
    wrong: 'body.fields.get(name)?.at(0);',
    testFile: 'contract/input.test.ts',
    testName: 'where a single field is sent several times, the last one counts',
  },
  {
    breaks: 'a picture that a form sends twice has one meaning: the last',
    file: 'contract/input.ts',
    right: 'given.slice(-1)',
    wrong: 'given.slice(0, 1)',
    testFile: 'contract/input.test.ts',
    testName: 'where a single field is sent several times, the last one counts',
  },
];

/** What every fault in the order of refusals is noticed by. */
const inOrder = {
  testFile: 'http/order.test.ts',
  testName: 'of two refusals that a request deserves it gets the one that the contract puts first',
} as const;

const appidUnknown = `  if (tenant === undefined) throw new Refusal('appidUnknown');\n`;
const findKey = `  const key = await keys.findKey(signature.secretId);\n`;
const secretIdUnknown = `  // Who cannot sign is not told whether there was a key.
  if (key === undefined || key.revokedAt !== null || hasExpired(key, now)) throw new Refusal('secretIdUnknown');\n`;
const secretIdForeign = `  if (key.appid !== signature.appid) throw new Refusal('secretIdForeign');\n`;
const signatureWrong = `  if (!isAuthentic(signature, key.secretKey)) throw new Refusal('signatureWrong');\n`;
const signatureExpired = `  if (isExpired(signature, secondsOf(now))) throw new Refusal('signatureExpired');\n`;
const signatureReplayed = `  if (signature.expires === 0 && !(await keys.spendSignature(signature.appid, digest(signature)))) {
    throw new Refusal('signatureReplayed');
  }
`;
const bucketUnknown = `  // A signature without a bucket names none, so it cannot name a wrong one: half of the clients never send it.
  if (signature.bucket !== '' && tenant.buckets.length > 0 && !tenant.buckets.includes(signature.bucket)) {
    throw new Refusal('bucketUnknown');
  }
`;
const tooManyRequests = `        if (!isInTime) throw new Busy('calls a second');\n`;
const pictureTooLarge = `  const images = readImages(endpoint, body, pictureBytesMax);\n`;
const targetMismatch = '  checkTarget(caller, body);\n';
const parameters = '  const input = readInput(endpoint, body, images);\n';

/** Faults that tell a client of its second mistake first. */
const order: readonly Fault[] = [
  {
    breaks: 'a client whose clock is wrong learns that first (5 before 10)',
    file: 'auth/signature.ts',
    right: `  if (signature.madeAt - nowSeconds > aheadSecondsMax) throw malformed('t is in the future');\n`,
    wrong: '',
    ...inOrder,
  },
  {
    breaks: '10 comes before 11',
    file: 'auth/authenticate.ts',
    right: appidUnknown + findKey + secretIdUnknown,
    wrong: findKey + secretIdUnknown + appidUnknown,
    ...inOrder,
  },
  {
    breaks: '11 comes before 12',
    file: 'auth/authenticate.ts',
    right: secretIdUnknown + secretIdForeign,
    wrong: secretIdForeign.replace('key.appid', 'key !== undefined && key.appid') + secretIdUnknown,
    ...inOrder,
  },
  {
    breaks: '12 comes before 14',
    file: 'auth/authenticate.ts',
    right: secretIdForeign + signatureWrong,
    wrong: signatureWrong + secretIdForeign,
    ...inOrder,
  },
  {
    breaks: '14 comes before 9',
    file: 'auth/authenticate.ts',
    right: signatureWrong + signatureExpired,
    wrong: signatureExpired + signatureWrong,
    ...inOrder,
  },
  {
    breaks: '9 comes before 13',
    file: 'auth/authenticate.ts',
    right: signatureExpired + signatureReplayed,
    wrong: signatureReplayed + signatureExpired,
    ...inOrder,
  },
  {
    breaks: '13 comes before 16',
    file: 'auth/authenticate.ts',
    right: signatureReplayed + bucketUnknown,
    wrong: bucketUnknown + signatureReplayed,
    ...inOrder,
  },
  {
    breaks: '15 comes before 23: an appid over its rate costs no memory',
    file: 'http/gate.ts',
    right: tooManyRequests,
    wrong: `        if (Number(request.headers['content-length']) > bodyLimits.bytesMax) throw new Refusal('bodyTooLarge');
${tooManyRequests}`,
    ...inOrder,
  },
  {
    breaks: '23 comes before 3, since a body is not read beyond its limit',
    file: 'http/server.ts',
    right: 'bytesMax: Math.min(parts.bodyBytesMax,',
    wrong: 'bytesMax: Math.min(2 * parts.bodyBytesMax,',
    ...inOrder,
  },
  {
    breaks: '23 comes before 6',
    file: 'http/call.ts',
    right: pictureTooLarge + targetMismatch,
    wrong: targetMismatch + pictureTooLarge,
    ...inOrder,
  },
  {
    breaks: '6 comes before parameters',
    file: 'http/call.ts',
    right: targetMismatch + parameters,
    wrong: parameters + targetMismatch,
    ...inOrder,
  },
  {
    breaks: '6 comes before 21 for a picture that is not base64, which is a parameter like others',
    file: 'contract/input.ts',
    right: '    const values = listOf(body, fields.image).map(imageBytes);\n',
    wrong: `    const values = listOf(body, fields.image).map((value) => readImage(fields.image, imageBytes(value)));\n`,
    ...inOrder,
  },
];

/** Faults in what the contract promises of any request. */
export const contract: readonly Fault[] = [...input, ...order];
