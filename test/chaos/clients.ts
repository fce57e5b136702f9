/** Clients that change a registry all the time, and remember what they were answered. */
import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { sign } from '../../src/auth/signature.ts';
import { refusals } from '../../src/contract/refusals.ts';
import { Random } from '../random.ts';
import { type Change, type Outcome, type Person, Register } from './register.ts';
import { type Account, runFamiliar, type Server, tail } from './server.ts';

/** The longest that a call may go without an answer while the server runs, in milliseconds. */
const answerTimeoutMs = 30_000;

/** The codes of the contract. */
const documented: ReadonlySet<number> = new Set([0, ...Object.values(refusals).map(({ code }) => code)]);

/** What the clients may meet beside documented answers. */
export interface Tolerance {
  /** Calls may get no answer, since the server is killed. */
  readonly mayLose?: boolean;
  /** Code 213, which a picture gets whose process was killed twice. */
  readonly mayFail?: boolean;
  /** Whether the database may be out of reach just now: then calls are answered with 108 or −1200. */
  readonly isOut?: () => boolean;
}

/** What calls are answered with when the database cannot be reached. The second may have been done all the same. */
const [outOfReach, perhapsDone] = [108, -1200];
/** How many candidates identify answers, at most. */
const candidatesMax = 5;

/** Several clients of one account. */
export class Clients {
  readonly #pictures: readonly Buffer[];
  readonly #random: Random;
  readonly #registers: readonly Register[];
  /** How often each code was answered. */
  readonly tally = new Map<number, number>();
  /** Calls that were answered with code 0, and calls that got no answer. */
  #done = 0;
  #lost = 0;
  /** The longest wait for an answer, in milliseconds. */
  slowestMs = 0;

  /** @param pictures photographs of one face each. */
  constructor(pictures: readonly Buffer[], count: number, seed: number) {
    this.#pictures = pictures;
    this.#random = new Random(seed);
    this.#registers = Array.from({ length: count }, (_, i) => new Register(`c${i}`));
  }

  /** How many calls have been answered. */
  get answered(): number {
    return this.tally.values().reduce((sum, times) => sum + times, 0);
  }

  /** How many calls got no answer. */
  get lost(): number {
    return this.#lost;
  }

