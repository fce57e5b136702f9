/** How far the upgrade to another pack is, and what can be done about it. */
import type { Output } from '../api/call.ts';
import { useOperation } from '../api/hooks.ts';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';
import { Confirm } from './confirm.tsx';
import { ErrorNote, Table } from './notes.tsx';

type State = NonNullable<Output<'models.progress'>['upgrade']>;

/** Follows it. */
export function Upgrade({ of }: { readonly of: State }) {
  const { t, number, duration } = useWords();
  const { pack, phase, done, total, rate, secondsLeft, failures, message, servers } = of;
  return (
    <article aria-live="polite">
      <h2>{t('models.upgradeTo', { pack })}</h2>
      <p>{t(`models.${phase}`)}</p>
      <progress aria-label={t('job.progress')} value={done} max={Math.max(total, 1)} />
      <p>
        {t('job.of', { done: number(done), total: number(total) })}
        {rate !== null && ` · ${t('models.rate', { rate: number(Math.round(rate)) })}`}
        {secondsLeft !== null && ` · ${t('models.left', { time: duration(secondsLeft) })}`}
      </p>
      {message !== '' && (
        <p role="alert" class="error">
          <span lang="en">{message}</span>
        </p>
      )}
      {failures.length > 0 && (
        <Table label={t('models.failures')} heads={[t('models.failures'), t('tenant.faces')]}>
          {failures.map(({ reason, faces }) => (
            <tr key={reason}>
              <th scope="row" lang="en">
                {reason}
              </th>
              <td>{number(faces)}</td>
            </tr>
          ))}
        </Table>
      )}
      {servers.length > 0 && (
        <Table label={t('live.servers')} heads={[t('live.server'), t('key.state')]}>
          {servers.map(({ server, state, message: said }) => (
            <tr key={server}>
              <th scope="row">
                <code>{server}</code>
              </th>
              <td>
                {t(`models.server.${state}`)} <small lang="en">{said}</small>
              </td>
            </tr>
          ))}
        </Table>
      )}
      {isGranted(useOperator(), 'owner', null) && <Steer phase={phase} pack={pack} />}
    </article>
  );
}

function Steer({ phase, pack }: { readonly phase: State['phase']; readonly pack: string }) {
  const { t } = useWords();
  const pause = useOperation('models.pause');
  const resume = useOperation('models.resume');
  const cancel = useOperation('models.cancel');
  const isResting = phase === 'paused' || phase === 'failed';
  return (
    <>
      {isResting ? (
        <button type="button" class="small" disabled={resume.isBusy} onClick={() => resume.run({})}>
          {t('models.resume')}
        </button>
      ) : (
        <button type="button" class="secondary small" disabled={pause.isBusy} onClick={() => pause.run({})}>
          {t('models.pause')}
        </button>
      )}{' '}
      <Confirm
        label={t('models.cancel')}
        says={t('models.cancelAsk', { pack })}
        error={cancel.error}
        isBusy={cancel.isBusy}
        onConfirm={(close) => cancel.run({}, close)}
      />
      <ErrorNote error={pause.error ?? resume.error} />
    </>
  );
}
