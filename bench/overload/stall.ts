/**
 * A client of its own process that begins bodies of 32 MB and stops after 31, until it is killed. The one argument is a
 * {@link StallOrder} as JSON.
 */
import { connect } from 'node:net';
import { headersOf, type SigningKey } from './calls.ts';

/** What is begun. */
export interface StallOrder {
  readonly url: string;
  readonly key: SigningKey;
  readonly connections: number;
}

if (import.meta.main) stall(JSON.parse(process.argv[2] as string) as StallOrder);

function stall({ url, key, connections }: StallOrder): void {
  const [bytes, left] = [32 * 1024 * 1024, 1024 * 1024];
  const body = Buffer.alloc(bytes - left, 'x');
  const head = [
    'POST /face/newperson HTTP/1.1',
    'Host: x',
    `Authorization: ${headersOf(key, '').authorization}`,
    'Content-Type: multipart/form-data; boundary=b',
    `Content-Length: ${bytes}`,
  ];
  for (let i = 0; i < connections; i += 1) {
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.on('error', () => {}).resume();
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
    socket.write(body);
  }
}
