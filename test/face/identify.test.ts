import assert from 'node:assert/strict';
import { rm } from 'node:fs/promises';
import test, { after, before } from 'node:test';
import sharp from 'sharp';
import { checkShape, makeFolder, photograph, startApp, type TestApp } from '../harness.ts';

let app: TestApp;
before(async () => {
  app = await startApp();
});
after(() => app[Symbol.asyncDispose]());

/** Registers the largest face of a photograph. */
async function register(
  person_id: string,
  group_ids: string[],
  number: 1 | 2 | 3 | 4 | 5 | 6,
  tag = '',
): Promise<string> {
  const answer = await app.form('newperson', { person_id, group_ids, tag, image: await photograph(number) });
  assert.equal(answer.code, 0, answer.text);
  return answer.data.face_id;
}

const personsOf = ({ data }: { data: { candidates: { person_id: string }[] } }) =>
  data.candidates.map(({ person_id }) => person_id);

test('identify tells whom the largest face resembles, best first, each person once, with the face and its tag', async () => {
  const ada = await register('ada', ['staff', 'all'], 3, 'first of ada');
  await register('bob', ['staff', 'all'], 5);
  await register('eve', ['guests', 'all'], 1);
  const again = await sharp(await photograph(3))
    .flop()
    .flop()
    .resize(1400)
    .jpeg({ quality: 80 })
    .toBuffer();
  const answer = await app.form('identify', { group_id: 'all', image: again });
  checkShape('identify', answer);
  const { candidates } = answer.data;
  assert.equal(candidates.length, 3, 'no threshold is applied');
  assert.deepEqual([candidates[0].person_id, candidates[0].face_id, candidates[0].tag], ['ada', ada, 'first of ada']);
  assert.ok(candidates[0].confidence >= 99 && candidates[1].confidence < 75, answer.text);
  const scores = candidates.map(({ confidence }: { confidence: number }) => confidence);
  assert.deepEqual(
    scores,
    scores.toSorted((a: number, b: number) => b - a),
  );
  const json = await app.json('identify', { group_id: 'all', image: again.toString('base64') });
  assert.deepEqual(json.data.candidates, candidates);
  const { data } = await app.form('verify', { person_id: 'ada', image: again });
  assert.equal(data.confidence, candidates[0].confidence, 'one scale');
});

interface Found {
  readonly face_rect: { readonly x: number; readonly y: number };
  readonly candidates: readonly { readonly person_id: string; readonly confidence: number }[];
}

const bestOf = ({ candidates }: Pick<Found, 'candidates'>) => candidates[0]!;
const byConfidence = (a: { confidence: number }, b: { confidence: number }) => b.confidence - a.confidence;

test('identify, compare and addface say the same of a strongly recompressed copy: almost the same picture', async () => {
  const original = await photograph(6);
  const copy = await sharp(original).resize(640).jpeg({ quality: 20 }).toBuffer();
  const face_id = await register('copied', ['copies'], 6);
  const compared = await app.form('compare', { imageA: copy, imageB: original });
  for (const endpoint of ['identify', 'multidentify'] as const) {
    const { data } = await app.form(endpoint, { group_id: 'copies', image: copy });
    const [found] = endpoint === 'identify' ? data.candidates : data.results.map(bestOf).toSorted(byConfidence);
    assert.deepEqual([found.face_id, found.confidence], [face_id, compared.data.similarity]);
    assert.ok(found.confidence >= 99);
  }
  const added = await app.form('addface', { person_id: 'copied', images: [copy] });
  assert.deepEqual([added.data.ret_codes, added.data.face_ids], [[-1312], [face_id]]);
  await app.json('delperson', { person_id: 'copied' });
});

test('identify looks in the groups named, in all of them together, and nowhere else', async () => {
  const image = await photograph(3);
  const among = async (fields: Record<string, string | string[]>) =>
    personsOf(await app.form('identify', { image, ...fields })).sort();
  assert.deepEqual(await among({ group_id: 'staff' }), ['ada', 'bob']);
  assert.deepEqual(await among({ group_ids: ['guests'] }), ['eve']);
  assert.deepEqual(await among({ group_id: 'guests', group_ids: ['staff'] }), ['ada', 'bob', 'eve']);
  assert.deepEqual(await among({ group_ids: ['staff', 'all', 'staff', 'gone'] }), ['ada', 'bob', 'eve']);
});

test('groups are unknown only if none of them is there, and one must be named', async () => {
  const image = await photograph(3);
  for (const [fields, code] of [
    [{ group_id: 'gone' }, -1306],
    [{ group_ids: ['gone', 'none'] }, -1306],
    [{}, -1301],
    [{ group_id: '' }, -1301],
    [{ group_ids: ['a b'] }, 21],
    [{ group_id: 'g'.repeat(129) }, -1304],
  ] as const) {
    for (const endpoint of ['identify', 'multidentify'] as const) {
      const answer = await app.json(endpoint, { image: image.toString('base64'), ...fields });
      assert.equal(answer.code, code, answer.text);
      assert.equal(answer.data, undefined);
    }
  }
});

