/** Enrols pictures of persons, as newperson and addface do: as many at once as keep every worker busy. */
import { setTimeout as wait } from 'node:timers/promises';
import type { RequestContext } from '../../domain/context.ts';
import { prepareFace } from '../../domain/enrolment.ts';
import { type AddedFace, addFaces } from '../../domain/faces.ts';
import { joinGroups } from '../../domain/groups.ts';
import { registerPerson } from '../../domain/persons.ts';
import { Refusal, type RefusalName } from '../../errors/refusals.ts';
import type { Journal, Outcome } from './journal.ts';
import { checkWords, type PictureSupply, type SuppliedPerson, type SuppliedPicture } from './supply.ts';

/** What is enrolled, and how. */
export interface EnrolOptions {
  readonly context: RequestContext;
  readonly supply: PictureSupply;
  readonly journal: Journal;
  /** How many pictures are analysed at once. */
  readonly workers: number;
  /** Whether everything is analysed and nothing written. */
  readonly isDryRun: boolean;
  /** Called with how many of how many pictures are done. */
  readonly onProgress: (done: number, total: number) => void;
  /** Told of each picture that is refused, by the label that it has in the supply. */
  readonly onRefused: (picture: {
    readonly person_id: string;
    readonly picture: string;
    readonly reason: string;
    readonly detail: string;
  }) => void;
}

/** What came of it. */
export interface EnrolReport {
  /** Persons who were registered. */
  readonly persons: number;
  /** Pictures whose faces were added to a person. */
  readonly added: number;
  /** Pictures whose faces their persons had already. */
  readonly known: number;
  /** Pictures that an earlier run of the same import had done; they are among those above and below. */
  readonly earlier: number;
  readonly refused: number;
  /** How many pictures were refused by reason. */
  readonly refusals: Readonly<Record<string, number>>;
  readonly seconds: number;
}

/** Refusals after which a picture may be accepted when the import is begun again: they are not noted. */
const passing: ReadonlySet<string> = new Set<RefusalName>(['downloadFailed', 'downloadBroken', 'pictureMissing']);
/** Pictures of one person that are analysed together, after the one that the person was registered with. */
const together = 4;
/** How often a write is tried, and how long after the first failure the second one is, in milliseconds; then twice as long, and so on. */
const [triesMax, pauseMs] = [6, 250];

/**
 * Enrols all pictures of a supply. A person who is there already gets the faces that it has not, and joins the groups; so an import
 * that was interrupted, and one that is given twice, adds nobody and nothing twice.
 * @throws Refusal `tooManyRequests` if the appid may keep no more, `storageFailed`; the signal's reason. What was enrolled until then is there,
 *   and the import goes on when it is begun again.
 */
export async function enrol(options: EnrolOptions): Promise<EnrolReport> {
  const { context, supply, workers } = options;
  const run = new EnrolRun(options, await supply.count(context.signal));
  const persons = supply.persons(context.signal)[Symbol.asyncIterator]();
  let failure: { readonly error: unknown } | undefined;
  const work = async (): Promise<void> => {
    for (;;) {
      if (failure !== undefined) return;
      const { value, done } = await persons.next();
      if (done === true) return;
      await run.enrolPerson(value);
    }
  };
  // Twice as many persons as workers, so that a worker has a picture while another one's faces are written.
  const works = Array.from({ length: workers * 2 }, () =>
    work().catch((error: unknown) => {
      failure ??= { error };
    }),
  );
  await Promise.all(works);
  await persons.return?.();
  if (failure !== undefined) throw failure.error;
  return run.report();
}

/** One run of an import. */
class EnrolRun {
  readonly #options: EnrolOptions;
  readonly #start = performance.now();
  readonly #total: number;
  readonly #counts = { persons: 0, added: 0, known: 0, earlier: 0, refused: 0 };
  readonly #refusals: Record<string, number> = {};

  constructor(options: EnrolOptions, total: number) {
    this.#options = options;
    this.#total = total;
  }

  report(): EnrolReport {
    const refusals = Object.fromEntries(Object.entries(this.#refusals).sort(([, a], [, b]) => b - a));
    return { ...this.#counts, refusals, seconds: (performance.now() - this.#start) / 1000 };
  }

  async enrolPerson(supplied: SuppliedPerson): Promise<void> {
    const { journal } = this.#options;
    const open: SuppliedPicture[] = [];
    for (const picture of supplied.pictures) {
      const before = journal.find(supplied.person.id, picture.key);
      if (before === undefined) open.push(picture);
      else this.#count(before, true);
    }
    if (open.length === 0) return;
    try {
      checkWords(supplied);
    } catch (error) {
      await this.#settle(
        supplied,
        open.map((picture) => ({ picture, ...refusalOf(error) })),
      );
      return;
    }
    if (this.#options.isDryRun) await this.#look(supplied, open);
    else await this.#add(supplied, await this.#register(supplied, open));
  }

  /** Analyses pictures, and says what would come of them as far as nothing need be written for it. */
  async #look(supplied: SuppliedPerson, pictures: readonly SuppliedPicture[]): Promise<void> {
    const { context } = this.#options;
    for (const picture of pictures) {
      const done = await this.#tried(async () => {
        await prepareFace(context, picture.source, supplied.person.id, picture.tag);
        return { outcome: 'added', detail: '' };
      });
      await this.#settle(supplied, [{ picture, ...done }]);
    }
  }

