/** Another process for tests: writes to a database as its arguments say, and tells of each write that is done. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import type { Refusal } from '../../src/errors/refusals.ts';
import { openStores } from '../../src/store/open.ts';
import { masterKey } from '../master-key.ts';
import { act, call, person, registerWithFace, storedBytes } from './fixtures.ts';
import type { Job } from './sqlite-home.ts';

const [job, file] = process.argv.slice(2) as [Job, string];
const stores = await openStores({ file, masterKey });
const store = stores.of('1001');

/** A call that writes. */
const ofCall = { call: () => call, act: () => act, counted: () => {}, took: () => {} };

/** What each job does. */
const jobs: Readonly<Record<Job, () => Promise<unknown>>> = {
  /** Registers persons, each by a call that is counted with it, until the process is killed. */
  register: () => inLanes((id) => registerWithFace(stores.of('1001', ofCall), id, 'g', id)),
  /** Counts calls until the process is killed. */
  count: () => inLanes(() => stores.usage.count(call)),
  /** Registers persons whom others register too; tells whom it was the first to. */
  async compete() {
    for (let i = 0; i < 100; i++) {
      // It reads first, as the domain does: what is read must still be so when it writes.
      const first = await store.write(async (store) => {
        if ((await store.findPerson(String(i))) !== undefined) return false;
        assert.equal(await store.insertPerson(person(String(i))), true);
        return true;
      });
      if (first) await tell(String(i));
    }
  },
  /** Erases a face, having told its bytes, and dies at once. */
  async erase() {
    await registerWithFace(store, 'p', 'g', 'erased');
    for (const bytes of storedBytes(file, 'erased')) await tell(bytes.toString('base64'));
    await store.deletePerson('p');
    process.kill(process.pid, 'SIGKILL');
  },
  /** Registers persons until it fails; tells of the failure, of the person refused, and of the first who succeeds again. */
  async fill() {
    for (let i = 0, failed = false; ; i++) {
      try {
        await registerWithFace(store, String(i), 'g', String(i));
        await tell(String(i));
        if (failed) return;
      } catch (error) {
        if (!failed) await tell(`${(error as Refusal).refusal}\n${i}`);
        failed = true;
        await wait(50);
      }
    }
  },
  /** Tells more than a pipe holds, and only then lets it be read. */
  async recite() {
    const told = Array.from({ length: 20_000 }, (_, i) => tell(`line ${i}`));
    process.send?.('all is said');
    await Promise.all(told);
  },
};

await jobs[job]();
await stores[Symbol.asyncDispose]();

/** Writes eight at a time, until the process is killed; tells of each. */
async function inLanes(write: (id: string) => Promise<void>): Promise<void> {
  const lanes = Array.from({ length: 8 }, async (_, lane) => {
    for (let i = 0; ; i++) {
      await write(`${lane}-${i}`);
      await tell(`${lane}-${i}`);
    }
  });
  await Promise.all(lanes);
}

/** Resolves when the line is on its way; that waits while the pipe is full, where a synchronous write would throw. */
async function tell(id: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    process.stdout.write(`${id}\n`, (error) => (error ? reject(error) : resolve()));
  });
}
