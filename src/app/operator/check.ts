/** The operator's orders about checks of a register: run one, see what it proposes, accept or dismiss that. */
import { randomUUID } from 'node:crypto';
import type { FaceAnalyzer } from '../../domain/face-analyzer.ts';
import type { Finding, FindingKind } from '../../store/check/finding.ts';
import type { Proposal, ProposalPage, ProposalPlace } from '../../store/check/proposals.ts';
import type { CheckOutcome, CheckRun } from '../../store/check/runs.ts';
import type { Stores } from '../../store/open.ts';
import type { LimitSettings } from '../caller-limits.ts';
import { cosinesFor, findingsOf, poorQuality } from './check-findings.ts';
import { OrderRefused } from './order.ts';
import { type CorrectedStores, correctPersons } from './persons.ts';
import { unknownTenant } from './tenants.ts';

export { type Finding, type FindingKind, findingKinds } from '../../store/check/finding.ts';
export type { Proposal, ProposalPage, ProposalPlace } from '../../store/check/proposals.ts';

/** What checks are made in. */
export type CheckedStores = Pick<Stores, 'checks' | 'of' | 'audit'> & CorrectedStores;

/** How a check runs. */
export interface CheckOptions {
  /** How many threads compare; one a core if absent. */
  readonly threads?: number | undefined;
  /** Told how many of how many comparisons are done. */
  readonly onProgress?: (done: number, total: number) => void;
  /** Told once it has begun: whatever could refuse it has not. */
  readonly onBegun?: () => void;
  readonly signal: AbortSignal;
}

/** What came of a check. */
export interface CheckReport extends CheckOutcome {
  /** How many proposals are open, by kind. */
  readonly open: Readonly<Record<string, number>>;
}

/** How often a check gives a sign of life, in milliseconds. */
const signMs = 5_000;
/** Findings that one transaction writes, so that other writers do not wait long. */
const findingsAtOnce = 50;

/**
 * Checks the register of an appid: compares all persons with all, and proposes what should be corrected.
 * @throws OrderRefused if there is no such appid, or another check of it runs.
 */
export async function runCheck(
  stores: CheckedStores,
  analyzer: Pick<FaceAnalyzer, 'model' | 'dimension' | 'scoreOf' | 'areCopies'>,
  appid: string,
  options: CheckOptions,
): Promise<CheckReport> {
  const [tenant] = await stores.tenants.list(appid);
  if (tenant === undefined) throw unknownTenant(appid);
  const run = randomUUID();
  if (!(await stores.checks.begin(appid, run))) throw new OrderRefused('exists', `a check of ${appid} runs already`);
  options.onBegun?.();
  const start = performance.now();
  await using life = new SignsOfLife(stores, appid, run, options);
  try {
    const { signal } = life;
    const cosines = cosinesFor(analyzer, tenant.kept.persons);
    const { model, dimension } = analyzer;
    const { threads } = options;
    const onProgress = (done: number, total: number): void => life.note(done, total);
    const scanned = await stores.checks.scan(appid, { model, dimension, cosines, threads, onProgress, signal });
    const poor = await stores.checks.poorFaces(appid, poorQuality);
    const parts = { analyzer, store: stores.of(appid), signal };
    const findings = await findingsOf(scanned, poor.faces, cosines, parts);
    for (let i = 0; i < findings.length; i += findingsAtOnce) {
      signal.throwIfAborted();
      await stores.checks.propose(appid, run, findings.slice(i, i + findingsAtOnce));
    }
    const { persons, faces, single, isCut } = scanned;
    const ms = Math.round(performance.now() - start);
    const outcome = { persons, faces, single, isCut, ms, unknownQuality: poor.unknown };
    await stores.checks.end(appid, run, outcome);
    const open = await stores.checks.counts(appid);
    await stores.audit.note(appid, { action: 'check', detail: { persons, ...open } });
    return { ...outcome, open };
  } catch (error) {
    // Whatever keeps that from being noted, the check is taken for lost a minute later.
    await stores.checks.end(appid, run, undefined).catch(() => {});
    throw error;
  }
}

/** Tells the database that a check lives, and ends the check if another one has taken its place. */
class SignsOfLife implements AsyncDisposable {
  readonly #timer: NodeJS.Timeout;
  readonly #superseded = new AbortController();
  readonly #options: CheckOptions;
  #telling: Promise<void> = Promise.resolve();
  #progress = { done: 0, total: 0 };

