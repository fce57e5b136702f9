/**
 * Jobs of operators that take long: each in a process of its own, so that calls of the face API wait for none of them, and one of a kind at a
 * time. They are those of this server, and forgotten with it; what they have done is told by the audit.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Act } from '../../domain/stores.ts';
import { OrderRefused } from '../operator/order.ts';
import type { Settings } from '../settings.ts';
import type { FromJob, JobOrder, JobResult, ToJob } from './order.ts';

/** How far a job is. */
export interface Job {
  readonly id: string;
  readonly kind: JobOrder['kind'];
  /** What it is about: the name of a backup or of an import; empty if there is nothing to name. */
  readonly subject: string;
  readonly operator: string;
  /** Milliseconds since 1970; null while it runs. */
  readonly startedAt: number;
  readonly endedAt: number | null;
  readonly state: 'running' | 'done' | 'failed';
  /** Null until it can be said. */
  readonly progress: { readonly done: number; readonly total: number } | null;
  /** Why it failed; empty if it did not. */
  readonly error: string;
  /** Null until it is done. */
  readonly result: JobResult | null;
}

/** How many jobs that are over are remembered. */
const rememberedMax = 20;
/** How long a job may take to end once it is told to stop, in milliseconds. */
const stopMs = 10_000;

/** The jobs of this server. */
export class Jobs implements AsyncDisposable {
  readonly #settings: () => Settings;
  readonly #now: () => number;
  /** The newest last. */
  readonly #jobs: Job[] = [];
  readonly #children = new Map<string, ChildProcess>();

  /**
   * @param settings those of now.
   * @param now milliseconds since 1970.
   */
  constructor(settings: () => Settings, now: () => number) {
    this.#settings = settings;
    this.#now = now;
  }

  /** The newest first. */
  list(): readonly Job[] {
    return this.#jobs.toReversed();
  }

  /**
   * Begins a job.
   * @param subject what it is about, as operators see it.
   * @returns its id.
   * @throws OrderRefused if one of its kind runs.
   */
  start(order: JobOrder, subject: string, act: Act): string {
    const { kind } = order;
    if (this.#jobs.some((job) => job.kind === kind && job.state === 'running')) {
      throw new OrderRefused('exists', 'there is one that runs already: wait for it, or stop it');
    }
    const id = randomUUID();
    const begun = { startedAt: this.#now(), endedAt: null, state: 'running', progress: null } as const;
    this.#jobs.push({ id, kind, subject, operator: act.actor, ...begun, error: '', result: null });
    if (this.#jobs.length > rememberedMax) {
      const oldest = this.#jobs.findIndex(({ state }) => state !== 'running');
      if (oldest >= 0) this.#jobs.splice(oldest, 1);
    }
    this.#run(id, { kind: 'do', settings: this.#settings(), order, act });
    return id;
  }

  /** Stops a job, which is over soon; what it has done until then stays. @throws OrderRefused if it does not run. */
  stop(id: string): void {
    const child = this.#children.get(id);
    if (child === undefined) throw new OrderRefused('unknown', 'there is no such job, or it is over');
    send(child, { kind: 'stop' });
    setTimeout(() => child.kill('SIGKILL'), stopMs).unref();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ends = [...this.#children.values()].map((child) => {
      child.kill('SIGKILL');
      return once(child, 'exit');
    });
    await Promise.all(ends);
  }

  #run(id: string, message: ToJob): void {
    const child = fork(fileURLToPath(new URL('./job-process.ts', import.meta.url)), {
      // What it says goes through the channel: its lines would be none of the server's log.
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'advanced',
      // Options for a run of tests are none for a job of it.
      execArgv: process.execArgv.filter((word) => !word.startsWith('--test')),
    });
    this.#children.set(id, child);
    child.on('message', (told: FromJob) => this.#hear(id, told));
    child.on('error', (error) => this.#end(id, { state: 'failed', error: error.message }));
    child.on('exit', (code, signal) => {
      this.#children.delete(id);
      this.#end(id, { state: 'failed', error: `its process ended (${signal ?? code})` });
    });
    send(child, message);
  }

  #hear(id: string, told: FromJob): void {
    if (told.kind === 'progress') this.#change(id, { progress: { done: told.done, total: told.total } });
    else if (told.kind === 'done') this.#end(id, { state: 'done', result: told.result });
    else this.#end(id, { state: 'failed', error: told.message });
  }

  /** Only the first end counts: the process then ends, too. */
  #end(id: string, change: Partial<Job>): void {
    if (this.#find(id)?.state === 'running') this.#change(id, { ...change, endedAt: this.#now() });
  }

  #find(id: string): Job | undefined {
    return this.#jobs.find((job) => job.id === id);
  }

  #change(id: string, change: Partial<Job>): void {
    const place = this.#jobs.findIndex((job) => job.id === id);
    if (place >= 0) this.#jobs[place] = { ...this.#jobs[place]!, ...change };
  }
}

/** A process that is gone hears nothing; its exit tells the rest. */
function send(child: ChildProcess, message: ToJob): void {
  child.send(message, () => {});
}
