import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { suite, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { assertRefused, open, serve, serveSocket } from './download-servers.ts';

/** Where a download can be when it is ended: a server that leaves it there, and how many connections that makes. */
const stages = {
  'while it resolves': { scheme: 'http', handler: () => {}, connections: 0 },
  'while it agrees on TLS': { scheme: 'https', handler: undefined, connections: 1 },
  'while it waits for the answer': { scheme: 'http', handler: () => {}, connections: 1 },
  'within the body': {
    scheme: 'http',
    handler: (_request: unknown, response: ServerResponse) => response.write('x'),
    connections: 1,
  },
};

/** Waits until something is so; the test's own end is the deadline. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await wait(5);
}

for (const [stage, { scheme, handler, connections }] of Object.entries(stages)) {
  const resolve =
    connections === 0 ? () => new Promise<never>(() => {}) : async () => [{ address: '127.0.0.1', family: 4 }];

  suite(stage, () => {
    test('a caller who leaves ends the download, with their own reason', async () => {
      await using server = await (handler === undefined ? serveSocket((socket) => socket.resume()) : serve(handler));
      await using downloads = open({ resolve });
      const caller = new AbortController();
      const fetched = downloads.fetch(`${scheme}://pictures.example:${server.port}/`, { signal: caller.signal });
      const reason = new Error('the caller left');
      const ended = assert.rejects(fetched, (error) => error === reason);
      await until(() => server.connections() === connections);
      await wait(20);
      caller.abort(reason);
      await ended;
      await until(() => server.open() === 0);
    });

    test('disposing ends the download, and waits for it', async () => {
      await using server = await (handler === undefined ? serveSocket((socket) => socket.resume()) : serve(handler));
      const downloads = open({ resolve });
      let settled = false;
      const fetched = downloads.fetch(`${scheme}://pictures.example:${server.port}/`);
      const ended = assertRefused(fetched, 'unavailable', /shutting down/).finally(() => {
        settled = true;
      });
      await until(() => server.connections() === connections);
      await wait(20);
      await downloads[Symbol.asyncDispose]();
      await new Promise(setImmediate);
      assert.ok(settled);
      await ended;
      await until(() => server.open() === 0);
    });
  });
}

test('a caller who has left already connects to nothing', async () => {
  await using server = await serve(() => {});
  await using downloads = open();
  const reason = new Error('the caller left');
  await assert.rejects(
    downloads.fetch(server.origin, { signal: AbortSignal.abort(reason) }),
    (error) => error === reason,
  );
  assert.equal(server.connections(), 0);
});

test('after disposing, which may be done twice, nothing is downloaded', async () => {
  await using server = await serve((_request, response) => response.end('x'));
  const downloads = open();
  await downloads[Symbol.asyncDispose]();
  await downloads[Symbol.asyncDispose]();
  await assertRefused(downloads.fetch(server.origin), 'unavailable');
  assert.equal(server.connections(), 0);
});

suite('downloads at once', () => {
  test('are no more than there are sockets, and all have their turn', async () => {
    let most = 0;
    await using server = await serve((_request, response) => {
      most = Math.max(most, server.open());
      setTimeout(() => response.end('x'), 10);
    });
    await using downloads = open({ socketsMax: 3 });
    const fetched = await Promise.all(Array.from({ length: 12 }, () => downloads.fetch(server.origin)));
    assert.equal(fetched.length, 12);
    assert.equal(most, 3);
  });

  test('leave a free turn behind, whatever came of them', async () => {
    await using server = await serve((request, response) =>
      response.writeHead(request.url === '/ok' ? 200 : 404).end('x'),
    );
    await using downloads = open({ socketsMax: 1 });
    await assertRefused(downloads.fetch(`${server.origin}/missing`), 'downloadFailed');
    await assertRefused(downloads.fetch('not a url'), 'downloadFailed');
    assert.equal((await downloads.fetch(`${server.origin}/ok`)).length, 1);
  });

  test('that wait too long for their turn are too many', async () => {
    const answers: ServerResponse[] = [];
    await using server = await serve((_request, response) => void answers.push(response));
    await using downloads = open({ socketsMax: 1, timeoutMs: 600 });
    const first = assertRefused(downloads.fetch(server.origin), 'downloadFailed', /the download timed out/);
    await wait(250);
    // Has its turn when the first is out of time, and then the whole time for itself.
    const second = downloads.fetch(server.origin);
    await assertRefused(downloads.fetch(server.origin), 'tooManyRequests', /downloads/);
    assert.equal(answers.length, 2);
    answers[1]?.end('x');
    assert.equal((await second).length, 1);
    await first;
  });
});

test('an answer that is being written when the download ends does not disturb the process', async () => {
  await using server = await serve((_request, response) => {
    response.on('error', () => {});
    const timer = setInterval(() => response.write('x'.repeat(1_000)), 1);
    response.on('close', () => clearInterval(timer));
  });
  await using downloads = open({ bytesMax: 5_000 });
  for (let round = 0; round < 20; round++) await assertRefused(downloads.fetch(server.origin), 'downloadBroken');
  await until(() => server.open() === 0);
});
