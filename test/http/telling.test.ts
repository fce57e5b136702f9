import assert from 'node:assert/strict';
import test from 'node:test';
import { Refusal } from '../../src/errors/refusals.ts';
import { openDownloads } from '../../src/http/download.ts';
import { imageOf, now, serve, signed } from './served.ts';

const person = { person_id: 'ada', group_ids: ['g'] };
const quality = (score: number, fault?: 'blurred') => ({ score, ...(fault && { fault }) });

test('a header says how good the faces are that were to be enrolled, in the order of the pictures', async () => {
  await using served = serve({ limits: { enrolQualityMin: 40 } });
  const told = async (...[endpoint, fields]: Parameters<typeof served.call>) =>
    (await served.call(endpoint, fields)).headers['x-face-quality'];
  assert.equal(await told('newperson', { ...person, image: imageOf({ cosine: 1, quality: quality(83) }) }), '83');
  const images = [
    imageOf({ cosine: 0, quality: quality(45, 'blurred') }),
    imageOf(),
    imageOf({ cosine: -0.5, quality: quality(12, 'blurred') }),
    imageOf({ cosine: 1, quality: quality(90) }),
  ];
  assert.equal(await told('addface', { person_id: 'ada', images }), '45; blurred, -, 12; blurred, 90');
  const low = { person_id: 'bob', group_ids: ['g'], image: images[2] };
  assert.equal(await told('newperson', low), '12; blurred', 'a refusal says it, too');
  for (const [endpoint, fields] of [
    ['addface', { person_id: 'ada', images: [imageOf()] }],
    ['newperson', { person_id: 'eve', group_ids: ['g'], image: imageOf() }],
    ['verify', { person_id: 'ada', image: images[0] }],
    ['getinfo', { person_id: 'ada' }],
  ] as const) {
    assert.equal(await told(endpoint, fields), undefined, endpoint);
  }
});

test('a call is counted with its pictures and faces, and with the code of its answer', async () => {
  await using served = serve();
  await served.call('newperson', { ...person, image: imageOf({ cosine: 1 }, { cosine: 0 }) });
  await served.call('detect', { image: imageOf() });
  await served.call('compare', { imageA: imageOf({ cosine: 1 }), imageB: imageOf({ cosine: 1 }) });
  await served.call('getinfo', { person_id: 'nobody' });
  const counted = (endpoint: string, code: number, pictures: number, faces: number) => ({
    appid: '1',
    day: '2026-11-30',
    secretId: 'S1',
    endpoint,
    code,
    pictures,
    faces,
  });
  assert.deepEqual(served.counted, [
    counted('newperson', 0, 1, 2),
    counted('detect', -1101, 1, 0),
    counted('compare', 0, 2, 2),
    counted('getinfo', -1303, 0, 0),
  ]);
});

test('each request has one line in the log: whose it was, what came of it, and how long each stage took', async () => {
  await using served = serve();
  await served.call('identify', { group_id: 'g', url: 'http://pictures.example/ada.jpg' });
  await served.call('newperson', { ...person, url: 'http://pictures.example/ada.jpg' });
  await served.call('identify', { group_id: 'g', url: 'http://pictures.example/ada.jpg' });
  await served.send('/nowhere');
  const lines = served.log.map(({ endpoint, appid, code, refusal, status, stages }) => [
    { endpoint, appid, code, refusal, status },
    Object.keys(stages as object).sort(),
  ]);
  const known = { appid: '1', status: 200 };
  assert.deepEqual(lines, [
    [{ ...known, endpoint: 'identify', code: -1306, refusal: 'groupUnknown' }, ['auth', 'count']],
    [{ ...known, endpoint: 'newperson', code: 0, refusal: undefined }, ['auth', 'count', 'download']],
    [{ ...known, endpoint: 'identify', code: 0, refusal: undefined }, ['auth', 'count', 'download', 'search']],
    [{ endpoint: null, appid: null, code: 3, refusal: 'unknownPath', status: 404 }, []],
  ]);
  for (const { ms } of served.log) assert.ok(Number(ms) >= 0);
});

