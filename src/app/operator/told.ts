/** Has the audit tell of what changes or reads files, and not the database: as a backup does. */
import type { Stores, StoresAudit } from '../../store/open.ts';
import { openData } from '../create-app.ts';
import { findMasterKey } from '../master-key.ts';
import { openReport } from '../report.ts';
import type { Settings } from '../settings.ts';

/** What work gave, and whether the audit tells of it. */
export interface Told<T> {
  readonly result: T;
  /** False if there is no register yet, or its master key is not at hand. */
  readonly isTold: boolean;
}

/**
 * Does work between two lines of the audit: one before it begins, since it cannot be of one transaction with it, and one that says
 * how it ended (0, or 1 if it threw).
 * @param action the command.
 * @param detail what is told besides.
 * @param work given the stores, if they could be opened.
 */
export async function telling<T>(
  settings: Settings,
  action: string,
  detail: Readonly<Record<string, unknown>>,
  work: (stores: Stores | undefined) => Promise<T>,
): Promise<Told<T>> {
  if (!(await canTell(settings))) return { result: await work(undefined), isTold: false };
  await using stores = await openData(settings);
  return { result: await between(stores.audit, action, detail, () => work(stores)), isTold: true };
}

async function between<T>(
  audit: StoresAudit,
  action: string,
  detail: Readonly<Record<string, unknown>>,
  work: () => Promise<T>,
): Promise<T> {
  await audit.note('', { action, detail, code: null });
  try {
    const result = await work();
    await audit.note('', { action, detail, code: 0 });
    return result;
  } catch (error) {
    await audit.note('', { action, detail, code: 1 });
    throw error;
  }
}

async function canTell(settings: Settings): Promise<boolean> {
  await using register = await openReport(settings);
  if (register === undefined) return false;
  const fingerprint = await register.fingerprint();
  const key = await findMasterKey(settings, fingerprint);
  return key !== undefined && key.fingerprint === fingerprint;
}
