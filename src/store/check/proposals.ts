/** Keeps what checks propose, encrypted, until an operator accepts or dismisses it, or somebody it tells of is erased. */
import type { KeyObject } from 'node:crypto';
import type { Kysely } from 'kysely';
import { digestOf } from '../audit/hash.ts';
import { isForbidden } from '../corrections/pairs.ts';
import { placesOf } from '../corrections/rows.ts';
import { dialectOf } from '../dialects/dialect.ts';
import { constant } from '../dialects/expressions.ts';
import { decrypt, encrypt } from '../encryption/cipher.ts';
import { wrappedKeyOf } from '../encryption/data-keys.ts';
import { prepareWrite } from '../prepared.ts';
import type { ChangingScope, DecryptingScope, OpeningScope, Scope } from '../scope.ts';
import type { Tables } from '../tables.ts';
import { type Finding, type FindingKind, keyOf, pairKey, placesIn, subjectsOf, weightOf } from './finding.ts';

/** A finding that is proposed to the operator. */
export interface Proposal {
  readonly id: string;
  readonly finding: Finding;
}

/** Where a list of proposals goes on. */
export interface ProposalPlace {
  readonly weight: number;
  readonly id: string;
}

/** Some proposals, and where there are more. */
export interface ProposalPage {
  readonly proposals: readonly Proposal[];
  readonly next: ProposalPlace | undefined;
}

/**
 * Writes what a run found, in one transaction; what is not so any more, what was dismissed, and pairs that are forbidden are left out.
 * @returns how many are proposed.
 */
export async function propose(scope: ChangingScope, run: string, findings: readonly Finding[]): Promise<number> {
  const { db, appid } = scope;
  const faces = findings.flatMap((finding) => placesIn(finding).map(({ face }) => face));
  const places = new Map((await placesOf(scope, faces)).map(({ id, personId }) => [id, personId]));
  const key = await scope.key();
  let proposed = 0;
  for (const finding of findings) {
    if (placesIn(finding).some(({ face, person }) => places.get(face) !== person)) continue;
    if (finding.kind === 'double' && (await isForbidden(scope, ...finding.persons))) continue;
    const id = idOf(key, keyOf(finding));
    const row = {
      run,
      weight: weightOf(finding),
      encrypted_finding: encrypt(key, Buffer.from(JSON.stringify(finding)), ['proposals', id]),
    };
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('proposals')
      .values({ appid, id, state: 'open', kind: finding.kind, ...row })
      .onConflict((conflict) =>
        conflict.columns(['appid', 'id']).doUpdateSet(row).where('proposals.state', '=', 'open'),
      )
      .executeTakeFirstOrThrow();
    if (numInsertedOrUpdatedRows !== 1n) continue;
    proposed += 1;
    const { persons, faces: theirs } = subjectsOf(finding);
    const digests = [
      ...persons.map((person) => digestOf(key, 'persons', person)),
      ...theirs.map((face) => digestOf(key, 'faces', face)),
    ];
    await db.deleteFrom('proposal_subjects').where('appid', '=', appid).where('id', '=', id).execute();
    for (const digest of new Set(digests))
      await db.insertInto('proposal_subjects').values({ appid, digest, id }).execute();
  }
  return proposed;
}

/** Deletes the open proposals that the last run has not found again. */
export async function forgetOthers({ db, appid }: Scope, run: string): Promise<void> {
  await db
    .deleteFrom('proposals')
    .where('appid', '=', appid)
    .where('state', '=', 'open')
    .where('run', '<>', run)
    .execute();
}

/** Open proposals in their order, from after a place on; of one kind if one is named. */
export async function listProposals(
  scope: OpeningScope,
  {
    kind,
    after,
    count,
  }: { readonly kind?: FindingKind | undefined; readonly after?: ProposalPlace | undefined; readonly count: number },
): Promise<ProposalPage> {
  const { db, appid } = scope;
  const rows = await db
    .selectFrom('proposals')
    .select(['id', 'weight', 'encrypted_finding', wrappedKeyOf(appid).as('wrapped')])
    .where('appid', '=', appid)
    .where('state', '=', 'open')
    .$if(kind !== undefined, (query) => query.where('kind', '=', kind!))
    .$if(after !== undefined, (query) =>
      query.where(({ eb, refTuple, tuple }) => eb(refTuple('weight', 'id'), '>', tuple(after!.weight, after!.id))),
    )
    .orderBy('weight')
    .orderBy('id')
    .limit(constant(count))
    .execute();
  const last = rows.at(-1);
  return {
    proposals: rows.map((row) => ({ id: row.id, finding: open(scope, row) })),
    next: rows.length < count || last === undefined ? undefined : { weight: last.weight, id: last.id },
  };
}

