import assert from 'node:assert/strict';
import test from 'node:test';
import { makeKey } from '../../src/app/first-key.ts';
import { signedCurl } from '../../src/app/signed-curl.ts';

const key = makeKey(0, { appid: '7', secretId: 'S', secretKey: 'K' });
const now = Date.UTC(2026, 10, 29);

/** What is signed, as text. */
function signedText(command: string): string {
  const [, signature = ''] = /Authorization: ([\w+/=]+)/.exec(command) ?? [];
  return Buffer.from(signature, 'base64').subarray(20).toString();
}

test('a command carries the appid, the fields and the photograph, and a signature that is good for 90 days', () => {
  const command = signedCurl('http://127.0.0.1:8080', key, 'newperson', now, { person_id: 'ada' }, 'faces/ada.jpg');
  const [curl, header, ...forms] = command.split(' \\\n  ');
  assert.equal(curl, 'curl http://127.0.0.1:8080/face/newperson');
  assert.match(header ?? '', /^-H 'Authorization: [\w+/=]+'$/);
  assert.deepEqual(forms, ['-F appid=7', '-F person_id=ada', '-F image=@faces/ada.jpg']);
  const [madeAt, days90] = [now / 1000, 90 * 86_400];
  const signed = new URLSearchParams(signedText(command));
  assert.deepEqual(
    ['a', 'k', 't', 'e'].map((name) => signed.get(name)),
    ['7', 'S', String(madeAt), String(madeAt + days90)],
  );
});

test('what a shell would understand otherwise is quoted, and without a photograph none is sent', () => {
  const fields = { tag: "it's $HOME", 'group_ids[0]': 'a b' };
  const command = signedCurl('http://127.0.0.1:8080', key, 'getinfo', now, fields);
  assert.deepEqual(command.split(' \\\n  ').slice(2), [
    '-F appid=7',
    `-F 'tag=it'\\''s $HOME'`,
    `-F 'group_ids[0]=a b'`,
  ]);
});
