import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import type { EndpointName } from '../../src/contract/endpoints.ts';
import { openService, type Reply, type Service } from '../contract/service.ts';

let service: Service;
before(async () => {
  service = await openService();
});
after(() => service[Symbol.asyncDispose]());

/** A request's fields: texts and lists of texts. */
type Fields = Readonly<Record<string, string | readonly string[]>>;
/** How a request is written: the order of its fields, and how each list is spelled. */
interface Writing {
  readonly order: readonly number[];
  readonly spelling: Spelling;
}
type Spelling = 'repeated' | 'empty brackets' | 'numbered' | 'numbered with gaps, in any order';

// Only in a form does the text `null` stand for nothing (the Java client sends it).
const text = fc.oneof(fc.string({ maxLength: 12 }), fc.constantFrom('x'.repeat(129), '人', 'p', 'g')).filter(
  // Forms turn line ends into CRLF and lone surrogates into question marks before a byte is sent.
  (value) => value !== 'null' && !/[\r\n]/.test(value) && value.isWellFormed(),
);
const list = fc.array(fc.oneof(text, fc.constantFrom('g', 'h', 'i')), { minLength: 1, maxLength: 6 });
const writing: fc.Arbitrary<Writing> = fc.record({
  order: fc.shuffledSubarray([0, 1, 2, 3, 4, 5], { minLength: 6 }),
  spelling: fc.constantFrom('repeated', 'empty brackets', 'numbered', 'numbered with gaps, in any order'),
});

/** The fields in an order, the appid among them. */
function entries(fields: Fields, { order }: Writing): [string, string | readonly string[]][] {
  const all = Object.entries({ ...fields, appid: service.opened.key.appid });
  return order.flatMap((i) => (all[i] === undefined ? [] : [all[i]]));
}

function asJson(endpoint: EndpointName, fields: Fields, writing: Writing): Promise<Reply> {
  const body = JSON.stringify(Object.fromEntries(entries(fields, writing)));
  return service.send(endpoint, body, { authorization: service.sign() });
}

async function asForm(endpoint: EndpointName, fields: Fields, writing: Writing): Promise<Reply> {
  const form = new FormData();
  for (const [name, value] of entries(fields, writing)) {
    if (typeof value === 'string') form.append(name, value);
    else for (const [key, one] of spelled(name, value, writing.spelling)) form.append(key, one);
  }
  const encoded = new Response(form);
  const headers = { authorization: service.sign(), 'content-type': encoded.headers.get('content-type') ?? '' };
  return service.send(endpoint, new Uint8Array(await encoded.arrayBuffer()), headers);
}

function spelled(name: string, values: readonly string[], spelling: Spelling): readonly (readonly [string, string])[] {
  switch (spelling) {
    case 'repeated':
      return values.map((value) => [name, value]);
    case 'empty brackets':
      return values.map((value) => [`${name}[]`, value]);
    case 'numbered':
      return values.map((value, i) => [`${name}[${i}]`, value]);
    default:
      return values.map((value, i) => [`${name}[${3 * i + 1}]`, value] as const).toReversed();
  }
}

/** An answer without what is each call's own. */
function essence({ status, code, message, data }: Reply, person: string): unknown {
  const neutral = JSON.stringify({ status, code, message, data }).replaceAll(data?.session_id ?? '\0', '');
  return JSON.parse(neutral.replaceAll(person, 'somebody'));
}

/** What can be said to change or read a person. */
const said: fc.Arbitrary<readonly [EndpointName, Fields]> = fc.oneof(
  fc.tuple(fc.constant('setinfo' as const), fc.record({ person_name: text, tag: text }, { requiredKeys: [] })),
  fc.tuple(fc.constantFrom('addgroupids' as const, 'delgroupids' as const), fc.record({ group_ids: list })),
  fc.tuple(fc.constant('delface' as const), fc.record({ face_ids: list })),
  fc.tuple(fc.constant('addface' as const), fc.record({ urls: fc.array(fc.constantFrom('', 'nowhere', 'file:///x')) })),
  fc.tuple(fc.constant('getinfo' as const), fc.constant({})),
);

test('JSON and forms of the same requests mean the same, in any order of fields and any spelling of lists', async () => {
  const image = service.opened.pictures.face;
  for (const person_id of ['by-json', 'by-form'])
    await service.read('newperson', { person_id, group_ids: ['g'], image });
  const infoOf = async (person_id: string) => essence(await service.call('getinfo', { person_id }), person_id);
  const faces = await Promise.all(
    ['by-json', 'by-form'].map(async (person_id) => (await service.read('getfaceids', { person_id })).face_ids[0]),
  );
  await fc.assert(
    fc.asyncProperty(said, writing, writing, async ([endpoint, fields], one, other) => {
      const byJson = await asJson(endpoint, { ...(fields as Fields), person_id: 'by-json' }, one);
      const byForm = await asForm(endpoint, { ...(fields as Fields), person_id: 'by-form' }, other);
      const withoutFaces = (value: unknown) =>
        JSON.parse(JSON.stringify(value).replaceAll(faces[0], 'face').replaceAll(faces[1], 'face'));
      assert.deepEqual(withoutFaces(essence(byForm, 'by-form')), withoutFaces(essence(byJson, 'by-json')));
      assert.deepEqual(withoutFaces(await infoOf('by-form')), withoutFaces(await infoOf('by-json')));
    }),
    { numRuns: 150 },
  );
});

test('a picture means the same in base64 and as bytes', async () => {
  const registered = async (person_id: string, reply: Reply) => {
    assert.equal(reply.code, 0, reply.text);
    const { face_info } = await service.read('getfaceinfo', { face_id: reply.data.face_id });
    await service.read('delperson', { person_id });
    return { ...face_info, face_id: '' };
  };
  for (const picture of [service.opened.pictures.face, service.opened.pictures.other]) {
    const form = new FormData();
    // The picture first, and the appid last.
    form.append('image', new Blob([Buffer.from(picture, 'base64')]), '/home/user/face.jpg');
    for (const [name, value] of [
      ['person_id', 'p'],
      ['group_ids', 'g'],
      ['appid', service.opened.key.appid],
    ] as const) {
      form.append(name, value);
    }
    const response = new Response(form);
    const byForm = await service.send('newperson', new Uint8Array(await response.arrayBuffer()), {
      authorization: service.sign(),
      'content-type': response.headers.get('content-type') ?? '',
    });
    const seen = await registered('p', byForm);
    const byJson = await service.call('newperson', { person_id: 'p', group_ids: ['g'], image: picture });
    assert.deepEqual(await registered('p', byJson), seen);
  }
});
