import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { rm } from 'node:fs/promises';
import test from 'node:test';
import { makeFolder } from '../harness.ts';
import { startServer } from '../process.ts';

const guard = new URL('../guard.ts', import.meta.url).href;

/** Runs a program under the guard; resolves with what it and its children have written when all of them are gone. */
async function run(program: string, variables: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, ['--import', guard, '--input-type=module', '--eval', program], {
    env: { PATH: process.env.PATH, ...variables },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  const written = await Promise.all(
    [child.stdout, child.stderr].map(async (stream) => (await stream.setEncoding('utf8').toArray()).join('')),
  );
  return written.join('');
}

test('a process in an endless loop ends when the one that started it is killed', async () => {
  const starts = `
    import { spawn } from 'node:child_process';
    import { once } from 'node:events';
    const loop = ['--import', ${JSON.stringify(guard)}, '--eval', 'console.log("loops"); for (;;);'];
    const child = spawn(process.execPath, loop, { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    process.kill(process.pid, 'SIGKILL');
  `;
  assert.match(await run(starts, {}), /is killed: its parent is gone/);
});

test('a test file in an endless loop ends when its time is over', async () => {
  const variables = { NODE_TEST_CONTEXT: 'child-v8', FAMILIAR_FILE_TIMEOUT_MS: '100' };
  assert.match(await run('for (;;);', variables), /is killed: the test file took more than 0.1 s/);
});

test('a server that does not start is told of with what it said', async () => {
  const folder = await makeFolder();
  try {
    await assert.rejects(startServer(folder, '--workers', 'many'), /the server ended: .*workers/s);
  } finally {
    await rm(folder, { recursive: true });
  }
});
