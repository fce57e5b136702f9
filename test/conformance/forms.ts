/** The ways in which one request may be put on the wire, all of which mean the same. */
import { exchange, type Line, type Reply } from './exchange.ts';
import type { Filled } from './recordings.ts';

/** One way to send a request. */
export interface Form {
  readonly name: string;
  /** What ends the lines of a multipart body. */
  readonly lineEnd?: '\n';
  /** Whether a second request of the client follows on the same connection, before the first is answered. */
  readonly pipelined?: true;
  /** Rewrites the head. */
  readonly head?: (head: string) => string;
  /** Writes head and body. */
  readonly write?: (line: Line, head: Buffer, body: Buffer) => Promise<void>;
}

/** All of them; the first is how the client sent it. */
export const forms: readonly Form[] = [
  { name: 'as recorded' },
  {
    name: 'byte by byte',
    write: async (line, head, body) => {
      for (const byte of Buffer.concat([head, body])) {
        line.write(Uint8Array.of(byte));
        // Lets the byte out before the next one.
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
  },
  { name: 'LF line ends', lineEnd: '\n' },
  {
    name: 'chunked',
    head: (head) => head.replace(/^content-length:.*$/im, 'Transfer-Encoding: chunked'),
    write: async (line, head, body) => {
      line.write(head);
      for (const chunk of chunks(body)) line.write(chunk);
      line.write(Buffer.from('0\r\n\r\n'));
    },
  },
  {
    name: 'Expect: 100-continue',
    head: (head) => `${head}\r\nExpect: 100-continue`,
    write: async (line, head, body) => {
      line.write(head);
      await line.seen(/^HTTP\/1\.1 100 /);
      line.write(body);
    },
  },
  {
    name: 'absolute target',
    head: (head) => head.replace(/^POST (?:http:\/\/[^/]*)?/, 'POST http://service.image.myqcloud.com'),
  },
  {
    name: 'pipelined',
    pipelined: true,
    head: (head) => head.replace(/^connection: close$/im, 'Connection: keep-alive'),
  },
];

/**
 * Sends a request in one of the forms.
 * @param follower the request that follows if the form is pipelined.
 * @returns the answers, one for each request sent.
 */
export async function send(url: string, form: Form, { head, body }: Filled, sync: Filled): Promise<Reply[]> {
  const bytesOf = (text: string) => Buffer.from(`${form.head?.(text) ?? text}\r\n\r\n`, 'latin1');
  return exchange(url, form.pipelined ? 2 : 1, async (line) => {
    if (form.write) await form.write(line, bytesOf(head), body);
    else if (form.pipelined) line.write(Buffer.concat([bytesOf(head), body, bytesOf(sync.head), sync.body]));
    else line.write(Buffer.concat([bytesOf(head), body]));
  });
}

/** The body in chunks of 1, 2, 4, 8 … bytes, so that they begin and end anywhere. */
function* chunks(body: Buffer): Generator<Buffer> {
  for (let at = 0, length = 1; at < body.length; at += length, length *= 2) {
    const content = body.subarray(at, at + length);
    yield Buffer.concat([Buffer.from(`${content.length.toString(16)}\r\n`), content, Buffer.from('\r\n')]);
  }
}
