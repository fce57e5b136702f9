/** The operator's API: what takes long, and what lies in the folders that it is about. */
import { join } from 'node:path';
import type { OperationHandlers } from '../../../http/admin/api.ts';
import { currentAct } from '../../../store/audit/act.ts';
import type { Jobs } from '../../jobs/jobs.ts';
import type { JobOrder } from '../../jobs/order.ts';
import { flagOf, type Settings } from '../../settings.ts';
import { listBackups, listImportSources, needFolder, placeOfListed } from '../places.ts';

type Topic = 'jobs' | 'doctor' | 'backups' | 'imports';
type Handlers = Pick<OperationHandlers, Extract<keyof OperationHandlers, `${Topic}.${string}`>>;

/** What the folders are, and who does the work. */
export interface JobParts {
  readonly jobs: Jobs;
  readonly settings: Pick<Settings, 'backupFolder' | 'importFolder'>;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** Begins jobs on behalf of whoever is signed in. */
export function jobHandlers({ jobs, settings, now }: JobParts): Handlers {
  const { backupFolder, importFolder } = settings;
  const start = (order: JobOrder, subject = '') => ({ id: jobs.start(order, subject, currentAct()) });
  return {
    'jobs.list': async () => ({ jobs: structuredClone([...jobs.list()]) as Listed }),
    'jobs.stop': async ({ id }) => {
      jobs.stop(id);
      return {};
    },
    'doctor.run': async () => start({ kind: 'doctor' }),
    'backups.list': async () => ({
      isPossible: backupFolder !== '',
      backups: backupFolder === '' ? [] : [...(await listBackups(backupFolder))],
    }),
    'backups.make': async () => {
      const folder = needFolder(backupFolder, flagOf('backupFolder'));
      const name = `familiar-${new Date(now()).toISOString().slice(0, 19).replaceAll(':', '-')}Z`;
      return start({ kind: 'backup', target: join(folder, name) }, name);
    },
    'backups.verify': async ({ name }) => {
      const folder = needFolder(backupFolder, flagOf('backupFolder'));
      const { path } = placeOfListed(folder, await listBackups(folder), name);
      return start({ kind: 'verifyBackup', path }, name);
    },
    'imports.sources': async () => ({
      isPossible: importFolder !== '',
      sources: importFolder === '' ? [] : [...(await listImportSources(importFolder))],
    }),
    'imports.start': async ({ name, into, group, isDryRun }) => {
      const folder = needFolder(importFolder, flagOf('importFolder'));
      const { path, found } = placeOfListed(folder, await listImportSources(folder), name);
      const order = { appid: into, isDryRun };
      if (found.kind === 'archive') return start({ kind: 'importArchive', file: path, ...order }, name);
      const origin =
        found.kind === 'csv' ? ({ kind: 'csv', file: path } as const) : ({ kind: 'folders', folder: path } as const);
      return start({ kind: 'importPictures', origin, groupId: group, ...order }, name);
    },
  };
}

/** What is listed, as the declaration has it: lists there are not read-only. */
type Listed = Awaited<ReturnType<OperationHandlers['jobs.list']>>['jobs'];
