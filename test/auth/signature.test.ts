import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { isAuthentic, isExpired, parseSignature, sign, signText } from '../../src/auth/signature.ts';
import { Refusal } from '../../src/errors/refusals.ts';

const secretKey = 'nwOKDouy5JctNOlnere4gkVoOUz5EYAb';
/** Published signatures with the keys and texts that they are made from (docs/contract.md §2). */
const vectors = [
  {
    key: secretKey,
    orig: 'a=10001290&b=tencentyun&k=AKIDgaoOYh2kOmJfWVdH4lpfxScG2zPLPGoK&e=1438669115&t=1436077115&r=11162&u=0&f=',
    sign: 'L9U0IuDidww68urljeoq6DIid8hhPTEwMDAxMjkwJmI9dGVuY2VudHl1biZrPUFLSURnYW9PWWgya09tSmZXVmRINGxwZnhTY0cyelBMUEdvSyZlPTE0Mzg2NjkxMTUmdD0xNDM2MDc3MTE1JnI9MTExNjImdT0wJmY9',
  },
  {
    key: secretKey,
    orig: 'a=10001290&b=tencentyun&k=AKIDgaoOYh2kOmJfWVdH4lpfxScG2zPLPGoK&e=0&t=1436077115&r=11162&u=0&f=tencentyunSignTest',
    sign: 'DKWF806udLkHcbQXRp31KBmll8FhPTEwMDAxMjkwJmI9dGVuY2VudHl1biZrPUFLSURnYW9PWWgya09tSmZXVmRINGxwZnhTY0cyelBMUEdvSyZlPTAmdD0xNDM2MDc3MTE1JnI9MTExNjImdT0wJmY9dGVuY2VudHl1blNpZ25UZXN0',
  },
  {
    key: 'bLcPnl88WU30VY57ipRhSePfPdOfSruK',
    orig: 'a=200001&b=newbucket&k=AKIDUfLUEUigQiXqm7CVSspKJnuaiIKtxqAv&e=1437995704&t=1437995644&r=2081660421&f=',
    sign: 'wHgvVkXpcZ3d+G0rOkAJml3R5NdhPTIwMDAwMSZiPW5ld2J1Y2tldCZrPUFLSURVZkxVRVVpZ1FpWHFtN0NWU3NwS0pudWFpSUt0eHFBdiZlPTE0Mzc5OTU3MDQmdD0xNDM3OTk1NjQ0JnI9MjA4MTY2MDQyMSZmPQ==',
  },
];
const now = 1436077115;

function refusalOf(work: () => unknown): string {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Refusal, String(error));
    return error.refusal;
  }
  return 'accepted';
}

/** What a header's HMAC is over. */
function signedText(header: string): string {
  return Buffer.from(header, 'base64').subarray(20).toString();
}

/** Why a header is malformed. */
function faultOf(header: string): string {
  try {
    parseSignature(header, now);
  } catch (error) {
    assert.ok(error instanceof Refusal && error.refusal === 'signatureMalformed', String(error));
    return error.detail;
  }
  return 'accepted';
}

test('signing the published texts gives the published signatures', () => {
  for (const { key, orig, sign: expected } of vectors) assert.equal(signText(orig, key), expected);
});

test('the published signatures are taken apart and found authentic', () => {
  for (const { key, orig, sign: header } of vectors) {
    const signature = parseSignature(header, Number(/&t=(\d+)/.exec(orig)?.[1]));
    assert.equal(signature.signed.toString(), orig);
    assert.ok(isAuthentic(signature, key));
    assert.ok(!isAuthentic(signature, `${key}x`));
  }
});

test('a signature is read whatever the order of its fields, and with white space inside', () => {
  for (const orig of ['a=1&b=x&k=S&t=100&e=200', 'e=200&t=100&k=S&a=1', 'a=1&k=S&e=200&t=100&r=5&u=0&f=']) {
    const signed = signText(orig, secretKey);
    const signature = parseSignature(` ${signed.slice(0, 9)} \t${signed.slice(9)} `, 100);
    assert.deepEqual([signature.appid, signature.secretId, signature.expires, signature.madeAt], ['1', 'S', 200, 100]);
    assert.ok(isAuthentic(signature, secretKey));
  }
});

test('one flipped bit anywhere refuses a signature', () => {
  const bytes = Buffer.from(vectors[0]!.sign, 'base64');
  fc.assert(
    fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
      const flipped = Buffer.from(bytes);
      flipped[bit >> 3]! ^= 1 << (bit & 7);
      const outcome = refusalOf(() => {
        if (!isAuthentic(parseSignature(flipped.toString('base64'), now), secretKey))
          throw new Refusal('signatureWrong');
      });
      assert.ok(['signatureWrong', 'signatureMalformed'].includes(outcome), outcome);
    }),
    { numRuns: 500 },
  );
});

