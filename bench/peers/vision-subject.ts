/** Runs one library in a process of its own, so that its time and memory are measured apart from the others. */
import { fork } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { cpuMsOf, familyOf, megabytesOf } from '../family.ts';
import { type AnalysedFace, type AnalystName, analysts } from './vision-analysts.ts';

/** The result for one picture. */
export interface Analysis {
  readonly faces: readonly AnalysedFace[];
  /** From the bytes to the answer. */
  readonly ms: number;
  /** Processor time meanwhile, of the process and those that it started. */
  readonly cpuMs: number;
  /** Resident memory afterwards, of the process and those that it started. */
  readonly megabytes: number;
}

/** An analyst in a process of its own. */
export interface Subject extends Disposable {
  readonly name: AnalystName;
  /** Resident memory with everything loaded, before the first picture. */
  readonly megabytes: number;
  /** Answers one picture at a time. */
  analyse(path: string): Promise<Analysis>;
}

type Reply = { readonly analysis: Analysis } | { readonly error: string };

/** Starts an analyst and waits until it is ready. */
export async function openSubject(name: AnalystName, models: string): Promise<Subject> {
  const child = fork(fileURLToPath(import.meta.url), [name, models], {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const next = <T>(): Promise<T> =>
    new Promise((resolve, reject) => {
      const died = (code: number | null): void => reject(new Error(`${name} ended with ${code}`));
      child.once('exit', died);
      child.once('message', (message) => {
        child.off('exit', died);
        resolve(message as T);
      });
    });
  const { megabytes } = await next<{ megabytes: number }>();
  return {
    name,
    megabytes,
    analyse: async (path) => {
      const reply = next<Reply>();
      child.send(path);
      const answer = await reply;
      if ('error' in answer) throw new Error(`${name}, ${path}: ${answer.error}`);
      return answer.analysis;
    },
    [Symbol.dispose]: () => void child.kill(),
  };
}

if (import.meta.main && process.send) {
  const [, , name, models] = process.argv;
  const analyse = await analysts[name as AnalystName](models!);
  const family = await familyOf(process.pid);
  const children = family.slice(1);
  process.on('message', async (path: string) => {
    const file = await readFile(path);
    const childrenBefore = await cpuMsOf(children);
    const [cpu, start] = [process.cpuUsage(), performance.now()];
    try {
      const faces = await analyse(file);
      const ms = performance.now() - start;
      const { user, system } = process.cpuUsage(cpu);
      const cpuMs = (user + system) / 1000 + (await cpuMsOf(children)) - childrenBefore;
      const analysis: Analysis = { faces, ms, cpuMs, megabytes: await residentMegabytes(family) };
      process.send!({ analysis } satisfies Reply);
    } catch (error) {
      process.send!({ error: String(error) } satisfies Reply);
    }
  });
  process.send({ megabytes: await residentMegabytes(family) });
}

async function residentMegabytes(family: readonly number[]): Promise<number> {
  return (await megabytesOf(family)) ?? process.memoryUsage.rss() / 1024 / 1024;
}