/** Reads an open proposal. */
export async function findProposal(scope: OpeningScope, id: string): Promise<Finding | undefined> {
  const { db, appid } = scope;
  const row = await db
    .selectFrom('proposals')
    .select(['id', 'encrypted_finding', wrappedKeyOf(appid).as('wrapped')])
    .where('appid', '=', appid)
    .where('id', '=', id)
    .where('state', '=', 'open')
    .executeTakeFirst();
  return row && open(scope, row);
}

/** How many open proposals there are of each kind. */
export async function countProposals({ db, appid }: OpeningScope): Promise<Readonly<Record<string, number>>> {
  const rows = await db
    .selectFrom('proposals')
    .select('kind')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('appid', '=', appid)
    .where('state', '=', 'open')
    .groupBy('kind')
    .execute();
  return Object.fromEntries(rows.map(({ kind, count }) => [kind, count]));
}

/** Has a proposal never be made again: nothing but the digests of its faces is left of it. @returns false if it is not open. */
export async function dismissProposal(scope: ChangingScope, id: string): Promise<boolean> {
  const { db, appid } = scope;
  const finding = await findProposal(scope, id);
  if (finding === undefined) return false;
  const key = await scope.key();
  await db
    .updateTable('proposals')
    .set({ state: 'dismissed', encrypted_finding: encrypt(key, Buffer.from('null'), ['proposals', id]) })
    .where('appid', '=', appid)
    .where('id', '=', id)
    .execute();
  // The persons of these faces may be others by and by, and be erased.
  const persons = subjectsOf(finding).persons.map((person) => digestOf(key, 'persons', person));
  await db
    .deleteFrom('proposal_subjects')
    .where('appid', '=', appid)
    .where('id', '=', id)
    .where('digest', 'in', persons)
    .execute();
  return true;
}

/** Deletes a proposal that is done. */
export async function forgetProposal({ db, appid }: DecryptingScope, id: string): Promise<void> {
  await db.deleteFrom('proposals').where('appid', '=', appid).where('id', '=', id).execute();
}

/** Deletes the proposal that two persons are one, when it is said that they are not. */
export async function forgetDouble(scope: ChangingScope, first: string, second: string): Promise<void> {
  const key = await scope.key();
  await forgetProposal(scope, idOf(key, pairKey(first, second)));
}

/** The id of a proposal. In hexadecimal, since what begins with a dash would be an option of a command. */
function idOf(dataKey: KeyObject, key: string): string {
  return Buffer.from(digestOf(dataKey, 'faces', key), 'base64url').toString('hex');
}

/** The digests of persons and faces whose ids are gone, as a JSON list. */
interface Gone {
  readonly appid: string;
  readonly list: string;
}

/** Deletes what is proposed of persons and faces that are not there any more, in the transaction that ends them. */
export const forgetProposals = prepareWrite((db: Kysely<Tables>, { appid, list }: Gone) =>
  db
    .deleteFrom('proposals')
    .where('appid', '=', appid)
    .where(
      'id',
      'in',
      db
        .selectFrom('proposal_subjects')
        .select('proposal_subjects.id')
        .where('proposal_subjects.appid', '=', appid)
        .where('digest', 'in', db.selectFrom(dialectOf(db).asked(list)).select('value')),
    ),
);

function open(
  { appid, dataKeys }: OpeningScope,
  row: { readonly id: string; readonly encrypted_finding: Uint8Array; readonly wrapped: Uint8Array | null },
): Finding {
  const plain = decrypt(dataKeys.open(appid, row.wrapped), row.encrypted_finding, ['proposals', row.id]);
  return JSON.parse(Buffer.from(plain).toString()) as Finding;
}
