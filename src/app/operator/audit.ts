/** What an operator does with the audit: reads, exports, checks and prunes it. */
import { z } from 'zod';
import type { AuditLine, AuditReader, LineQuery } from '../../store/audit/reader.ts';
import type { Anchor, CheckedChain } from '../../store/audit/verify.ts';
import { openData } from '../create-app.ts';
import { findMasterKey } from '../master-key.ts';
import { openReport } from '../report.ts';
import type { Settings } from '../settings.ts';

export type { AuditLine, LineQuery } from '../../store/audit/reader.ts';
export type { Anchor, CheckedChain } from '../../store/audit/verify.ts';

/** What came of looking for an id in the audit. */
export interface IdReport {
  /** The lines that tell of it, oldest first. */
  readonly lines: readonly AuditLine[];
  /** Of what it is the id now: `persons`, `faces`, `groups`; empty if it is erased, or never was one. */
  readonly registered: readonly string[];
}

/** The most lines that are told of an id. */
const linesOfIdMax = 10_000;

/** The newest lines, the oldest of them first; undefined if there is no register. */
export function listAudit(
  settings: Settings,
  query: LineQuery,
  linesMax: number,
): Promise<readonly AuditLine[] | undefined> {
  return reading(settings, (reader) => reader.newest(query, linesMax));
}

/** Gives every line to `write`, chain by chain and each chain in order. @returns how many; undefined if there is no register. */
export function exportAudit(
  settings: Settings,
  query: LineQuery,
  write: (line: AuditLine) => Promise<void> | void,
): Promise<number | undefined> {
  return reading(settings, async (reader) => {
    let lines = 0;
    for await (const some of reader.all(query)) {
      for (const line of some) await write(line);
      lines += some.length;
    }
    return lines;
  });
}

/**
 * Checks every chain; undefined if there is no register.
 * @throws Error if the master key is not at hand.
 */
export function verifyAudit(
  settings: Settings,
  anchors: readonly Anchor[] = [],
): Promise<readonly CheckedChain[] | undefined> {
  return reading(settings, (reader) => Array.fromAsync(reader.verify(anchors)));
}

/** What the audit tells of an id of an appid; undefined if there is no register. */
export function findInAudit(settings: Settings, appid: string, id: string): Promise<IdReport | undefined> {
  return reading(settings, async (reader) => ({
    lines: await reader.newest({ appid, id }, linesOfIdMax),
    registered: await reader.registered(appid, id),
  }));
}

/** Prunes the lines before a moment, in milliseconds since 1970. @returns how many. */
export async function pruneAudit(
  settings: Settings,
  before: number,
  onPruned: (lines: number) => void,
): Promise<number> {
  await using stores = await openData(settings);
  return await stores.audit.prune(before, onPruned);
}

const anchorsSchema = z.object({
  chains: z.array(
    z.object({ appid: z.string(), chain: z.string(), sequence: z.number().int().positive(), hash: z.string() }),
  ),
});

/**
 * Reads the ends of chains from what an earlier check printed as JSON.
 * @throws Error that says that it is something else.
 */
export function parseAnchors(text: string): readonly Anchor[] {
  try {
    return anchorsSchema.parse(JSON.parse(text)).chains;
  } catch (cause) {
    throw new Error('it is not what `familiar audit verify --json` printed', { cause });
  }
}

async function reading<T>(settings: Settings, work: (reader: AuditReader) => Promise<T>): Promise<T | undefined> {
  await using register = await openReport(settings);
  if (register === undefined) return undefined;
  const fingerprint = await register.fingerprint();
  const key = await findMasterKey(settings, fingerprint);
  return await work(register.audit(key?.fingerprint === fingerprint ? key : undefined));
}