test('the log has the cause of what is not the caller’s doing, and says nothing more of what is', async () => {
  const cause = new Error('the disk is gone');
  const downloads = {
    fetch: async (url: string) => {
      throw url.endsWith('bug') ? new TypeError('a bug') : new Refusal('featureFailed', '', { cause });
    },
  };
  await using served = serve({ downloads });
  await served.call('detect', { url: 'http://pictures.example/ada.jpg' });
  await served.call('detect', { url: 'http://pictures.example/bug' });
  await served.call('getinfo', { person_id: 'nobody' });
  const errors = served.log.filter(({ level }) => level === 50);
  assert.deepEqual(
    errors.map(({ err, msg }) => [(err as Error).message, msg]),
    [
      ['the disk is gone', 'featureFailed'],
      ['a bug', 'internal'],
    ],
  );
  assert.equal(served.log.length, 5, 'three lines of calls, two of causes');
});

test('a caller is not told why a picture’s host was not reached, and the log is', async () => {
  const downloads = openDownloads({
    allowHosts: [],
    bytesMax: 1,
    connectTimeoutMs: 1_000,
    firstByteTimeoutMs: 1_000,
    timeoutMs: 1_000,
    redirectsMax: 0,
    socketsMax: 1,
    resolve: async () => [{ address: '10.0.0.1', family: 4 }],
  });
  await using served = serve({ downloads });
  const { message } = await served.call('detect', { url: 'http://printer.lan/' });
  assert.equal(message, 'ERROR_DOWNLOAD_IMAGE_FAILED the host was not reached');
  await served.call('detect', { url: 'ftp://printer.lan/' });
  await served.call('addface', { person_id: 'nobody', url: 'http://printer.lan/' });
  assert.deepEqual(
    served.log.map(({ downloads }) => downloads),
    [['the address is not allowed'], ['not a url of http or https'], undefined],
  );
  assert.ok(!JSON.stringify(served.log).includes('printer'));
});

test('the server says what it is and how it is to whoever asks', async () => {
  await using served = serve();
  const get = (path: string) => served.send(path, { method: 'GET', headers: { authorization: '' } });
  assert.deepEqual((await get('/healthz')).text, '{"code":0,"message":"OK","data":{}}');
  assert.deepEqual((await get('/readyz')).text, '{"code":0,"message":"OK","data":{}}');
  assert.equal((await get('/openapi.json')).text, '{"openapi":"3.1.0"}');
});

test('whoever asks is told whether the server is ready, and the log why it is not, once for each reason', async () => {
  const reasons = ['the index is loading', 'the index is loading', 'the disk is full', '', ''];
  let asked = 0;
  const checkReady = async () => {
    const reason = reasons[asked++];
    if (reason) throw reason === 'the disk is full' ? new Refusal('unavailable', reason) : new Error(reason);
  };
  await using served = serve({ checkReady });
  const answers = [];
  for (const _ of reasons) answers.push((await served.send('/readyz', { method: 'GET' })).text);
  const [no, yes] = ['{"code":108,"message":"auth service unavailable"}', '{"code":0,"message":"OK","data":{}}'];
  assert.deepEqual(answers, [no, no, no, yes, yes]);
  const told = served.log.filter((line) => !('endpoint' in line)).map(({ reason, msg }) => reason ?? msg);
  assert.deepEqual(told, ['the index is loading', 'unavailable: the disk is full', 'ready again']);
});

test('a request target may be a whole url, as clients behind a proxy setting send it', async () => {
  await using served = serve();
  const headers = { authorization: signed({ expires: now + 60 }) };
  const body = '{"appid":"1"}';
  for (const target of ['http://retired.example/face/getgroupids', 'HTTPS://h:1/face/getgroupids?x=http://y/z']) {
    assert.equal((await served.send(target, { headers, body })).code, -1307, target);
  }
  const inPath = await served.send('/face/http://retired.example/face/getgroupids', { headers, body });
  assert.equal(inPath.status, 404);
});

test('a bucket matters only where both the signature and the body name one', async () => {
  await using served = serve();
  const code = async (signedFor: string | undefined, named: string | undefined) => {
    const authorization = signed({ bucket: signedFor });
    return (await served.call('getgroupids', named === undefined ? {} : { bucket: named }, { authorization })).code;
  };
  for (const [signedFor, named] of [
    [undefined, 'b'],
    ['', 'b'],
    ['b', undefined],
    ['b', ''],
    ['b', 'b'],
  ] as const) {
    assert.equal(await code(signedFor, named), -1307, `${signedFor} and ${named}`);
  }
  assert.equal(await code('b', 'c'), 6);
});
