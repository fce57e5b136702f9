/** Model packs: what there is, a rehearsal of another one on the register's own faces, the upgrade to it, and the way back. */
import { useState } from 'preact/hooks';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Answer, Fact, Facts, Table, Title } from '../parts/notes.tsx';
import { Rehearsal } from '../parts/rehearsal.tsx';
import { Upgrade } from '../parts/upgrade.tsx';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

type Pack = Output<'models.list'>['packs'][number];

/** How often the upgrade is asked for again, in milliseconds. */
const askedAgainMs = 2_000;

/** The page. */
export function ModelsPage() {
  const { t } = useWords();
  const options = { refetchInterval: askedAgainMs };
  const list = useAnswer('models.list', {}, options);
  const { data: progress } = useAnswer('models.progress', {}, options);
  const upgrade = progress?.upgrade ?? undefined;
  return (
    <>
      <Title>{t('nav.models')}</Title>
      {upgrade !== undefined && <Upgrade of={upgrade} />}
      <Answer of={list}>
        {({ packs }) => (
          <>
            <article>
              <Packs of={packs} isUpgrading={upgrade !== undefined} />
            </article>
            <article>
              <h2>{t('models.rehearsal')}</h2>
              <Rehearsal packs={packs.filter(({ state }) => state !== 'absent').map(({ name }) => name)} />
            </article>
          </>
        )}
      </Answer>
    </>
  );
}

function Packs({ of, isUpgrading }: { readonly of: readonly Pack[]; readonly isUpgrading: boolean }) {
  const { t } = useWords();
  const mayChange = isGranted(useOperator(), 'owner', null);
  const [planned, plan] = useState<string>();
  const isKept = of.some(({ state }) => state === 'kept');
  return (
    <>
      <Table
        label={t('nav.models')}
        heads={[t('models.pack'), t('key.state'), t('models.scores'), t('operator.change')]}
      >
        {of.map(({ name, about, state, isMeasured }) => (
          <tr key={name}>
            <th scope="row">
              {name} <small lang="en">{about}</small>
            </th>
            <td>
              {t(`models.${stateNames[state]}`)}
              {state === 'absent' && (
                <>
                  {': '}
                  <code class="amount">familiar models add {name}</code>
                </>
              )}
            </td>
            <td>{isMeasured === null ? '' : t(isMeasured ? 'models.measured' : 'models.guessed')}</td>
            <td>
              {state === 'installed' && (
                <button type="button" class="secondary small" onClick={() => plan(name)}>
                  {t('models.plan')}
                </button>
              )}
              {state === 'kept' && mayChange && !isUpgrading && <Revert pack={name} />}
            </td>
          </tr>
        ))}
      </Table>
      {mayChange && !isUpgrading && <Prune isKept={isKept} />}
      {planned !== undefined && !isUpgrading && <Plan key={planned} pack={planned} mayChange={mayChange} />}
    </>
  );
}

/** The names of texts have no spaces. */
const stateNames = {
  'in use': 'inUse',
  preparing: 'preparing',
  kept: 'kept',
  installed: 'installed',
  absent: 'absent',
} as const;

/** What an upgrade would take, and the button that begins it. */
function Plan({ pack, mayChange }: { readonly pack: string; readonly mayChange: boolean }) {
  const { t, number, bytes, duration } = useWords();
  const begin = useOperation('models.upgrade');
  return (
    <section class="made">
      <h3>{t('models.planOf', { pack })}</h3>
      <Answer of={useAnswer('models.plan', { pack })}>
        {(plan) => (
          <>
            <Facts>
              <Fact name="models.faces">{number(plan.faces)}</Fact>
              <Fact name="models.withoutCrop">{number(plan.withoutCrop)}</Fact>
              <Fact name="models.time">{plan.seconds === null ? t('models.unknown') : duration(plan.seconds)}</Fact>
              <Fact name="models.bytes">{bytes(plan.bytes)}</Fact>
            </Facts>
            <p>{t('models.upgradeSays')}</p>
            {mayChange && (
              <Confirm
                label={t('models.upgrade')}
                says={t('models.upgradeAsk', { pack })}
                error={begin.error}
                isBusy={begin.isBusy}
                onConfirm={(close) => begin.run({ pack, withoutFailed: plan.withoutCrop > 0 }, close)}
              />
            )}
          </>
        )}
      </Answer>
    </section>
  );
}

function Revert({ pack }: { readonly pack: string }) {
  const { t } = useWords();
  const revert = useOperation('models.revert');
  return (
    <Confirm
      label={t('models.revert')}
      says={t('models.revertAsk', { pack })}
      error={revert.error}
      isBusy={revert.isBusy}
      onConfirm={(close) => revert.run({ pack }, close)}
    />
  );
}

/** The button while there is something to delete, and then what was deleted. */
function Prune({ isKept }: { readonly isKept: boolean }) {
  const { t, number } = useWords();
  const prune = useOperation('models.prune');
  const [pruned, setPruned] = useState<Output<'models.prune'>>();
  return (
    <>
      {isKept && (
        <Confirm
          label={t('models.prune')}
          isDanger
          says={t('models.pruneAsk')}
          error={prune.error}
          isBusy={prune.isBusy}
          onConfirm={(close) =>
            prune.run({}, (output) => {
              setPruned(output);
              close();
            })
          }
        />
      )}
      {pruned !== undefined && (
        <p role="status">{t('models.pruned', { count: number(pruned.embeddings), packs: pruned.packs.join(', ') })}</p>
      )}
    </>
  );
}
