/**
 * Compares the search index of two checkouts: each in a process of its own, over as many made-up people, whose embeddings are
 * as long as those of the checkout.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Task, TaskName } from './search-process.ts';
import { both, inTurn, type Pairs, type Sides } from './sides.ts';

const program = fileURLToPath(new URL('./search-process.ts', import.meta.url));
/** What is measured; searches are five in a row. */
const tasks: Readonly<Record<string, TaskName>> = {
  'search all, 1 probe': 'one',
  'search all, 4 probes': 'four',
  'search all, 16 probes': 'sixteen',
  'search all, 8 searches at once': 'eight',
  'search one group of secondary members': 'group',
  'search a tenth of the persons, spread over the memory': 'tenth',
  'search 5 groups': 'groups',
  'file 200 persons with 5 faces each': 'file',
  'erase them': 'erase',
};

/** Measures both indexes; milliseconds. */
export async function compareSearch(checkouts: Sides<string>, rounds: number, faces: number): Promise<Pairs> {
  const children = await both(checkouts, (checkout) => open(checkout, faces));
  try {
    const measures = Object.entries(tasks).map(
      ([about, name]) =>
        [about, (child: ChildProcess, round: number) => run(child, { name, seed: round + 1 })] as const,
    );
    return await inTurn(children, rounds, Object.fromEntries(measures));
  } finally {
    await both(children, stop);
  }
}

/** Starts a process and waits until its index is filled. */
async function open(checkout: string, faces: number): Promise<ChildProcess> {
  const child = fork(program, [checkout, String(faces)]);
  await answerOf(child);
  return child;
}

async function run(child: ChildProcess, task: Task): Promise<number> {
  child.send(task);
  return answerOf(child);
}

/** The next message; a process that ends instead has printed why. */
async function answerOf(child: ChildProcess): Promise<number> {
  const ended = new AbortController();
  const fail = () => ended.abort(new Error('a process of the comparison has ended'));
  child.once('exit', fail);
  try {
    const [milliseconds] = await once(child, 'message', { signal: ended.signal });
    return milliseconds as number;
  } finally {
    child.off('exit', fail);
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.disconnect();
  await once(child, 'exit');
}
