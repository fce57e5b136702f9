/** What an operator can have done that takes long, and what a server and the process that does it tell each other. */
import type { Act } from '../../domain/stores.ts';
import type { Manifest } from '../../ops/backup/manifest.ts';
import type { Finding } from '../doctor/check.ts';
import type { Settings } from '../settings.ts';

/** What is to be done. Paths come from the server's settings, never from who asks. */
export type JobOrder =
  | { readonly kind: 'doctor' }
  | { readonly kind: 'backup'; readonly target: string }
  | { readonly kind: 'verifyBackup'; readonly path: string }
  | { readonly kind: 'importArchive'; readonly appid: string; readonly file: string; readonly isDryRun: boolean }
  | {
      readonly kind: 'importPictures';
      readonly appid: string;
      readonly origin:
        | { readonly kind: 'folders'; readonly folder: string }
        | { readonly kind: 'csv'; readonly file: string };
      readonly groupId: string;
      readonly isDryRun: boolean;
    };

/** A picture that was refused. */
export interface RefusedPicture {
  readonly person_id: string;
  readonly picture: string;
  readonly reason: string;
  readonly detail: string;
}

/** What came of a job, by its kind. */
export type JobResult =
  | { readonly kind: 'doctor'; readonly findings: readonly Finding[] }
  | { readonly kind: 'backup'; readonly manifest: Manifest }
  | { readonly kind: 'verifyBackup'; readonly manifest: Manifest; readonly isDecrypted: boolean }
  | { readonly kind: 'importArchive'; readonly persons: number; readonly faces: number }
  | {
      readonly kind: 'importPictures';
      readonly persons: number;
      readonly added: number;
      readonly known: number;
      readonly earlier: number;
      readonly refused: number;
      /** How many pictures were refused by reason, and the first of them. */
      readonly refusals: Readonly<Record<string, number>>;
      readonly first: readonly RefusedPicture[];
    };

/** What the server tells the process: the job at first, and then perhaps that it is to stop. Secrets come this way, and in no command line. */
export type ToJob =
  | { readonly kind: 'do'; readonly settings: Settings; readonly order: JobOrder; readonly act: Act }
  | { readonly kind: 'stop' };

/** What the process tells the server. */
export type FromJob =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | { readonly kind: 'done'; readonly result: JobResult }
  | { readonly kind: 'failed'; readonly message: string };
