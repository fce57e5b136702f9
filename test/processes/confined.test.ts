import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, open, readdir, readFile, readlink, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { getPriority, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { ConfinedProcess } from '../../src/processes/confined.ts';
import { niceness } from '../../src/processes/serve.ts';
import type { Attempts, ProbeRequest } from './probe.ts';

let folder: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'familiar-confined-'));
});

after(() => rm(folder, { recursive: true, force: true }));

const start = <Answer>(): ConfinedProcess<ProbeRequest, Answer> =>
  new ConfinedProcess(new URL('./probe.ts', import.meta.url), { packages: ['sharp'], variables: { GIVEN: 'yes' } });

/** Whether a process is there and has not ended. */
async function runs(pid: number): Promise<boolean> {
  const state = /^State:\s+(\S)/m.exec(await readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''))?.[1];
  return state !== undefined && state !== 'Z';
}

async function untilGone(pid: number): Promise<void> {
  while (await runs(pid)) await new Promise((resolve) => setTimeout(resolve, 10));
}

test('requests are answered one after another, with values and bytes of any length', async () => {
  const child = start<{ length: number; last: number | undefined; text: string | undefined }>();
  for (const length of [0, 1, 4_000, 4_096, 65_536, 3_000_000]) {
    const bytes = new Uint8Array(length).fill(7);
    for (const text of [undefined, '', 'x'.repeat(4_096), 'x'.repeat(300_000)]) {
      const last = length === 0 ? undefined : 7;
      assert.deepEqual(await child.request({ kind: 'echo', text }, bytes), { length, last, text });
    }
  }
  await child.close();
  assert.match(String(await child.ended), /exit code 0/);
});

test('a confined process reads and writes no files of others, and reaches neither network, processes nor threads', async () => {
  const secret = join(folder, 'secret');
  await writeFile(secret, 'key');
  const server = createServer((_, response) => response.end()).listen(0, '127.0.0.1');
  server.unref();
  await once(server, 'listening');
  process.env.SECRET_OF_THE_SERVER = 'key';
  const child = start<Attempts>();
  const { port } = server.address() as AddressInfo;
  const { outcomes, variables } = await child.request({ kind: 'try', secret, folder, port });
  assert.deepEqual([...new Set(Object.values(outcomes))], ['ERR_ACCESS_DENIED'], JSON.stringify(outcomes));
  assert.equal(Object.keys(outcomes).length, 8);
  assert.ok(variables.includes('GIVEN') && !variables.includes('SECRET_OF_THE_SERVER') && !variables.includes('HOME'));
  await child.close();
  server.close();
});

test('a confined process leaves the cores to the server where both want them', async () => {
  const child = start();
  await child.request({ kind: 'echo' });
  assert.equal(getPriority(child.pid), Math.min(19, getPriority() + niceness));
  await child.close();
});

test('a confined process has no open files of the server', { skip: process.platform !== 'linux' }, async () => {
  await using file = await open(join(folder, 'database'), 'w');
  const server = createServer().listen(0, '127.0.0.1');
  server.unref();
  await once(server, 'listening');
  const child = start();
  await child.request({ kind: 'echo' });
  // What a process writes of its errors goes where the server's go.
  const fds = (await readdir(`/proc/${child.pid}/fd`)).filter((fd) => fd !== '2');
  const targets = await Promise.all(fds.map((fd) => readlink(`/proc/${child.pid}/fd/${fd}`).catch(() => '')));
  assert.ok(!targets.includes(join(folder, 'database')), `${targets} beside ${file.fd}`);
  assert.equal(targets.filter((target) => target.startsWith('socket:')).length, 1, 'the pipe to the server');
  await child.close();
  server.close();
});

