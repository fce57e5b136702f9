/** What stores offer of the audit. */
import type { Database } from '../database.ts';
import type { DataKeys } from '../encryption/data-keys.ts';
import { type PruningParts, pruneLines } from './prune.ts';
import { AuditReader } from './reader.ts';
import { noteSettings, type StartSetting } from './settings.ts';
import { type AuditTrail, type Deed, installation } from './trail.ts';

/** What is done with the audit besides the lines that changes write by themselves. */
export interface StoresAudit {
  /** Reads it. */
  readonly reader: AuditReader;
  /**
   * Writes the line of an act that changes nothing in the database, as a backup is.
   * @param appid empty for what concerns the installation.
   */
  note(appid: string, deed: Deed): Promise<void>;
  /** Writes a line if the settings are not those of the server's last start, as {@link noteSettings} does. */
  noteSettings(server: string, settings: Readonly<Record<string, StartSetting>>): Promise<void>;
  /** Prunes the lines before a moment, as {@link pruneLines} does, and writes a line of that if there were any. */
  prune(before: number, onPruned?: (lines: number) => void): Promise<number>;
}

/** Makes it, of what the stores are made of. */
export function storesAudit({
  database,
  dataKeys,
  trail,
  ...parts
}: {
  readonly database: Database;
  readonly dataKeys: DataKeys;
  readonly trail: AuditTrail;
} & Omit<PruningParts, 'handles'>): StoresAudit {
  const { transactions, hasher } = parts;
  const handles = { db: database.reader, calls: database.calls.reader };
  const note: StoresAudit['note'] = (appid, deed) => transactions.run((trx) => trail.noteAlone(trx, appid, deed));
  return {
    reader: new AuditReader(handles, dataKeys),
    note,
    noteSettings: (server, settings) =>
      transactions.run((trx) => noteSettings(trx, { trail, hasher }, server, settings)),
    async prune(before, onPruned) {
      const lines = await pruneLines({ handles, ...parts }, before, onPruned);
      if (lines > 0) {
        const detail = { before: new Date(before).toISOString(), lines };
        await note(installation, { action: 'audit prune', detail });
      }
      return lines;
    },
  };
}
