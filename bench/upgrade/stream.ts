/** Calls that go on while a register is upgraded, and what must be true of their answers. */
import { setTimeout as wait } from 'node:timers/promises';
import { sign } from '../../src/auth/signature.ts';
import type { Account } from '../../test/chaos/server.ts';
import { group, newcomersGroup, type Photographs } from './register.ts';

/** An answer to a search for a probe. */
export interface Found {
  readonly probe: number;
  readonly begun: number;
  readonly ended: number;
  /** The candidates with their confidences, as JSON. */
  readonly answer: string;
}

/** The servers that run at the moment. */
export type Urls = () => readonly string[];

/** What became of the calls of a stream. */
export class Stream {
  readonly found: Found[] = [];
  /** Calls that were answered with another code than 0. */
  readonly refused: string[] = [];
  /** Newcomers who were enrolled, as the server said. */
  readonly enrolled: { readonly personId: string; readonly picture: Uint8Array; readonly ms: number }[] = [];
  /** Calls whose server was gone before it answered. */
  lost = 0;
  answered = 0;
  readonly #account: Account;
  readonly #urls: Urls;
  readonly #photographs: Photographs;
  #serial = 0;

  constructor(account: Account, urls: Urls, photographs: Photographs) {
    this.#account = account;
    this.#urls = urls;
    this.#photographs = photographs;
  }

  /** Calls until it is told to stop: searches, and every few calls somebody new. */
  async run(signal: AbortSignal, { lanes = 2, pauseMs = 60, newcomerEach = 6 } = {}): Promise<void> {
    const lane = async (): Promise<void> => {
      while (!signal.aborted) {
        const turn = this.#serial++;
        if (turn % newcomerEach === newcomerEach - 1) await this.enrol();
        else await this.search(turn % this.#photographs.probes.length);
        await wait(pauseMs);
      }
    };
    await Promise.all(Array.from({ length: lanes }, lane));
  }

  /** Searches for each probe once. @returns the answers by probe. */
  async snapshot(): Promise<readonly string[]> {
    const answers: string[] = [];
    for (const probe of this.#photographs.probes.keys()) answers.push((await this.search(probe))!);
    return answers;
  }

  /** Searches for a probe. @returns undefined if the call was lost. */
  async search(probe: number): Promise<string | undefined> {
    const begun = performance.now();
    const data = await this.#call('identify', this.#photographs.probes[probe]!, { group_id: group });
    if (data === undefined) return undefined;
    const answer = JSON.stringify(data.candidates);
    this.found.push({ probe, begun, ended: performance.now(), answer });
    return answer;
  }

  /** Enrols somebody new. @param which of the newcomers' photographs is sent; the next one if absent. */
  async enrol(which = this.enrolled.length): Promise<void> {
    const { newcomers } = this.#photographs;
    const picture = newcomers[which % newcomers.length]!;
    const personId = `new-${this.#serial++}-${this.enrolled.length}`;
    const begun = performance.now();
    const data = await this.#call('newperson', picture, { person_id: personId, 'group_ids[0]': newcomersGroup });
    if (data !== undefined) this.enrolled.push({ personId, picture, ms: performance.now() - begun });
  }

  /** Checks that everybody who was enrolled is there, and compared by the pack in use. */
  async verifyNewcomers(many: number): Promise<void> {
    const step = Math.max(1, Math.floor(this.enrolled.length / many));
    for (let i = 0; i < this.enrolled.length; i += step) {
      const { personId, picture } = this.enrolled[i]!;
      const data = await this.#call('verify', picture, { person_id: personId });
      if (data?.ismatch !== true)
        throw new Error(`${personId} is not known by the own photograph: ${JSON.stringify(data)}`);
    }
  }

  /** @returns the data of an answer; undefined if the server was gone, or refused the call. */
  async #call(endpoint: string, picture: Uint8Array, fields: Readonly<Record<string, string>>) {
    const { appid, secretId, secretKey } = this.#account;
    const form = new FormData();
    for (const [name, value] of Object.entries({ appid, ...fields })) form.append(name, value);
    form.append('image', new Blob([picture as Uint8Array<ArrayBuffer>]), 'a.jpg');
    const madeAt = Math.floor(Date.now() / 1000);
    const authorization = sign({ appid, secretId, madeAt, expires: madeAt + 60 }, secretKey);
    const urls = this.#urls();
    const url = urls[this.#serial % urls.length];
    if (url === undefined) {
      await wait(20);
      return undefined;
    }
    try {
      const response = await fetch(`${url}/face/${endpoint}`, {
        method: 'POST',
        headers: { authorization },
        body: form,
      });
      const { code, message, data } = (await response.json()) as {
        code: number;
        message: string;
        data: Record<string, unknown>;
      };
      this.answered += 1;
      if (code === 0) return data;
      // A photograph without a face that is good enough is nobody's fault.
      if (endpoint !== 'newperson' || code > -1100 || code < -1199) this.refused.push(`${endpoint} ${code} ${message}`);
      return undefined;
    } catch {
      this.lost += 1;
      return undefined;
    }
  }
}

/**
 * Checks that each answer is that of one of two packs, and that none that was asked for after an answer of the new one is of the old.
 * @throws Error that names the answer.
 */
export function checkAnswers(found: readonly Found[], before: readonly string[], after: readonly string[]) {
  const counts = { before: 0, after: 0 };
  let newFrom = Number.POSITIVE_INFINITY;
  for (const { probe, answer, ended } of found) {
    if (before[probe] === after[probe]) continue;
    if (answer === after[probe]) newFrom = Math.min(newFrom, ended);
    else if (answer !== before[probe]) throw new Error(`an answer of neither pack, to probe ${probe}: ${answer}`);
  }
  for (const { probe, answer, begun } of found) {
    if (before[probe] === after[probe]) continue;
    const isNew = answer === after[probe];
    counts[isNew ? 'after' : 'before'] += 1;
    if (!isNew && begun > newFrom)
      throw new Error(`the old pack answered ${(begun - newFrom).toFixed(1)} ms after the new one had`);
  }
  return counts;
}