for (const [how, pattern] of [
  ['abort', /SIGABRT/],
  ['SIGSEGV', /SIGSEGV/],
  ['SIGKILL', /SIGKILL/],
  ['exit', /exit code 7/],
] as const) {
  test(`a process that ends by ${how} rejects its request, and says how it ended`, async () => {
    const child = start();
    await child.request({ kind: 'echo' });
    await assert.rejects(child.request({ kind: 'stop', how }), pattern);
    assert.match(String(await child.ended), pattern);
    assert.equal(child.isAlive, false);
    await assert.rejects(child.request({ kind: 'echo' }), pattern);
  });
}

test('a request that is interrupted is answered early, and the next one is not', {
  skip: process.platform === 'win32' && 'has no such signal',
}, async () => {
  const child = start<{ wasInterrupted: boolean; length: number }>();
  await child.request({ kind: 'echo' });
  child.interrupt();
  for (let i = 0; i < 3; i++) {
    const answered = child.request({ kind: 'wait' });
    child.interrupt();
    assert.equal((await answered).wasInterrupted, true);
    child.interrupt();
    assert.equal((await child.request({ kind: 'echo' }, Uint8Array.of(1))).length, 1);
  }
  await child.close();
  child.interrupt();
});

test('a process that is in an endless loop is killed', async () => {
  const child = start();
  await child.request({ kind: 'echo' });
  const stuck = assert.rejects(child.request({ kind: 'stop', how: 'loop' }), /SIGKILL/);
  child.kill();
  await stuck;
});

test('an answer that cannot be sent ends the process, and is not waited for', async () => {
  await assert.rejects(start().request({ kind: 'unsendable' }), /exit code 1/);
});

test('a program that is not there is told by its end', async () => {
  const child = new ConfinedProcess(new URL('./absent.ts', import.meta.url), { packages: [], variables: {} });
  await assert.rejects(child.request({}), /exit code 1/);
});

test('the signals that end a process group leave it to the server', {
  skip: process.platform === 'win32',
}, async () => {
  const child = start<{ length: number }>();
  await child.request({ kind: 'echo' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(child.pid!, signal);
  assert.equal((await child.request({ kind: 'echo' }, Uint8Array.of(1))).length, 1);
  await child.close();
});

/** Kills a process that has started a confined one, which has been sent a request; resolves when that is gone. */
async function killParentOf(request: ProbeRequest, isUnderWay: (pid: number) => Promise<boolean>): Promise<void> {
  const script = `
    import { ConfinedProcess } from ${JSON.stringify(new URL('../../src/processes/confined.ts', import.meta.url).href)};
    const child = new ConfinedProcess(new URL(${JSON.stringify(new URL('./probe.ts', import.meta.url).href)}), {
      packages: [],
      variables: {},
    });
    await child.request({ kind: 'echo' });
    child.request(${JSON.stringify(request)}).catch(() => {});
    console.log(child.pid);
    setInterval(() => {}, 1_000);`;
  const parent = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: fileURLToPath(new URL('../../', import.meta.url)),
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  while (!(await isUnderWay(pid))) await new Promise((resolve) => setTimeout(resolve, 10));
  parent.kill('SIGKILL');
  // One that is left would hang for ever.
  const timer = setTimeout(() => process.kill(pid, 'SIGKILL'), 3_000);
  const begun = performance.now();
  await untilGone(pid);
  clearTimeout(timer);
  assert.ok(performance.now() - begun < 3_000, 'it was left');
}

test('it ends when the process that started it is killed', { skip: process.platform !== 'linux' }, async () => {
  await killParentOf({ kind: 'echo' }, runs);
});

test('it ends when the process that started it is killed, although it hangs', {
  skip: !existsSync('/usr/bin/setpriv') && 'needs setpriv of util-linux',
}, async () => {
  // Ticks of a hundredth of a second that it has computed, the fourteenth field; the name, in parentheses, has none of ours.
  const ticks = async (pid: number) => Number((await readFile(`/proc/${pid}/stat`, 'utf8')).split(' ')[13]);
  let begun: number | undefined;
  await killParentOf({ kind: 'stop', how: 'loop' }, async (pid) => {
    begun ??= await ticks(pid);
    return (await ticks(pid)) > begun + 20;
  });
});
