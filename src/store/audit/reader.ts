/** Reads the audit as people see it, and checks it. */
import type { DataKeys } from '../encryption/data-keys.ts';
import type { AuditRow } from '../tables.ts';
import { decryptId } from './encrypted-ids.ts';
import { digestOf, type IdKind, LineHasher } from './hash.ts';
import {
  type AuditFilter,
  type AuditHandles,
  allLines,
  digestsOf,
  idsBehind,
  linesOfPerson,
  newestLines,
} from './lines.ts';
import { installation } from './trail.ts';
import { type Anchor, type CheckedChain, verifyChains } from './verify.ts';

/** Which lines are asked for: those of an id are asked for with its appid. */
export interface LineQuery extends Omit<AuditFilter, 'digests'> {
  /** The id of a person, a face or a group. */
  readonly id?: string | undefined;
}

/** An id that a line tells of. */
export interface ToldId {
  readonly digest: string;
  /** Undefined once it is erased. */
  readonly id: string | undefined;
}

/** A line as it is told. */
export interface AuditLine extends Omit<AuditRow, 'ids' | 'detail' | 'hash' | 'request_id'> {
  readonly ids: Readonly<Partial<Record<IdKind, readonly ToldId[]>>>;
  readonly detail: Readonly<Record<string, unknown>> | undefined;
  readonly requestId: string;
  /** In base64url. */
  readonly hash: string;
}

const kinds: readonly IdKind[] = ['persons', 'faces', 'groups'];

/** Reads lines. */
export class AuditReader {
  readonly #handles: AuditHandles;
  readonly #dataKeys: DataKeys | undefined;

  /** @param dataKeys undefined if the master key is not at hand: then lines can be read without ids, and not checked. */
  constructor(handles: AuditHandles, dataKeys: DataKeys | undefined) {
    this.#handles = handles;
    this.#dataKeys = dataKeys;
  }

  /** The newest lines, the oldest of them first. */
  async newest(query: LineQuery, linesMax: number): Promise<readonly AuditLine[]> {
    return this.#told(await newestLines(this.#handles, await this.#filterOf(query), linesMax));
  }

  /**
   * The lines of changes that tell of a person, the newest first.
   * @param before only lines before this one, by its sequence.
   */
  async ofPerson(appid: string, personId: string, linesMax: number, before?: number): Promise<readonly AuditLine[]> {
    const { db } = this.#handles;
    const key = await this.#keyOf(appid);
    if (key === undefined) return [];
    return this.#told(await linesOfPerson(db, { appid, digest: digestOf(key, 'persons', personId), before }, linesMax));
  }

  /** All lines, chain by chain and each chain in order. */
  async *all(query: LineQuery): AsyncGenerator<readonly AuditLine[], void> {
    for await (const rows of allLines(this.#handles, await this.#filterOf(query))) yield this.#told(rows);
  }

  /** Checks every chain, as {@link verifyChains} does. */
  async *verify(anchors: readonly Anchor[] = []): AsyncGenerator<CheckedChain, void> {
    const key = await this.#keyOf(installation);
    if (key === undefined) throw new Error('the register has no key of its own yet: start the server once');
    yield* verifyChains(this.#handles, new LineHasher(key), anchors);
  }

  /** Of what an id of an appid is the id now; empty if it is erased, or never was one. */
  async registered(appid: string, id: string): Promise<readonly IdKind[]> {
    const { db } = this.#handles;
    const [person, face, group] = await Promise.all([
      db.selectFrom('persons').select('person_id').where('appid', '=', appid).where('person_id', '=', id).execute(),
      db.selectFrom('faces').select('face_id').where('appid', '=', appid).where('face_id', '=', id).execute(),
      db.selectFrom('groups').select('group_id').where('appid', '=', appid).where('group_id', '=', id).execute(),
    ]);
    const found = { persons: person.length, faces: face.length, groups: group.length };
    return kinds.filter((kind) => found[kind] > 0);
  }

  async #filterOf({ id, ...filter }: LineQuery): Promise<AuditFilter> {
    if (id === undefined) return filter;
    if (filter.appid === undefined) throw new Error('an id is one of an appid: give the appid too');
    const key = await this.#keyOf(filter.appid);
    if (key === undefined) throw new Error(`appid ${filter.appid} has no data key: none of its ids can be told`);
    return { ...filter, digests: kinds.map((kind) => digestOf(key, kind, id)) };
  }

  async #keyOf(appid: string) {
    if (this.#dataKeys === undefined) throw new Error('the master key is needed for this, and it is not at hand');
    return this.#dataKeys.find(this.#handles.db, appid);
  }

  async #told(rows: readonly AuditRow[]): Promise<readonly AuditLine[]> {
    const told: AuditLine[] = [];
    for (const [appid, ofAppid] of Map.groupBy(rows.entries(), ([, row]) => row.appid)) {
      const digests = ofAppid.map(([, row]) => digestsOf(row.ids));
      const all = digests.flatMap((ids) => kinds.flatMap((kind) => ids[kind] ?? []));
      const known = await this.#idsOf(appid, [...new Set(all)]);
      for (const [n, [i, row]] of ofAppid.entries()) told[i] = lineOf(row, digests[n]!, known);
    }
    return told;
  }

  /** None where the master key is not at hand, or the appid was ended. */
  async #idsOf(appid: string, digests: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { db } = this.#handles;
    const key = digests.length === 0 ? undefined : await this.#dataKeys?.find(db, appid);
    if (key === undefined) return new Map();
    const encrypted = await idsBehind(db, appid, digests);
    return new Map([...encrypted].map(([digest, id]) => [digest, decryptId(key, digest, id)]));
  }
}

function lineOf(
  row: AuditRow,
  digests: Readonly<Partial<Record<IdKind, readonly string[]>>>,
  known: ReadonlyMap<string, string>,
): AuditLine {
  const { ids: _, detail, hash, request_id: requestId, ...rest } = row;
  const ids = Object.fromEntries(
    Object.entries(digests).map(([kind, list]) => [kind, list.map((digest) => ({ digest, id: known.get(digest) }))]),
  );
  return {
    ...rest,
    ids,
    // What a stump has there is its seal.
    detail: detail === '' ? undefined : row.kind === 'stump' ? { seal: detail } : JSON.parse(detail),
    requestId,
    hash: Buffer.from(hash).toString('base64url'),
  };
}
