/** HTTP/1.1 from a client's side, down to single bytes: what is written when, and what comes back. */
import { connect, type Socket } from 'node:net';

/** An answer as it came over the socket. */
export interface Reply {
  readonly status: number;
  /** By name in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** What a caller has of a connection: it writes, and may wait for what comes back. */
export interface Line {
  write(bytes: Uint8Array): void;
  /** Resolves once something has come that `pattern` matches. */
  seen(pattern: RegExp): Promise<void>;
}

/** The longest that an exchange may take. */
const timeoutMs = 60_000;

/**
 * Connects, lets `talk` write, and reads answers.
 * @param count how many answers, interim ones (1xx) aside, must come.
 */
export async function exchange(url: string, count: number, talk: (line: Line) => Promise<void>): Promise<Reply[]> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  socket.setNoDelay(true);
  const arrived = new Arrival(socket);
  const deadline = AbortSignal.timeout(timeoutMs);
  deadline.addEventListener('abort', () => socket.destroy(new Error(`no answer within ${timeoutMs} ms`)));
  try {
    await talk({
      write: (bytes) => socket.write(bytes),
      seen: (pattern) => arrived.until((text) => pattern.test(text)),
    });
    await arrived.until((text) => readReplies(text).length >= count);
    const replies = readReplies(arrived.text);
    if (replies.length > count) throw new Error(`${replies.length} answers instead of ${count}`);
    return replies;
  } finally {
    socket.destroy();
  }
}

/** What has come over a socket so far. Latin-1, so that a character is a byte. */
class Arrival {
  text = '';
  #failure: Error | undefined;
  #wake: () => void = () => {};

  constructor(socket: Socket) {
    socket.setEncoding('latin1').on('data', (some: string) => {
      this.text += some;
      this.#wake();
    });
    const end = (error?: Error) => {
      this.#failure ??= error ?? new Error(`the server closed the connection after: ${this.text}`);
      this.#wake();
    };
    socket.once('error', end).once('close', () => end());
  }

  async until(isEnough: (text: string) => boolean): Promise<void> {
    while (!isEnough(this.text)) {
      if (this.#failure) throw this.#failure;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

/** The whole answers at the beginning of a text, without interim ones. */
function readReplies(text: string): Reply[] {
  const replies: Reply[] = [];
  for (let at = 0; at < text.length; ) {
    const end = text.indexOf('\r\n\r\n', at);
    if (end === -1) break;
    const [statusLine, ...lines] = text.slice(at, end).split('\r\n') as [string, ...string[]];
    const headers = new Map(lines.map((line) => /^([^:]+): *(.*)$/.exec(line)?.slice(1) as [string, string]));
    const lower = new Map([...headers].map(([name, value]) => [name.toLowerCase(), value]));
    const length = Number(lower.get('content-length') ?? 0);
    const body = text.slice(end + 4, end + 4 + length);
    if (body.length < length) break;
    at = end + 4 + length;
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(statusLine)?.[1]);
    if (status >= 200) replies.push({ status, headers: lower, body: Buffer.from(body, 'latin1').toString() });
  }
  return replies;
}
