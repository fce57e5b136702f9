/** Sends bytes over a socket, and reads the answers as far as there are any. */
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import type { Noise } from './requests.ts';

/** How long a request that may have been cut off is given before its connection is half closed, in milliseconds. */
const patienceMs = 200;
/** The longest that a whole request may go without an answer, in milliseconds. */
const timeoutMs = 30_000;

/**
 * Sends bytes.
 * @returns the answers, as `status code`, that came until the connection closed or nobody waited on.
 * @throws Error if a whole request got no answer, or if what came is no answer.
 */
export function answersTo({ bytes, isWhole }: Noise, url: string): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname);
    let text = '';
    const conclude = (): void => {
      socket.destroy();
      try {
        const answers = answersIn(text);
        if (isWhole && answers.length === 0) throw new Error(`there was no answer but: ${text}`);
        resolve(answers);
      } catch (error) {
        reject(error);
      }
    };
    let isEnded = false;
    const lose = (): void => {
      // A request that was cut off gets no answer, since the server waits for the rest: now there is none.
      if (!isWhole && !isEnded) socket.end();
      else conclude();
      isEnded = true;
    };
    socket.setTimeout(isWhole ? timeoutMs : patienceMs, lose);
    socket.setEncoding('latin1').on('data', (some: string) => {
      text += some;
      if (hasAnswer(text)) conclude();
    });
    // The server may refuse and close before everything was written.
    socket.on('error', () => {}).once('close', conclude);
    socket.write(bytes);
  });
}

function hasAnswer(text: string): boolean {
  try {
    return answersIn(text).length > 0;
  } catch {
    return true;
  }
}

/**
 * The whole answers in what came back, interim ones left out.
 * @throws Error if something else came.
 */
function answersIn(text: string): string[] {
  const found: string[] = [];
  for (let rest = text; rest.includes('\r\n\r\n'); ) {
    const start = rest.indexOf('\r\n\r\n') + 4;
    const [, status, headers] = /^HTTP\/1\.1 (\d{3}) [^\r]*\r\n(.*)\r\n$/s.exec(rest.slice(0, start)) ?? [];
    if (rest.startsWith('HTTP/1.1 100 Continue\r\n\r\n')) {
      rest = rest.slice(start);
      continue;
    }
    assert.ok(status !== undefined && headers !== undefined, `no answer: ${rest.slice(0, 200)}`);
    const length = Number(/^content-length: (\d+)\r$/im.exec(headers)?.[1] ?? 0);
    const body = rest.slice(start, start + length);
    if (body.length < length) break;
    assert.ok(length > 0, `an answer without a body: ${rest}`);
    found.push(`${status} ${JSON.parse(Buffer.from(body, 'latin1').toString()).code}`);
    rest = rest.slice(start + length);
  }
  return found;
}
