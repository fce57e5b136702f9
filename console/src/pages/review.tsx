/** What a check of the register proposes, decided one after the other with two keys. */
import { useEffect, useState } from 'preact/hooks';
import type { Input, Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { queries } from '../api/queries.ts';
import { Decide } from '../parts/decide.tsx';
import { Answer, ErrorNote } from '../parts/notes.tsx';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

type Kind = NonNullable<Input<'check.list'>['kind']>;

const kinds: readonly Kind[] = ['double', 'stray', 'copy', 'lowQuality'];
/** How often a check that runs is asked for again, in milliseconds. */
const askedAgainMs = 2_000;

/** The page of an appid. */
export function ReviewPage({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const mayChange = isGranted(useOperator(), 'editor', appid);
  const [kind, setKind] = useState<Kind>('double');
  const progress = useAnswer('check.progress', { appid }, { refetchInterval: askedAgainMs });
  return (
    <>
      <article>
        <h2>{t('review.check')}</h2>
        <p>{t('review.checkSays')}</p>
        <Answer of={progress}>{(state) => <Check appid={appid} of={state} mayChange={mayChange} />}</Answer>
      </article>
      <article>
        <label>
          {t('review.show')}
          <select value={kind} onChange={({ currentTarget }) => setKind(currentTarget.value as Kind)}>
            {kinds.map((one) => (
              <option key={one} value={one}>
                {`${t(`review.${one}`)} (${progress.data?.open[one] ?? 0})`}
              </option>
            ))}
          </select>
        </label>
        <Proposals key={kind} appid={appid} kind={kind} mayChange={mayChange} open={progress.data?.open[kind]} />
      </article>
    </>
  );
}

function Check({
  appid,
  of,
  mayChange,
}: {
  readonly appid: string;
  readonly of: Output<'check.progress'>;
  readonly mayChange: boolean;
}) {
  const { t, number, moment } = useWords();
  const run = useOperation('check.run');
  const { state, done, total, seenAt } = of;
  return (
    <>
      <p role="status">
        {t(`review.state.${state}`, {
          at: seenAt === undefined ? '' : moment(seenAt),
          done: number(done),
          total: number(total),
        })}
      </p>
      {state === 'running' && <progress aria-label={t('job.progress')} value={done} max={Math.max(total, 1)} />}
      {mayChange && state !== 'running' && (
        <button type="button" disabled={run.isBusy} onClick={() => run.run({ appid })}>
          {t('review.run')}
        </button>
      )}
      <ErrorNote error={run.error} />
    </>
  );
}

function Proposals({
  appid,
  kind,
  mayChange,
  open,
}: {
  readonly appid: string;
  readonly kind: Kind;
  readonly mayChange: boolean;
  /** How many there are, as far as it is known. */
  readonly open: number | undefined;
}) {
  // A check that ended meanwhile, here or elsewhere, has found others.
  useEffect(() => {
    void queries.invalidateQueries({ queryKey: ['check.list'] });
  }, [open]);
  return (
    <Answer of={useAnswer('check.list', { appid, kind, count: 50 })}>
      {({ proposals }) => <Decide appid={appid} proposals={proposals} mayChange={mayChange} />}
    </Answer>
  );
}
