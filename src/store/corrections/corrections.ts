/** What stores offer of corrections. */
import { randomUUID } from 'node:crypto';
import type { Limits } from '../../domain/stores.ts';
import { forgetProposal } from '../check/proposals.ts';
import type { Registry } from '../registry.ts';
import type { Correction, Made } from './correction.ts';
import { make } from './make.ts';
import { type CorrectionRecord, findRecords, forgetOld, forgetRecord, keepRecord } from './records.ts';
import { CorrectionRefused } from './refused.ts';
import { undoIt } from './undo.ts';

/** Corrects registries. */
export interface Corrections {
  /**
   * Makes a correction, in one transaction; a search that begins afterwards finds what it made.
   * @param proposal the id of the proposal that it carries out, which is then made no more.
   * @returns its id, by which it can be undone for a day.
   * @throws CorrectionRefused; Refusal `tooManyRequests` if the appid may not have another person.
   */
  make(appid: string, correction: Correction, limits: Limits, proposal?: string): Promise<string>;
  /**
   * Undoes a correction, in one transaction.
   * @throws CorrectionRefused if it is not known, too old, or not as it left things; what it tells of may have been erased.
   */
  undo(appid: string, id: string, limits: Limits): Promise<void>;
  /** Those that can be undone, the newest first. */
  list(appid: string): Promise<readonly CorrectionRecord[]>;
  /** Deletes what would undo corrections that are too old. */
  forgetOld(): Promise<void>;
}

/** What corrections work with. */
export interface CorrectionParts {
  readonly registryOf: (appid: string) => Registry;
  /** Runs work in a transaction of no appid. */
  readonly transact: (work: (db: Parameters<typeof forgetOld>[0]) => Promise<void>) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Opens corrections. */
export function openCorrections({ registryOf, transact, now }: CorrectionParts): Corrections {
  return {
    make: (appid, correction, limits, proposal) =>
      registryOf(appid).correct(async (scope, { touched, growth }) => {
        const { undo, subjects }: Made = await make({ scope, touched, growth, limits }, correction);
        const id = randomUUID();
        if (proposal !== undefined) await forgetProposal(scope, proposal);
        await keepRecord(scope, await scope.key(), { id, madeAt: now(), undo }, subjects);
        return id;
      }),
    undo: (appid, id, limits) =>
      registryOf(appid).correct(async (scope, { touched, growth }) => {
        const [record] = await findRecords(scope, now(), id);
        if (record === undefined) {
          throw new CorrectionRefused('unknown', `there is no correction ${id} that can be undone`);
        }
        await undoIt({ scope, touched, growth, limits }, record.undo);
        await forgetRecord(scope, id);
      }),
    list: (appid) => registryOf(appid).look((scope) => findRecords(scope, now())),
    forgetOld: () => transact((db) => forgetOld(db, now())),
  };
}
