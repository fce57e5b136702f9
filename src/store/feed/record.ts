/** Writes down what a transaction changes, for those that follow the registry. */
import type { Kysely } from 'kysely';
import type { ChangeBatch, RegistryChange } from '../../sync/change-feed.ts';
import { integer, text } from '../dialects/expressions.ts';
import { prepareWrite } from '../prepared.ts';
import type { ChangeRow, Tables } from '../tables.ts';

/** A face that was inserted; its embedding stands in its own row. */
interface InsertedFace {
  readonly kind: 'insertFace';
  readonly faceId: string;
  readonly personId: string;
  /** The embeddings that were written with it, by their models; undefined if the face was there before. */
  readonly embeddings?: ReadonlyMap<string, Float32Array>;
}

/** A change as it is written down: the groups that are joined or left together are one. */
export type RecordedChange =
  | Extract<RegistryChange, { kind: 'removeFace' | 'removePerson' }>
  | { readonly kind: 'updatePerson'; readonly personId: string }
  | InsertedFace
  | { readonly kind: 'joinGroups' | 'leaveGroups'; readonly personId: string; readonly groupIds: readonly string[] };

/** Rows that one statement writes; a parameter each column, of which SQLite takes 32,766. */
const rowsPerStatement = 1_000;
/** So few rows are written by a statement each, which need not wait until the changes are counted. */
const rowsSentAhead = 8;
/** Groups in one row: few rows for many groups, and no row so large that forgetting it takes long. */
const groupsPerRow = 500;

/** What a transaction changes, in order. Once they are counted or written, no changes may come. */
export class RecordedChanges {
  readonly #parts: RecordedChange[][] = [];
  #rows: readonly RowOfChange[] | undefined;

  add(changes: readonly RecordedChange[]): void {
    this.#parts.push([...changes]);
  }

  /** The place of changes that are made now, and known when the database has answered. */
  reserve(): RecordedChange[] {
    const part: RecordedChange[] = [];
    this.#parts.push(part);
    return part;
  }

  /** How many rows they are: as many positions the feed goes on. */
  get count(): number {
    return this.#rowsOf().length;
  }

  /** Whether {@link write} gives every statement to the database at once. */
  get isSentAhead(): boolean {
    return this.count <= rowsSentAhead;
  }

  /**
   * Writes the rows, in the transaction that makes the changes.
   * @param counted how many changes there have been with these: a statement that was sent before counts them.
   */
  async write(db: Kysely<Tables>, appid: string, counted: Promise<number>): Promise<void> {
    const rows = this.#rowsOf();
    if (this.isSentAhead) {
      // None waits for what another one says: with a thread between, waiting takes longer than any of them.
      const last = rows.length - 1;
      const written = rows.map((row, i) => insertCounted(db, { ...blank, ...row, appid, later: last - i }));
      await Promise.all([counted, ...written]);
      return;
    }
    const first = (await counted) - rows.length + 1;
    const numbered = rows.map((row, i) => ({ ...blank, ...row, appid, sequence: first + i }));
    for (let i = 0; i < numbered.length; i += rowsPerStatement) {
      await db
        .insertInto('changes')
        .values(numbered.slice(i, i + rowsPerStatement))
        .execute();
    }
  }

  /**
   * The changes as followers read them; undefined if a face was inserted whose embeddings were written before.
   * @param model whose embeddings come with inserted faces; one without is left out.
   */
  toBatch(position: number, model: string): ChangeBatch | undefined {
    const changes: RegistryChange[] = [];
    for (const change of this.#parts.flat()) {
      if (change.kind !== 'insertFace') changes.push(...toFollow(change));
      else if (change.embeddings === undefined) return undefined;
      else changes.push(...toInsert(change, change.embeddings.get(model)));
    }
    return { position, changes, isLast: true };
  }

  #rowsOf(): readonly RowOfChange[] {
    this.#rows ??= this.#parts.flat().flatMap(rowsOf);
    return this.#rows;
  }
}

/** The row of a change but for its appid and number; what is absent is {@link blank}. */
type RowOfChange = Pick<ChangeRow, 'kind'> & Partial<ChangeRow>;

/** The columns that a kind of change does not use. */
const blank = { person_id: '', face_id: '', group_ids: '' };

function rowsOf(change: RecordedChange): RowOfChange[] {
  const { kind } = change;
  switch (kind) {
    case 'insertFace':
      return [{ kind, person_id: change.personId, face_id: change.faceId }];
    case 'removeFace':
      return [{ kind, face_id: change.faceId }];
    case 'removePerson':
    case 'updatePerson':
      return [{ kind, person_id: change.personId }];
    case 'joinGroups':
    case 'leaveGroups':
      return Array.from({ length: Math.ceil(change.groupIds.length / groupsPerRow) }, (_, i) => {
        const groupIds = change.groupIds.slice(i * groupsPerRow, (i + 1) * groupsPerRow);
        return { kind, person_id: change.personId, group_ids: JSON.stringify(groupIds) };
      });
  }
}

/** A face without an embedding is not followed: one that was erased since, or that another model embedded. */
export function toInsert(
  { faceId, personId }: Pick<InsertedFace, 'faceId' | 'personId'>,
  embedding: Float32Array | undefined,
): RegistryChange[] {
  return embedding === undefined ? [] : [{ kind: 'insertFace', personId, faceId, embedding }];
}

/** What followers make of a change other than the insertion of a face. */
export function toFollow(change: Exclude<RecordedChange, InsertedFace>): RegistryChange[] {
  switch (change.kind) {
    case 'removeFace':
    case 'removePerson':
      return [change];
    case 'updatePerson':
      return [];
    case 'joinGroups':
    case 'leaveGroups': {
      const kind = change.kind === 'joinGroups' ? 'joinGroup' : 'leaveGroup';
      return change.groupIds.map((groupId) => ({ kind, personId: change.personId, groupId }));
    }
  }
}

/** Writes one of the changes that are counted, of which some were made later. */
const insertCounted = prepareWrite((db: Kysely<Tables>, of: Omit<ChangeRow, 'sequence'> & { readonly later: number }) =>
  db
    .insertInto('changes')
    .columns(['appid', 'sequence', 'kind', 'person_id', 'face_id', 'group_ids'])
    .expression(
      db
        .selectFrom('registries')
        .select((eb) => ['appid', eb('changes', '-', integer(of.later)).as('sequence')])
        .select([text(of.kind).as('kind'), text(of.person_id).as('person_id')])
        .select([text(of.face_id).as('face_id'), text(of.group_ids).as('group_ids')])
        .where('appid', '=', of.appid),
    ),
);
