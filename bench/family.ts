/** Reads from /proc what a process and the processes that it started use: pictures are analysed in processes of their own. */
import { readdir, readFile } from 'node:fs/promises';

/** A process and all that it started, directly or not; the process alone where there is no /proc. */
export async function familyOf(pid: number): Promise<readonly number[]> {
  const others = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name)).map(Number);
  const parents = await Promise.all(others.map(async (other) => [other, await parentOf(other)] as const));
  const childrenOf = Map.groupBy(parents, ([, parent]) => parent);
  const family = [pid];
  for (const member of family) family.push(...(childrenOf.get(member) ?? []).map(([child]) => child));
  return family;
}

/**
 * How a page is counted that several processes share: for each in equal parts (the proportional set size), or for each whole (the
 * resident set size).
 */
export type MemoryKind = 'Pss' | 'Rss';

/**
 * The memory that is resident of processes together, in MB.
 * @returns undefined where the system does not report it.
 */
export async function megabytesOf(pids: readonly number[], kind: MemoryKind = 'Pss'): Promise<number | undefined> {
  const line = new RegExp(`^${kind}:\\s+(\\d+)`, 'm');
  const sizes = await Promise.all(pids.map(async (pid) => line.exec(await read(`/proc/${pid}/smaps_rollup`))?.[1]));
  const known = sizes.filter((size) => size !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, size) => sum + Number(size), 0) / 1024;
}

/** The processor time that the running threads of processes have used so far, in milliseconds. */
export async function cpuMsOf(pids: readonly number[]): Promise<number> {
  const times = await Promise.all(
    pids.map(async (pid) => {
      const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
      return Promise.all(threads.map((thread) => read(`/proc/${pid}/task/${thread}/schedstat`)));
    }),
  );
  // Nanoseconds on a processor come first.
  return times.flat().reduce((sum, text) => sum + Number(text.split(' ')[0]), 0) / 1e6;
}

async function parentOf(pid: number): Promise<number> {
  // The name, which is in parentheses, may contain anything.
  const fields = (await read(`/proc/${pid}/stat`)).split(') ').at(-1)!.split(' ');
  return Number(fields[1] ?? 0);
}

/** Nothing for a process that has ended. */
function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '');
}
