import assert from 'node:assert/strict';
import test from 'node:test';
import { encodeHead, type Message, MessageReader, messageBytesMax } from '../../src/processes/messages.ts';

const encoded = (value: unknown, bytes: Uint8Array = new Uint8Array(0)): Buffer =>
  Buffer.concat([encodeHead(value, bytes.length), bytes]);

test('messages come out as they went in, whatever pieces they arrive in', () => {
  const stream = Buffer.concat([
    encoded({ kind: 'seen', embedding: Float32Array.of(0.5, -1) }),
    encoded(undefined, Uint8Array.of(1, 2, 3)),
    encoded(new Error('why', { cause: 'so' })),
  ]);
  for (const size of [1, 3, 8, 9, 50, stream.length]) {
    const reader = new MessageReader();
    const messages: Message[] = [];
    for (let at = 0; at < stream.length; at += size) messages.push(...reader.push(stream.subarray(at, at + size)));
    assert.equal(messages.length, 3);
    assert.deepEqual(messages[0]!.value, { kind: 'seen', embedding: Float32Array.of(0.5, -1) });
    assert.deepEqual([messages[1]!.value, [...messages[1]!.bytes]], [undefined, [1, 2, 3]]);
    assert.equal((messages[2]!.value as Error).message, 'why');
  }
});

test('a message that says it is longer than any is refused before it is waited for', () => {
  const header = Buffer.alloc(8);
  header.writeUInt32LE(messageBytesMax, 0);
  header.writeUInt32LE(1, 4);
  assert.throws(() => new MessageReader().push(header), /too long/);
});

test('what cannot be copied is not sent', () => {
  assert.throws(() => encodeHead(() => {}, 0), /could not be cloned/);
});
