/** The load balancers that the documents show spread calls, and send none to a second server that a first one may have done. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { root } from '../harness.ts';
import { readBlocks } from './blocks.ts';

/** Debian's place is not in everybody's path. */
const nginx = ['nginx', '/usr/sbin/nginx'].find((program) => spawnSync(program, ['-v']).status === 0);
const skip = nginx === undefined ? 'there is no nginx on this machine' : undefined;

/** What nginx is configured with: its own block of a page, or a whole file. */
async function configurationOf(path: string): Promise<string> {
  if (!path.endsWith('.md')) return readFile(join(root, path), 'utf8');
  const block = readBlocks().find(({ page, language }) => page === path && language === 'nginx');
  return `events {}\nhttp {\n${block!.text}\n}\n`;
}

/** A server of ours as a load balancer sees it: it reads a call and answers how long it is, or breaks off. */
class MadeUpServer {
  readonly lengths: number[] = [];
  breaksOff = false;
  readonly #server: Server;
  port = 0;

  constructor() {
    this.#server = createServer(async (incoming, response) => {
      let length = 0;
      for await (const chunk of incoming) length += chunk.length;
      this.lengths.push(length);
      if (this.breaksOff) incoming.socket.destroy();
      else response.end(String(length));
    });
  }

  async listen(): Promise<void> {
    this.#server.listen(this.port, '127.0.0.1');
    await once(this.#server, 'listening');
    this.port = (this.#server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    if (!this.#server.listening) return;
    this.#server.close();
    this.#server.closeAllConnections();
    await once(this.#server, 'close');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}

/** Starts nginx on a socket in a folder, before two servers. */
async function startNginx(
  path: string,
  ports: readonly number[],
): Promise<AsyncDisposable & { readonly socket: string }> {
  await using starting = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'familiar-nginx-'));
  starting.defer(() => rm(folder, { recursive: true }));
  const socket = join(folder, 'socket');
  let servers = 0;
  const text = (await configurationOf(path))
    .replaceAll(/server (?:node\d\.lan|server-\d):8080/g, () => `server 127.0.0.1:${ports[servers++]}`)
    .replace(/listen \d+;/, `listen unix:${socket};`)
    .replace('http {', `http { access_log off; client_body_temp_path ${folder}; proxy_temp_path ${folder};`);
  assert.equal(servers, 2);
  const file = join(folder, 'nginx.conf');
  await writeFile(file, text);
  const words = ['-p', folder, '-c', file, '-e', 'stderr', '-g', `daemon off; master_process off; pid ${folder}/pid;`];
  const child = spawn(nginx!, words, { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text;
  });
  const exited = once(child, 'exit');
  starting.defer(async () => {
    child.kill('SIGTERM');
    await exited;
  });
  for (let i = 0; ; i++) {
    const status = await call(socket, 0).catch(() => undefined);
    if (status !== undefined) break;
    if (i === 100 || child.exitCode !== null) throw new Error(`nginx does not start: ${said}`);
    await setTimeout(50);
  }
  const started = starting.move();
  return { socket, [Symbol.asyncDispose]: () => started.disposeAsync() };
}

/** Sends a call of so many bytes. @returns the status, and what was answered. */
async function call(socketPath: string, length: number): Promise<readonly [number, string]> {
  const sent = request({ socketPath, method: 'POST', path: '/face/newperson', agent: false });
  sent.end(Buffer.alloc(length));
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return [response.statusCode, text];
}

for (const path of ['docs/scale.md', 'docs/zh/scale.md', 'ops/container/nginx.conf']) {
  test(`${path}: calls are spread, large ones come whole, and none comes to two servers`, { skip }, async () => {
    await using one = new MadeUpServer();
    await using two = new MadeUpServer();
    for (const server of [one, two]) await server.listen();
    await using balancer = await startNginx(path, [one.port, two.port]);
    const { socket } = balancer;
    for (let i = 1; i <= 8; i++) assert.deepEqual(await call(socket, i), [200, String(i)]);
    for (const { lengths } of [one, two])
      assert.ok(lengths.filter((length) => length > 0).length === 4, String(lengths));
    const large = 24 * 2 ** 20;
    assert.deepEqual(await call(socket, large), [200, String(large)]);

    await two.stop();
    for (let i = 1; i <= 6; i++) assert.deepEqual(await call(socket, i), [200, String(i)], 'one server is enough');

    await two.listen();
    one.breaksOff = true;
    two.breaksOff = true;
    const [status] = await call(socket, 77);
    assert.equal(status, 502);
    const came = [...one.lengths, ...two.lengths].filter((length) => length === 77).length;
    assert.equal(came, 1, 'it may have been done where it came first');
  });
}