test('a claim is written field by field, without those that it leaves out', () => {
  const claim = { appid: '1', bucket: '图', secretId: 'S', expires: 0, madeAt: 5, rand: '7', file: 'x' };
  assert.equal(signedText(sign(claim, secretKey)), 'a=1&b=图&k=S&e=0&t=5&r=7&f=x');
  assert.equal(signedText(sign({ appid: '1', secretId: 'S', expires: 9, madeAt: 5 }, secretKey)), 'a=1&k=S&e=9&t=5');
});

test('any claim that is signed is read back as it was', () => {
  const word = fc.stringMatching(/^[\w.图-]{1,40}$/);
  fc.assert(
    fc.property(word, word, word, fc.nat(1e6), (appid, secretId, bucket, age) => {
      const claim = { appid, bucket, secretId, expires: now + 60, madeAt: now - age };
      const { mac: _mac, signed: _signed, file: _file, ...read } = parseSignature(sign(claim, secretKey), now);
      assert.deepEqual(read, claim);
    }),
  );
});

test('a missing or blank header is an empty signature', () => {
  for (const header of [undefined, '', '   ', '\t']) {
    assert.equal(
      refusalOf(() => parseSignature(header, now)),
      'signatureEmpty',
    );
  }
});

test('what is not a signature is malformed, and the refusal says why', () => {
  const texts: Record<string, readonly string[]> = {
    'a is missing': ['b=x&k=S&e=200&t=100', 'a=&k=S&e=200&t=100', 'a&k=S&e=200&t=100'],
    'k is missing': ['a=1&e=200&t=100'],
    'e is missing': ['a=1&k=S&t=100'],
    't is missing': ['a=1&k=S&e=200'],
    'e is not decimal': ['a=1&k=S&e=2x&t=100', 'a=1&k=S&e=0x10&t=100', `a=1&k=S&e=${'9'.repeat(16)}&t=100`],
    't is not decimal': ['a=1&k=S&e=200&t=-1', 'a=1&k=S&e=200&t=1e2'],
    'e=0 needs f': ['a=1&k=S&e=0&t=100', 'a=1&k=S&e=0&t=100&f=', 'a=1&k=S&e=0&t=100&f'],
    'valid for more than 90 days': [`a=1&k=S&e=${now + 90 * 86400 + 1}&t=${now}`],
    't is in the future': [`a=1&k=S&e=${now + 5000}&t=${now + 901}`],
    'a is there twice': ['a=1&a=2&k=S&e=200&t=100'],
    'f is there twice': ['a=1&f&k=S&e=200&t=100&f=x'],
  };
  for (const [why, origs] of Object.entries(texts)) {
    for (const orig of origs) assert.equal(faultOf(signText(orig, secretKey)), why, orig);
  }
  const headers = ['%%%', 'Bearer abc', 'TC3-HMAC-SHA256 Credential=x', 'L9U0Iu-_'];
  for (const header of headers) assert.equal(faultOf(header), 'not base64', header);
  for (const length of [1, 19, 20]) assert.equal(faultOf(Buffer.alloc(length).toString('base64')), 'too short');
});

test('a field without a name or a value is one like others', () => {
  const { bucket, file } = parseSignature(signText('a=1&b&k=S&e=200&t=100&=x&f', secretKey), now);
  assert.deepEqual([bucket, file], ['', '']);
});

test('the edges of time: 90 days and 900 seconds ahead are still good', () => {
  const text = (e: number, t: number) => signText(`a=1&k=S&e=${e}&t=${t}`, secretKey);
  assert.equal(
    refusalOf(() => parseSignature(text(now + 90 * 86400, now), now)),
    'accepted',
  );
  assert.equal(
    refusalOf(() => parseSignature(text(now + 5000, now + 900), now)),
    'accepted',
  );
  const expired = (e: number, t: number, at: number) => isExpired(parseSignature(text(e, t), at), at);
  assert.equal(expired(now, now - 10, now), false);
  assert.equal(expired(now, now - 10, now + 1), true);
  assert.equal(expired(now + 10, now + 10, now), true, 'e <= t');
});

test('only the canonical base64 of a signature is taken: other texts for the same bytes are malformed', () => {
  const good = vectors[2]!.sign;
  assert.ok(good.endsWith('ZmPQ=='), 'four bits of the last letter stand for nothing');
  const others = {
    'letters of the URL alphabet': good.replaceAll('+', '-').replaceAll('/', '_'),
    'no padding': good.replace('==', ''),
    'stray bits in the last letter': good.replace('Q==', 'R=='),
    'text behind the padding': `${good}AAAA`,
    'a letter of no alphabet': good.replace('Z', '*Z'),
  };
  assert.equal(
    refusalOf(() => parseSignature(good, 1437995644)),
    'accepted',
  );
  for (const [why, text] of Object.entries(others)) {
    assert.notEqual(text, good, why);
    assert.equal(
      refusalOf(() => parseSignature(text, 1437995644)),
      'signatureMalformed',
      why,
    );
  }
});