  /**
   * Has every client make one call after the other until the signal aborts, or the server is gone.
   * @throws Error if an answer is not documented, or does not come from a server that runs.
   */
  async drive(server: Server, until: AbortSignal, tolerance: Tolerance = {}): Promise<void> {
    const drive = async (register: Register): Promise<void> => {
      while (!until.aborted && server.isAlive()) {
        const change = register.draw(this.#random, this.#pictures.length);
        const outcome = await this.#send(server, change.endpoint, this.#bodyOf(change), tolerance);
        register.apply(change, outcome);
        // A server that refuses at once is not to be flooded.
        if (outcome.kind === 'refused') await wait(20);
      }
    };
    await Promise.all(this.#registers.map(drive));
  }

  /**
   * Has every client make one call after the other, each at another server of one registry, until the signal aborts. What
   * one server has answered the next one must know, and who was erased it must not find.
   * @param nodes the servers that run.
   * @throws Error as {@link drive} does; AssertionError if a server answers by what was before.
   */
  async driveNodes(nodes: () => readonly Server[], until: AbortSignal, tolerance: Tolerance): Promise<void> {
    const drive = async (register: Register): Promise<void> => {
      while (!until.aborted) {
        const [one, other] = [this.#random.of(nodes()), this.#random.of(nodes())];
        const change = register.draw(this.#random, this.#pictures.length);
        const outcome = await this.#send(one, change.endpoint, this.#bodyOf(change), tolerance);
        register.apply(change, outcome);
        if (outcome.kind === 'done') await this.#readBack(other, register, change.personId, tolerance);
        // A server that refuses at once is not to be flooded.
        else await wait(20);
      }
    };
    await Promise.all(this.#registers.map(drive));
  }

  /** Checks that a server answers by what its client was told last; what cannot be answered now is not checked. */
  async #readBack(server: Server, register: Register, personId: string, tolerance: Tolerance): Promise<void> {
    const info = await this.#send(server, 'getinfo', { person_id: personId }, tolerance);
    if (info.kind === 'done') register.settle(personId, personOf(info.data));
    else if (info.kind === 'refused' && info.code === -1303) register.settle(personId, undefined);
    const groupId = this.#random.of(register.groupIds);
    const image = this.#random.of(this.#pictures).toString('base64');
    const found = await this.#send(server, 'identify', { group_id: groupId, image }, tolerance);
    if (found.kind === 'lost' || (found.kind === 'refused' && found.code !== -1306)) return;
    const names = found.kind === 'done' ? namesOf(found.data) : [];
    const { must, may } = register.boundsOf(groupId);
    assert.ok(
      names.every((name) => may.includes(name)),
      `${groupId}: found are ${names}, and there may be ${may}`,
    );
    if (may.length > candidatesMax) return;
    assert.ok(
      must.every((id) => names.includes(id)),
      `${groupId}: found are ${names}, and there must be ${must}`,
    );
  }

  /**
   * Checks that the registry holds what the answers say, whole, and nothing else, and that faces of it can be found.
   * @throws AssertionError that says what is lost, half done or not found.
   */
  async verify(server: Server): Promise<void> {
    for (const register of this.#registers) {
      for (const id of register.personIds) register.settle(id, await this.#find(server, id));
      for (const groupId of register.groupIds) {
        const members = register.membersOf(groupId);
        const said = await this.#read(server, 'getpersonids', { group_id: groupId }, [-1306]);
        assert.deepEqual(
          ((said?.person_ids ?? []) as string[]).toSorted(),
          members.toSorted(),
          `members of ${groupId}`,
        );
        if (members.length === 0 || groupId !== register.groupIds[0]) continue;
        const image = this.#random.of(this.#pictures).toString('base64');
        const names = namesOf(await this.read(server, 'identify', { group_id: groupId, image }));
        assert.equal(
          names.length,
          Math.min(candidatesMax, members.length),
          `${groupId}: found are ${names} of ${members}`,
        );
        assert.ok(
          names.every((name) => members.includes(name)),
          `${groupId}: found are ${names} of ${members}`,
        );
      }
    }
  }

  /** Checks that the calls which were answered are counted, after the server was stopped. */
  async verifyUsage(data: string, ...flags: readonly string[]): Promise<void> {
    const { exitCode, text } = await runFamiliar('usage', '--json', '--data', data, ...flags);
    assert.equal(exitCode, 0, text);
    const rows = JSON.parse(text) as { readonly ok: number }[];
    const counted = rows.reduce((sum, { ok }) => sum + ok, 0);
    assert.ok(
      counted >= this.#done && counted <= this.#done + this.#lost,
      `${counted} calls are counted; ${this.#done} were answered, and ${this.#lost} got no answer`,
    );
  }

  /** Takes over what others have counted. */
  takeTally(others: Clients): void {
    for (const [code, times] of others.tally) this.tally.set(code, (this.tally.get(code) ?? 0) + times);
    this.#lost += others.lost;
    this.slowestMs = Math.max(this.slowestMs, others.slowestMs);
  }

  /** Registers somebody. @returns the code that this is answered with. */
  async registerOne(server: Server): Promise<number> {
    const register = this.#registers[0]!;
    const change = register.drawPerson(this.#random, this.#pictures.length);
    const outcome = await this.#send(server, change.endpoint, this.#bodyOf(change), {});
    register.apply(change, outcome);
    return outcome.kind === 'refused' ? outcome.code : 0;
  }

  /**
   * Erases somebody.
   * @throws AssertionError if that is refused.
   */
  async eraseOne(server: Server): Promise<void> {
    const register = this.#registers.find((one) => one.present.length > 0);
    assert.ok(register !== undefined, 'nobody is there to be erased');
    const change: Change = { endpoint: 'delperson', personId: register.present[0]!, fields: {}, picture: undefined };
    const outcome = await this.#send(server, change.endpoint, this.#bodyOf(change), {});
    assert.equal(outcome.kind, 'done', `delperson: ${JSON.stringify(outcome)}`);
    register.apply(change, outcome);
  }

  /** Makes one call that must be answered with code 0. */
  async read(server: Server, endpoint: string, fields: object): Promise<Record<string, unknown>> {
    return (await this.#read(server, endpoint, fields)) as Record<string, unknown>;
  }

  #bodyOf({ endpoint, personId, fields, picture }: Change): object {
    const image = picture === undefined ? undefined : this.#pictures[picture]!.toString('base64');
    return { person_id: personId, ...fields, ...(endpoint === 'addface' ? { images: [image] } : { image }) };
  }

  async #find(server: Server, personId: string): Promise<Person | undefined> {
    const data = await this.#read(server, 'getinfo', { person_id: personId }, [-1303]);
    if (data === undefined) return undefined;
    const person = personOf(data);
    for (const faceId of person.faces) await this.read(server, 'getfaceinfo', { face_id: faceId! });
    return person;
  }

  /** Undefined for a code that is expected. */
  async #read(
    server: Server,
    endpoint: string,
    fields: object,
    expected: readonly number[] = [],
  ): Promise<Record<string, unknown> | undefined> {
    const outcome = await this.#send(server, endpoint, fields, {});
    if (outcome.kind === 'done') return outcome.data;
    assert.ok(outcome.kind === 'refused' && expected.includes(outcome.code), `${endpoint}: ${JSON.stringify(outcome)}`);
    return undefined;
  }

  async #send(server: Server, endpoint: string, fields: object, tolerance: Tolerance): Promise<Outcome> {
    const { appid } = server.account;
    const began = performance.now();
    let answer: { readonly code: number; readonly message: string; readonly data: Record<string, unknown> };
    try {
      const response = await fetch(`${server.url}/face/${endpoint}`, {
        method: 'POST',
        headers: { authorization: signatureOf(server.account), 'content-type': 'application/json' },
        body: JSON.stringify({ appid, ...fields }),
        signal: AbortSignal.timeout(answerTimeoutMs),
      });
      answer = (await response.json()) as typeof answer;
    } catch (cause) {
      await Promise.race([server.ended, wait(1_000)]);
      if (tolerance.mayLose !== true || server.isAlive()) {
        const how = server.isAlive() ? 'runs' : 'has ended';
        throw new Error(`no answer to ${endpoint} from a server that ${how}: ${tail(server.errors())}`, { cause });
      }
      return this.#lose();
    }
    this.slowestMs = Math.max(this.slowestMs, performance.now() - began);
    const { code } = answer;
    this.tally.set(code, (this.tally.get(code) ?? 0) + 1);
    if (!documented.has(code) || (code === 213 && tolerance.mayFail !== true)) {
      throw new Error(`${endpoint} was answered ${JSON.stringify(answer)}: ${tail(server.errors())}`);
    }
    if (code === outOfReach || code === perhapsDone) {
      if (tolerance.isOut !== undefined && !tolerance.isOut())
        throw new Error(
          `${endpoint} was answered ${JSON.stringify(answer)} with the database there: ${tail(server.errors())}`,
        );
      if (code === perhapsDone && tolerance.isOut !== undefined) return this.#lose();
    }
    if (code !== 0) return { kind: 'refused', code };
    this.#done += 1;
    return { kind: 'done', data: answer.data };
  }

  #lose(): Outcome {
    this.#lost += 1;
    return { kind: 'lost' };
  }
}

function personOf(data: Record<string, unknown>): Person {
  const info = data as { person_name: string; tag: string; group_ids: string[]; face_ids: string[] };
  return { name: info.person_name, tag: info.tag, groups: info.group_ids, faces: info.face_ids };
}

function namesOf({ candidates }: Record<string, unknown>): readonly string[] {
  return (candidates as readonly { person_id: string }[]).map((candidate) => candidate.person_id);
}

function signatureOf({ appid, secretId, secretKey }: Account): string {
  const madeAt = Math.floor(Date.now() / 1000);
  return sign({ appid, secretId, madeAt, expires: madeAt + 600 }, secretKey);
}