test('a picture without a face, or no picture, is refused as everywhere', async () => {
  const sea = await sharp({ create: { width: 640, height: 480, channels: 3, background: '#357' } })
    .jpeg()
    .toBuffer();
  for (const endpoint of ['identify', 'multidentify'] as const) {
    assert.equal((await app.form(endpoint, { group_id: 'all', image: sea })).code, -1101);
    assert.equal((await app.form(endpoint, { group_id: 'all', image: Buffer.from('no picture') })).code, -1400);
    assert.equal((await app.form(endpoint, { group_id: 'all' })).code, -1300);
  }
});

test('multidentify answers for every face of the picture, with its place', async () => {
  const image = await photograph(5);
  const answer = await app.form('multidentify', { group_ids: ['staff', 'guests'], image });
  checkShape('multidentify', answer);
  const { face } = (await app.form('detect', { image })).data;
  const { results } = answer.data;
  assert.equal(results.length, face.length);
  for (const [i, { candidates, face_rect }] of results.entries()) {
    const { x, y, width, height } = face[i];
    assert.deepEqual([face_rect.x, face_rect.y], [x, y]);
    assert.ok(Math.abs(face_rect.width - width) < 0.51 && Math.abs(face_rect.height - height) < 0.51);
    assert.equal(candidates.length, 3);
  }
  const [{ x, y }] = (await app.form('detect', { image, mode: '1' })).data.face;
  const isMeant = ({ face_rect }: Found): boolean => face_rect.x === x && face_rect.y === y;
  const [meant, others]: [Found | undefined, Found[]] = [
    results.find(isMeant),
    results.filter((one: Found) => !isMeant(one)),
  ];
  const one = await app.form('identify', { group_ids: ['staff', 'guests'], image });
  assert.deepEqual(meant?.candidates, one.data.candidates, 'a face is identified alone as among others');
  assert.equal(meant?.candidates[0]?.person_id, 'bob');
  for (const other of others) assert.ok(bestOf(other).confidence < 99);
});

test('multidentify sends the session id back, and its own without one', async () => {
  const image = await photograph(3);
  const sent = await app.form('multidentify', { group_id: 'all', session_id: 'mine', image });
  assert.equal(sent.data.session_id, 'mine');
  for (const fields of [{}, { session_id: '' }]) {
    const own = await app.form('multidentify', { group_id: 'all', image, ...fields });
    assert.equal(own.data.session_id, own.headers.get('x-request-id'));
  }
  const identified = await app.form('identify', { group_id: 'all', session_id: 'mine', image });
  assert.equal(identified.data.session_id, identified.headers.get('x-request-id'));
});

test('what is written can be found, or no longer, when the answer is there', async () => {
  const image = await photograph(4);
  const found = async (group_id: string) => {
    const answer = await app.form('identify', { group_id, image });
    return answer.code === 0 ? personsOf(answer) : answer.code;
  };
  await register('zoe', ['new'], 4);
  assert.deepEqual(await found('new'), ['zoe']);
  await app.json('addgroupids', { person_id: 'zoe', group_ids: ['newer'] });
  assert.deepEqual(await found('newer'), ['zoe']);
  await app.json('delgroupids', { person_id: 'zoe', group_ids: ['new'] });
  assert.equal(await found('new'), -1306);
  const { data } = await app.json('getfaceids', { person_id: 'zoe' });
  await app.json('delface', { person_id: 'zoe', face_ids: data.face_ids });
  assert.deepEqual(await found('newer'), []);
  const added = await app.form('addface', { person_id: 'zoe', tag: 'second', images: [image] });
  const again = await app.form('identify', { group_id: 'newer', image });
  assert.deepEqual(
    again.data.candidates.map(({ face_id, tag }: Record<string, string>) => [face_id, tag]),
    [[added.data.face_ids[0], 'second']],
  );
  await app.json('setinfo', { person_id: 'zoe', tag: 'the person’s' });
  assert.equal((await app.form('identify', { group_id: 'newer', image })).data.candidates[0].tag, 'second');
  await app.json('delperson', { person_id: 'zoe' });
  assert.equal(await found('newer'), -1306);
  assert.equal(((await found('all')) as string[]).includes('zoe'), false);
});

test('after a restart everything is found again', async () => {
  const folder = await makeFolder();
  const image = await photograph(2);
  {
    await using first = await startApp({}, {}, folder);
    assert.equal((await first.form('newperson', { person_id: 'p', group_ids: ['g', 'h'], image })).code, 0);
    assert.equal(
      (await first.form('newperson', { person_id: 'q', group_ids: ['g'], image: await photograph(6) })).code,
      0,
    );
    await first.json('delperson', { person_id: 'q' });
  }
  await using second = await startApp({}, {}, folder);
  assert.deepEqual(personsOf(await second.form('identify', { group_id: 'g', image })), ['p']);
  assert.deepEqual(personsOf(await second.form('identify', { group_id: 'h', image })), ['p']);
  assert.equal((await fetch(`${second.app.url}/readyz`)).status, 200);
  await rm(folder, { recursive: true });
});