  /**
   * Registers the person with the first picture that is accepted, unless the person is there.
   * @returns the pictures that are left.
   */
  async #register(supplied: SuppliedPerson, pictures: readonly SuppliedPicture[]): Promise<readonly SuppliedPicture[]> {
    const { context } = this.#options;
    const { person, groupIds } = supplied;
    let left = pictures;
    while (left.length > 0) {
      if ((await context.store.findPerson(person.id)) !== undefined) {
        const joined = await this.#tried(async () => {
          await joinGroups(context, person.id, groupIds);
          return { outcome: 'known', detail: '' };
        });
        if (joined.outcome === 'known') return left;
        await this.#settle(
          supplied,
          left.map((picture) => ({ picture, ...joined })),
        );
        return [];
      }
      const [picture, ...others] = left as [SuppliedPicture, ...SuppliedPicture[]];
      const done = await this.#tried(async () => {
        await registerPerson(context, { person, groupIds, picture: picture.source });
        return { outcome: 'added', detail: '' };
      });
      // Somebody registered the person meanwhile.
      if (done.outcome === 'personExists') continue;
      if (done.outcome === 'added') this.#counts.persons += 1;
      await this.#settle(supplied, [{ picture, ...done }]);
      left = others;
    }
    return left;
  }

  /** Adds faces to a person who is there. */
  async #add(supplied: SuppliedPerson, pictures: readonly SuppliedPicture[]): Promise<void> {
    let isFull = false;
    for (let from = 0; from < pictures.length; from += together) {
      const some = pictures.slice(from, from + together);
      if (isFull) {
        await this.#settle(
          supplied,
          some.map((picture) => ({ picture, outcome: 'tooManyFaces', detail: '' })),
        );
        continue;
      }
      const done = await this.#addSome(supplied.person.id, some);
      await this.#settle(supplied, done);
      isFull = done.some(({ outcome }) => outcome === 'tooManyFaces');
    }
  }

  async #addSome(personId: string, pictures: readonly SuppliedPicture[]): Promise<readonly Done[]> {
    const { context } = this.#options;
    const byTag = Map.groupBy(pictures, ({ tag }) => tag);
    const done: Done[] = [];
    for (const [tag, some] of byTag) {
      const add = async (few: readonly SuppliedPicture[]): Promise<Done[]> => {
        const added = await addFaces(context, { personId, tag, pictures: few.map(({ source }) => source) });
        return added.map((one, i) => ({ picture: few[i]!, ...outcomeOf(one) }));
      };
      try {
        done.push(...(await this.#retried(() => add(some))));
      } catch (error) {
        if (endsImport(error, context.signal)) throw error;
        // One of the pictures may have cost a worker: the others need not suffer for it.
        for (const picture of some) {
          const one = await this.#tried(async () => (await add([picture]))[0]!);
          done.push({ ...one, picture });
        }
      }
    }
    return done;
  }

  /** What came of work on one picture, unless it ends the import. */
  async #tried(work: () => Promise<Omit<Done, 'picture'>>): Promise<Omit<Done, 'picture'>> {
    try {
      return await this.#retried(work);
    } catch (error) {
      if (endsImport(error, this.#options.context.signal)) throw error;
      return refusalOf(error);
    }
  }

  /** Tries work again whose write failed: another process may have held the database for a while. */
  async #retried<T>(work: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof Refusal) || error.refusal !== 'storageFailed' || tries === triesMax) throw error;
        await wait(pauseMs * 2 ** (tries - 1), undefined, { signal: this.#options.context.signal });
      }
    }
  }

  async #settle({ person }: SuppliedPerson, done: readonly Done[]): Promise<void> {
    const { journal, onRefused } = this.#options;
    const noted = done.filter(({ outcome }) => !passing.has(outcome));
    await journal.note(
      person.id,
      noted.map(({ picture, outcome }) => ({ key: picture.key, outcome })),
    );
    for (const { picture, outcome, detail } of done) {
      this.#count(outcome, false);
      if (outcome === 'added' || outcome === 'known') continue;
      onRefused({ person_id: person.id, picture: picture.label, reason: outcome, detail });
    }
  }

  #count(outcome: Outcome, isEarlier: boolean): void {
    const counts = this.#counts;
    if (isEarlier) counts.earlier += 1;
    if (outcome === 'added') counts.added += 1;
    else if (outcome === 'known') counts.known += 1;
    else {
      counts.refused += 1;
      this.#refusals[outcome] = (this.#refusals[outcome] ?? 0) + 1;
    }
    const done = counts.added + counts.known + counts.refused;
    this.#options.onProgress(done, Math.max(done, this.#total));
  }
}

/** What came of one picture. */
interface Done {
  readonly picture: SuppliedPicture;
  readonly outcome: Outcome;
  readonly detail: string;
}

function outcomeOf(one: AddedFace): Omit<Done, 'picture'> {
  if (!('refusal' in one)) return { outcome: 'added', detail: '' };
  if (one.refusal === 'sameFace') return { outcome: 'known', detail: '' };
  const { score, fault = '' } = one.quality ?? {};
  return { outcome: one.refusal, detail: score === undefined ? '' : `quality ${score} ${fault}`.trim() };
}

function refusalOf(error: unknown): Omit<Done, 'picture'> {
  if (error instanceof Refusal) return { outcome: error.refusal, detail: error.detail };
  return { outcome: 'internal', detail: (error as Error).message };
}

/** Whether no other picture would fare better. */
function endsImport(error: unknown, signal: AbortSignal): boolean {
  if (signal.aborted) return true;
  return error instanceof Refusal && ['tooManyRequests', 'storageFailed', 'unavailable'].includes(error.refusal);
}
