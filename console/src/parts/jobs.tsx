/** Jobs that take long: begun by a button, followed while they run, and told of when they are over. */
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { queries } from '../api/queries.ts';
import { useWords } from '../text/language.tsx';
import { ErrorNote } from './notes.tsx';

/** A job. */
export type Job = Output<'jobs.list'>['jobs'][number];
/** What came of one of a kind. */
export type ResultOf<K extends Job['kind']> = Extract<Job['result'], { kind: K }>;

/** How often jobs that run are asked for again, in milliseconds. */
const askedAgainMs = 1_000;

/** The newest job of some kinds; undefined if there was none since the server started. */
export function useNewestJob(...kinds: readonly Job['kind'][]): Job | undefined {
  const { data } = useAnswer('jobs.list', {}, { refetchInterval: askedAgainMs });
  const job = data?.jobs.find(({ kind }) => kinds.includes(kind));
  const running = job?.state === 'running' ? job.id : undefined;
  const [followed, setFollowed] = useState(running);
  useEffect(() => {
    if (running === followed) return;
    setFollowed(running);
    // What it has made is listed elsewhere.
    if (followed !== undefined)
      void queries.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session.show' });
  }, [running, followed]);
  return job;
}

/** How far a job is, or what came of it. */
export function JobState({
  of,
  children,
}: {
  readonly of: Job | undefined;
  /** What is said of a result. */
  readonly children: (result: NonNullable<Job['result']>) => ComponentChildren;
}) {
  const { t, moment } = useWords();
  if (of === undefined) return null;
  const { id, subject, operator, startedAt, endedAt, state, error, result, progress } = of;
  return (
    <section class="job" aria-live="polite">
      <p>
        {subject !== '' && <strong>{subject} </strong>}
        {t(`job.${state}`, { operator, at: moment(endedAt ?? startedAt) })}
      </p>
      {state === 'running' && (
        <>
          <progress
            aria-label={t('job.progress')}
            {...(progress !== null && { value: progress.done, max: Math.max(progress.total, 1) })}
          />
          {progress !== null && <Progress {...progress} />}
          <Stop id={id} />
        </>
      )}
      {error !== '' && (
        <p role="alert" class="error">
          <span lang="en">{error}</span>
        </p>
      )}
      {result !== null && children(result)}
    </section>
  );
}

function Progress({ done, total }: { readonly done: number; readonly total: number }) {
  const { t, number } = useWords();
  return <p>{t('job.of', { done: number(done), total: number(total) })}</p>;
}

function Stop({ id }: { readonly id: string }) {
  const { t } = useWords();
  const stop = useOperation('jobs.stop');
  return (
    <>
      <button type="button" class="secondary small" disabled={stop.isBusy} onClick={() => stop.run({ id })}>
        {t('job.stop')}
      </button>
      <ErrorNote error={stop.error} />
    </>
  );
}
