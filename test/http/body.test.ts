import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';
import { Refusal } from '../../src/errors/refusals.ts';
import { parseBody } from '../../src/http/body.ts';

const json = (body: string | Buffer) => parseBody('application/json', Buffer.from(body as string));
const fieldsOf = (body: string | Buffer) => Object.fromEntries(json(body).fields);

function assertRefused(contentType: string | undefined, body: string | Buffer, detail: RegExp): void {
  assert.throws(
    () => parseBody(contentType, Buffer.from(body as string)),
    (error) => error instanceof Refusal && error.refusal === 'invalidRequest' && detail.test(error.detail),
  );
}

suite('content types', () => {
  test('JSON is known in any spelling', () => {
    for (const type of [
      'application/json',
      'application/json; charset=utf-8',
      'application/json;charset=UTF-8;',
      'Application/JSON ; Charset="utf-8"',
      'text/json',
      ' TEXT/JSON ',
    ]) {
      assert.equal(parseBody(type, Buffer.from('{}')).kind, 'json', type);
    }
  });

  test('multipart is known in any spelling', () => {
    const body = Buffer.from('--A_b\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--A_b--\r\n');
    for (const type of [
      'multipart/form-data; boundary=A_b',
      'multipart/form-data;boundary=A_b',
      'Multipart/Form-Data; Boundary=A_b',
      'multipart/form-data;  boundary="A_b"; charset=utf-8',
      'MULTIPART/FORM-DATA ; charset=utf-8; BOUNDARY=A_b ;',
    ]) {
      assert.deepEqual([...parseBody(type, body).fields.keys()], ['a'], type);
    }
  });

  test('a boundary may hold what must be quoted', () => {
    const body = Buffer.from('--a b:c?\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--a b:c?--\r\n');
    assert.deepEqual([...parseBody('multipart/form-data; boundary="a b:c?"', body).fields.keys()], ['a']);
  });

  test('anything else is refused, and says what is wrong', () => {
    assertRefused(undefined, '{}', /there is no content type/);
    for (const type of ['', 'json', 'application/json, text/plain']) assertRefused(type, '{}', /malformed/);
    for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'multipart/mixed; boundary=a']) {
      assertRefused(type, '{}', /neither application\/json nor multipart\/form-data/);
    }
    for (const type of ['multipart/form-data', 'multipart/form-data; boundary=', 'multipart/form-data; boundary=""']) {
      assertRefused(type, '', /no multipart boundary/);
    }
  });
});

suite('JSON', () => {
  test('keeps its values as they are', () => {
    assert.deepEqual(fieldsOf('{"url":"http:\\/\\/x\\/1","name":"\\u540d","n":1,"list":["a"],"nothing":null}\n'), {
      url: 'http://x/1',
      name: '名',
      n: 1,
      list: ['a'],
      nothing: null,
    });
    assert.deepEqual(fieldsOf('{"k[0]":"a"}'), { 'k[0]': 'a' });
  });

  test('may begin with a byte order mark', () => {
    assert.deepEqual(fieldsOf('\uFEFF{"a":"名"}'), { a: '名' });
  });

  test('counts the last of equal keys, and gives no key a meaning of its own', () => {
    assert.deepEqual(fieldsOf('{"a":1,"a":2}'), { a: 2 });
    const { fields } = json('{"__proto__":{"admin":true},"constructor":1}');
    assert.deepEqual([...fields.keys()], ['__proto__', 'constructor']);
    assert.equal(fields.get('admin'), undefined);
    assert.equal(fields.get('toString'), undefined);
  });

  test('must be an object', () => {
    for (const body of ['null', '1', '"a"', '[]', '[{}]', 'true']) assertRefused('text/json', body, /not an object/);
    for (const body of ['', ' ', '{', '{"a":}', "{'a':1}", '{"a":1}x', 'a=1', '{"a":1,}']) {
      assertRefused('application/json', body, /not JSON/);
    }
  });

  test('must be UTF-8', () => {
    for (const bytes of [[0xff], [0xc3, 0x28], [0xd6, 0xd0], [0xed, 0xa0, 0x80]]) {
      assertRefused(
        'application/json; charset=gbk',
        Buffer.from([...Buffer.from('{"a":"'), ...bytes, 0x22, 0x7d]),
        /UTF-8/,
      );
    }
    assertRefused('application/json', Buffer.from('\uFEFF{}', 'utf16le'), /UTF-8/);
  });

  test('cannot be made to hold more than 20,000 values, however they are nested', () => {
    assert.deepEqual(fieldsOf(`{"a":"${'/'.repeat(5_000_000)}"}`), { a: '/'.repeat(5_000_000) });
    assertRefused('application/json', `{"a":[${'{},'.repeat(9_000)}{}]}`.replaceAll('{}', '[1,2]'), /20000 values/);
    assertRefused('application/json', '['.repeat(1_000_000), /20000 values/);
    const deep = `{"a":${'['.repeat(19_000)}${']'.repeat(19_000)},"b":1}`;
    assert.equal(json(deep).fields.get('b'), 1);
  });

  test('never quotes the body when it is refused', () => {
    assert.throws(
      () => json('{"secret":hunter2}'),
      (error) => error instanceof Refusal && !error.message.includes('hunter2') && error.cause === undefined,
    );
  });

  test('of any shape means what it says', () => {
    const members = fc.dictionary(fc.string(), fc.jsonValue());
    fc.assert(
      fc.property(members, (value) => {
        const { fields } = json(JSON.stringify(value));
        assert.deepEqual([...fields], Object.entries(JSON.parse(JSON.stringify(value))));
      }),
    );
  });
});

test('any bytes under any content type are read or refused, and nothing else happens', () => {
  const type = fc.oneof(
    fc.constantFrom('application/json', 'text/json', 'multipart/form-data; boundary=a', 'multipart/form-data'),
    fc.string(),
  );
  fc.assert(
    fc.property(fc.option(type, { nil: undefined }), fc.uint8Array({ maxLength: 200 }), (contentType, bytes) => {
      try {
        parseBody(contentType, Buffer.from(bytes));
      } catch (error) {
        assert.ok(error instanceof Refusal && error.refusal === 'invalidRequest', String(error));
      }
    }),
    { numRuns: 1_000 },
  );
});