  constructor(stores: Pick<Stores, 'checks'>, appid: string, run: string, options: CheckOptions) {
    this.#options = options;
    const tell = async (): Promise<void> => {
      const { done, total } = this.#progress;
      if (await stores.checks.tell(appid, run, done, total)) return;
      this.#superseded.abort(new OrderRefused('exists', `another check of ${appid} has begun`));
    };
    this.#timer = setInterval(() => {
      // A sign that cannot be given is given the next time.
      this.#telling = this.#telling.then(tell).catch(() => {});
    }, signMs);
  }

  get signal(): AbortSignal {
    return AbortSignal.any([this.#options.signal, this.#superseded.signal]);
  }

  note(done: number, total: number): void {
    this.#progress = { done, total };
    this.#options.onProgress?.(done, total);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    clearInterval(this.#timer);
    await this.#telling;
  }
}

/** The last check of an appid, and how many proposals are open. */
export interface CheckState {
  /** Undefined if there was none. */
  readonly run: CheckRun | undefined;
  readonly open: Readonly<Record<string, number>>;
}

/** How the last check does. @throws OrderRefused if there is no such appid. */
export async function reportCheck(stores: CheckedStores, appid: string): Promise<CheckState> {
  if ((await stores.tenants.list(appid)).length === 0) throw unknownTenant(appid);
  return { run: await stores.checks.find(appid), open: await stores.checks.counts(appid) };
}

/** Open proposals, the surest first. @throws OrderRefused if there is no such appid. */
export async function listProposals(
  stores: CheckedStores,
  appid: string,
  query: {
    readonly kind?: FindingKind | undefined;
    readonly after?: ProposalPlace | undefined;
    readonly count: number;
  },
): Promise<ProposalPage> {
  if ((await stores.tenants.list(appid)).length === 0) throw unknownTenant(appid);
  return stores.checks.list(appid, query);
}

/** All open proposals, page by page. */
export async function* allProposals(
  stores: CheckedStores,
  appid: string,
  kind?: FindingKind,
): AsyncGenerator<readonly Proposal[], void> {
  for (let after: ProposalPlace | undefined; ; ) {
    const page: ProposalPage = await listProposals(stores, appid, { kind, after, count: 500 });
    yield page.proposals;
    after = page.next;
    if (after === undefined) return;
  }
}

/** How a proposal is carried out. */
export interface Acceptance {
  /** Of a double the person that stays; of a stray whom the face is given to, who is made if there is no such person. */
  readonly to?: string | undefined;
  /** The name and tag of the person that stays, or is made. */
  readonly name?: string | undefined;
  readonly tag?: string | undefined;
  /** Has to be said where a face is erased, which nobody can undo. */
  readonly erase?: boolean | undefined;
}

/**
 * Carries out a proposal.
 * @returns the id of the correction, by which it can be undone for a day; undefined where a face was erased.
 * @throws OrderRefused; nothing was changed then.
 */
export async function acceptProposal(
  stores: CheckedStores,
  settings: LimitSettings,
  appid: string,
  id: string,
  how: Acceptance,
): Promise<string | undefined> {
  const finding = await findingOf(stores, appid, id);
  const words = { name: how.name, tag: how.tag };
  switch (finding.kind) {
    case 'double': {
      const [from, to] = await sidesOf(stores, appid, finding.persons, how.to);
      return correctPersons(stores, settings, appid, { kind: 'merge', from, to, ...words }, id);
    }
    case 'stray': {
      const { person, face, resembles } = finding;
      const to = how.to ?? resembles?.person;
      if (to === undefined)
        throw new OrderRefused('invalid', 'name the person whose face it is: one that is not there is made');
      const isThere = (await stores.of(appid).findPerson(to)) !== undefined;
      const correction = isThere
        ? ({ kind: 'move', faces: [face], to } as const)
        : ({ kind: 'split', from: person, faces: [face], to, ...words } as const);
      return correctPersons(stores, settings, appid, correction, id);
    }
    case 'copy':
      return eraseFace(stores, appid, finding.person, finding.faces[1], how);
    case 'lowQuality':
      return eraseFace(stores, appid, finding.person, finding.face, how);
  }
}

/**
 * Dismisses a proposal for good: of a double it is noted that the persons are not the same, whatever else is not proposed again.
 * @returns the id of the correction, by which the note can be undone for a day; undefined where there is none.
 * @throws OrderRefused if there is no such proposal.
 */
export async function dismissProposal(
  stores: CheckedStores,
  settings: LimitSettings,
  appid: string,
  id: string,
): Promise<string | undefined> {
  const finding = await findingOf(stores, appid, id);
  if (finding.kind === 'double') {
    const [first, second] = finding.persons;
    return correctPersons(stores, settings, appid, { kind: 'forbid', first, second }, id);
  }
  if (!(await stores.checks.dismiss(appid, id))) throw unknownProposal(id);
  return undefined;
}

/** The person that goes and the one that stays: unless it is said, the one with more faces. */
async function sidesOf(
  stores: CheckedStores,
  appid: string,
  [first, second]: readonly [string, string],
  to: string | undefined,
): Promise<readonly [from: string, to: string]> {
  if (to !== undefined && to !== first && to !== second) {
    throw new OrderRefused('invalid', `the person that stays is ${first} or ${second}`);
  }
  const stays = to ?? ((await facesOf(stores, appid, second)) > (await facesOf(stores, appid, first)) ? second : first);
  return stays === first ? [second, first] : [first, second];
}

async function facesOf(stores: CheckedStores, appid: string, person: string): Promise<number> {
  const list = await stores.of(appid).facesOf(person);
  return list === undefined ? 0 : (JSON.parse(Buffer.from(list.json).toString()) as string[]).length;
}

async function eraseFace(
  stores: CheckedStores,
  appid: string,
  person: string,
  face: string,
  { erase }: Acceptance,
): Promise<undefined> {
  if (erase !== true) throw new OrderRefused('invalid', 'the face is erased for good: say that it is to be erased');
  // With the face goes the proposal, in the same transaction.
  if ((await stores.of(appid).deleteFaces(person, [face])).length === 0) {
    throw new OrderRefused('unknown', `there is no face ${face} of ${person} any more`);
  }
}

async function findingOf(stores: CheckedStores, appid: string, id: string): Promise<Finding> {
  const finding = await stores.checks.findProposal(appid, id);
  if (finding === undefined) throw unknownProposal(id);
  return finding;
}

function unknownProposal(id: string): OrderRefused {
  return new OrderRefused('unknown', `there is no proposal ${id}`);
}
