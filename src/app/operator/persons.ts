/** The operator's corrections of who is who. Each is one function, whoever gives the order. */
import { type Field, id, readField, text } from '../../contract/fields.ts';
import type { Limits } from '../../domain/stores.ts';
import { Refusal } from '../../errors/refusals.ts';
import { actingAs, currentAct } from '../../store/audit/act.ts';
import { type Correction, CorrectionRefused, type Stores } from '../../store/open.ts';
import { type LimitSettings, limitsOf } from '../caller-limits.ts';
import { OrderRefused } from './order.ts';
import { unknownTenant } from './tenants.ts';

export type { Correction } from '../../store/open.ts';

/** What corrections are made in. */
export type CorrectedStores = Pick<Stores, 'corrections' | 'tenants'>;

/** A correction that can be undone, as it is shown. */
export interface CorrectionReport {
  readonly id: string;
  readonly kind: Correction['kind'];
  /** Milliseconds since 1970. */
  readonly madeAt: number;
  /** The persons that it tells of. */
  readonly persons: readonly string[];
  /** The faces that it gave to another person. */
  readonly faces: readonly string[];
}

/**
 * Corrects who is who in the register of an appid. The audit calls it as the command does, whoever asks for it.
 * @param proposal the id of the proposal that it carries out.
 * @returns the id of the correction, by which it can be undone for a day.
 * @throws OrderRefused; nothing was changed then.
 */
export async function correctPersons(
  stores: CorrectedStores,
  settings: LimitSettings,
  appid: string,
  correction: Correction,
  proposal?: string,
): Promise<string> {
  refuseUnreadable(correction);
  const limits = await limitsIn(stores, settings, appid);
  const act = { ...currentAct(), action: `persons ${correction.kind}` };
  return refusing(() => actingAs(act, () => stores.corrections.make(appid, correction, limits, proposal)));
}

/** Undoes a correction. @throws OrderRefused; nothing was changed then. */
export async function undoCorrection(
  stores: CorrectedStores,
  settings: LimitSettings,
  appid: string,
  correctionId: string,
): Promise<void> {
  const limits = await limitsIn(stores, settings, appid);
  const act = { ...currentAct(), action: 'persons undo' };
  await refusing(() => actingAs(act, () => stores.corrections.undo(appid, correctionId, limits)));
}

/**
 * The corrections of an appid that can be undone, the newest first.
 * @param personId only those that tell of this person.
 * @throws OrderRefused if there is no such appid.
 */
export async function reportCorrections(
  stores: CorrectedStores,
  appid: string,
  personId?: string,
): Promise<readonly CorrectionReport[]> {
  if ((await stores.tenants.list(appid)).length === 0) throw unknownTenant(appid);
  const reports = (await stores.corrections.list(appid)).map(({ id, madeAt, undo }) => ({
    id,
    madeAt,
    ...toldOf(undo),
  }));
  return personId === undefined ? reports : reports.filter(({ persons }) => persons.includes(personId));
}

function toldOf(undo: Awaited<ReturnType<Stores['corrections']['list']>>[number]['undo']) {
  const { kind } = undo;
  const faces = 'faces' in undo ? undo.faces.map((face) => face.id) : [];
  switch (kind) {
    case 'move':
      return { kind, persons: [...new Set(undo.faces.map(({ personId }) => personId)), undo.to], faces };
    case 'merge':
      return { kind, persons: [undo.from.id, undo.to.id], faces };
    case 'split':
    case 'rename':
      return { kind, persons: [undo.from, undo.to], faces };
    case 'forbid':
    case 'allow':
      return { kind, persons: [undo.first, undo.second], faces };
  }
}

function refuseUnreadable(correction: Correction): void {
  const ids = 'first' in correction ? [correction.first, correction.second] : [correction.to];
  for (const one of ids) refuseUnlessReadable('person id', id(''), one);
  if ('faces' in correction && correction.faces.length === 0) throw new OrderRefused('invalid', 'name a face');
  if ('name' in correction) refuseUnlessReadable('name', text(''), correction.name);
  if ('tag' in correction) refuseUnlessReadable('tag', text(''), correction.tag);
}

/** Ids, names and tags that clients could not write are not written by operators either. @throws OrderRefused. */
export function refuseUnlessReadable(name: string, field: Field<string>, value: string | undefined): void {
  try {
    readField(name, field, value);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    throw new OrderRefused('invalid', `${name}: not one that the face API takes`);
  }
}

/** The limits that an operator's changes keep to. @throws OrderRefused if there is no such appid. */
export async function limitsIn(
  { tenants }: Pick<Stores, 'tenants'>,
  settings: LimitSettings,
  appid: string,
): Promise<Limits> {
  const [tenant] = await tenants.list(appid);
  if (tenant === undefined) throw unknownTenant(appid);
  return limitsOf(settings, appid, tenant.limits);
}

async function refusing<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CorrectionRefused) throw new OrderRefused(error.why, error.message);
    if (error instanceof Refusal && error.refusal === 'tooManyRequests') {
      throw new OrderRefused('invalid', 'the appid has as many persons as it may have');
    }
    throw error;
  }
}
