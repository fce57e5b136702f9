import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import type { Ports } from '../../src/app/create-app.ts';
import { openFaceAnalyzer } from '../../src/vision/pool/analyzer.ts';
import { photograph, startApp, type TestApp } from '../harness.ts';
import { modelsCache } from '../networks/lend.ts';

const skip = process.platform !== 'linux' && 'processes are found by /proc';

/** An analyzer with one process of its own, and what tells when that has a picture. */
function openOne(): { readonly openAnalyzer: Ports['openAnalyzer']; readonly taken: () => Promise<void> } {
  let next = Promise.withResolvers<void>();
  return {
    taken: () => {
      next = Promise.withResolvers<void>();
      return next.promise;
    },
    openAnalyzer: async () => {
      const limits = { workers: 1, queueMax: 9, deadlineMs: 60_000, pixelsMax: 40_000_000 };
      const analyzer = await openFaceAnalyzer({ modelsFolder: modelsCache, ...limits });
      return {
        ...analyzer,
        analyze: (picture, options) => {
          const onTaken = (): void => {
            options.onTaken?.();
            // The picture is handed over once this has returned.
            queueMicrotask(next.resolve);
          };
          return analyzer.analyze(picture, { ...options, onTaken });
        },
      };
    },
  };
}

/** The process that analyses pictures. */
async function theProcess(): Promise<number> {
  for (;;) {
    const list = await readFile(`/proc/${process.pid}/task/${process.pid}/children`, 'utf8');
    const [pid, ...others] = list.trim().split(' ').filter(Boolean).map(Number);
    if (pid !== undefined && others.length === 0) return pid;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** Registers somebody, and ends the process while it has the picture. */
async function enrolAndCrash(server: TestApp, taken: () => Promise<void>, image: Buffer) {
  const ready = await server.form('detect', { image: await photograph(4) });
  assert.equal(ready.code, 0, 'the process has loaded its networks');
  const pid = await theProcess();
  process.kill(pid, 'SIGSTOP');
  const has = taken();
  const call = server.form('newperson', { person_id: 'ada', group_ids: ['all'], image });
  await has;
  const other = await server.json('getinfo', { person_id: 'bob' });
  process.kill(pid, 'SIGSEGV');
  process.kill(pid, 'SIGCONT');
  return { answer: await call, other, pid };
}

test('a process that crashes costs the call whose picture it had: 213; the others are answered, and so is the next', {
  skip,
}, async () => {
  const { openAnalyzer, taken } = openOne();
  await using server = await startApp({}, { openAnalyzer });
  const image = await photograph(1);
  const { answer, other, pid } = await enrolAndCrash(server, taken, image);
  assert.equal(other.code, -1303, 'other calls are answered meanwhile');
  assert.equal(answer.code, 213);
  const again = await server.form('newperson', { person_id: 'ada', group_ids: ['all'], image });
  assert.equal(again.code, 0, 'nothing was kept of the call that failed');
  assert.notEqual(await theProcess(), pid);
});

test('a picture that brought its process down twice in a row is answered 213 without being tried again', {
  skip,
}, async () => {
  const { openAnalyzer, taken } = openOne();
  await using server = await startApp({}, { openAnalyzer });
  const image = await photograph(2);
  for (let i = 0; i < 2; i++) assert.equal((await enrolAndCrash(server, taken, image)).answer.code, 213);
  const pid = await theProcess();
  const third = await server.form('newperson', { person_id: 'ada', group_ids: ['all'], image });
  assert.equal(third.code, 213);
  assert.equal(await theProcess(), pid, 'it went on');
  const other = await server.form('newperson', { person_id: 'ada', group_ids: ['all'], image: await photograph(3) });
  assert.equal(other.code, 0);
});
