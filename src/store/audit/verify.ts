/** Checks the chains of the audit: whether any line was changed, taken out or put in. */
import type { AuditRow } from '../tables.ts';
import { beforeFirst, type LineHasher } from './hash.ts';
import { type AuditHandles, type ChainName, chainNames, linesOfChain } from './lines.ts';

/** Where a chain ended when somebody looked. */
export interface Anchor {
  readonly appid: string;
  readonly chain: string;
  readonly sequence: number;
  /** In base64url. */
  readonly hash: string;
}

/** What came of checking a chain. */
export interface CheckedChain extends Anchor {
  /** How many lines there are. */
  readonly lines: number;
  /** The last line that was pruned; 0 if none was. */
  readonly prunedUpTo: number;
  /** The first line that is not as it was written; undefined if all are. */
  readonly broken: { readonly sequence: number; readonly reason: string } | undefined;
}

/**
 * Checks every chain.
 * @param anchors where chains ended before: since then none may be shorter, or another one.
 */
export async function* verifyChains(
  handles: AuditHandles,
  hasher: LineHasher,
  anchors: readonly Anchor[] = [],
): AsyncGenerator<CheckedChain, void> {
  const missing = new Map(anchors.map((anchor) => [keyOf(anchor), anchor]));
  for await (const name of chainNames(handles)) {
    const anchor = missing.get(keyOf(name));
    missing.delete(keyOf(name));
    yield await verifyChain(handles, name, hasher, anchor);
  }
  for (const { appid, chain, sequence, hash } of missing.values()) {
    yield {
      appid,
      chain,
      sequence,
      hash,
      lines: 0,
      prunedUpTo: 0,
      broken: { sequence: 1, reason: 'the chain is gone' },
    };
  }
}

function keyOf({ appid, chain }: Pick<Anchor, 'appid' | 'chain'>): string {
  return JSON.stringify([appid, chain]);
}

async function verifyChain(
  handles: AuditHandles,
  name: ChainName,
  hasher: LineHasher,
  anchor: Anchor | undefined,
): Promise<CheckedChain> {
  let lines = 0;
  let prunedUpTo = 0;
  let last: Pick<AuditRow, 'sequence' | 'hash'> = { sequence: 0, hash: beforeFirst };
  const { appid, chain } = name;
  const report = (broken?: CheckedChain['broken']): CheckedChain => {
    const hash = Buffer.from(last.hash).toString('base64url');
    return { appid, chain, lines, sequence: last.sequence, hash, prunedUpTo, broken };
  };
  for await (const rows of linesOfChain(handles, name)) {
    for (const row of rows) {
      if (row.kind === 'stump' && last.sequence === 0) prunedUpTo = row.sequence;
      else lines += 1;
      const reason = faultOf(row, last, hasher) ?? faultAgainst(row, anchor);
      if (reason !== undefined) return report({ sequence: row.sequence, reason });
      last = row;
    }
  }
  if (anchor !== undefined && anchor.sequence > last.sequence) {
    return report({ sequence: last.sequence + 1, reason: 'the lines from here on are gone' });
  }
  return report();
}

function faultOf(row: AuditRow, last: Pick<AuditRow, 'sequence' | 'hash'>, hasher: LineHasher): string | undefined {
  if (row.kind === 'stump' && last.sequence === 0) {
    return row.detail === hasher.seal(row) ? undefined : 'it says that lines were pruned, and its seal is false';
  }
  if (row.sequence !== last.sequence + 1) return 'lines before it are gone';
  return isEqual(row.hash, hasher.hash(row, last.hash)) ? undefined : 'it was changed, or the one before it';
}

function faultAgainst({ sequence, hash }: AuditRow, anchor: Anchor | undefined): string | undefined {
  if (anchor === undefined || sequence !== anchor.sequence) return undefined;
  return Buffer.from(hash).toString('base64url') === anchor.hash ? undefined : 'it was another one before';
}

function isEqual(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
