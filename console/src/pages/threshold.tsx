/** Helps to choose the threshold from which on a program takes a person for the one that is registered. */
import { useState } from 'preact/hooks';
import { fittedLeast, fittedMost, strangersAccepted, thresholdFor } from '../../../src/contract/score-meaning.ts';
import { useAnswer } from '../api/hooks.ts';
import { missesAt } from '../measured-misses.ts';
import { Answer, Fact, Facts } from '../parts/notes.tsx';
import { roughly, useShare } from '../parts/score-meaning.tsx';
import { ThresholdChart } from '../parts/threshold-chart.tsx';
import { useWords } from '../text/language.tsx';

/** The page: it begins with as many faces as the appid has. */
export function ThresholdPage({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  return (
    <>
      <p>{t('threshold.says')}</p>
      <Answer of={useAnswer('tenants.show', { appid })}>
        {({ tenant }) => <Helper faces={Math.max(1, tenant.kept.faces)} />}
      </Answer>
    </>
  );
}

/** The most that a field takes: beyond it the arithmetic has no meaning any more. */
const most = 1_000_000_000;

function Helper({ faces: kept }: { readonly faces: number }) {
  const { t } = useWords();
  const [typed, setTyped] = useState({ faces: String(kept), rate: '100', strangers: '20' });
  const value = (name: keyof typeof typed) => Math.min(most, Math.max(1, Math.round(Number(typed[name])) || 1));
  const [faces, rate] = [value('faces'), 1 / Math.max(2, value('rate'))];
  return (
    <>
      <form class="row" onSubmit={(event) => event.preventDefault()}>
        {(['faces', 'rate', 'strangers'] as const).map((name) => (
          <label key={name}>
            {t(`threshold.${name}`)}
            <input
              type="number"
              min={name === 'rate' ? 2 : 1}
              max={most}
              value={typed[name]}
              onInput={({ currentTarget }) => setTyped({ ...typed, [name]: currentTarget.value })}
            />
          </label>
        ))}
      </form>
      <Result {...{ faces, rate }} strangers={value('strangers')} />
      <ThresholdChart faces={faces} threshold={clamped(thresholdFor(faces, rate))} />
    </>
  );
}

/** A threshold, a whole number, that is enough and among the scores that were fitted. */
function clamped(threshold: number): number {
  return Math.min(fittedMost, Math.max(fittedLeast, Math.ceil(threshold - 1e-9)));
}

interface ResultProps {
  readonly faces: number;
  readonly rate: number;
  readonly strangers: number;
}

function Result({ faces, rate, strangers }: ResultProps) {
  const { t, number } = useWords();
  const share = useShare();
  const exact = thresholdFor(faces, rate);
  const threshold = clamped(exact);
  const accepted = strangersAccepted(threshold, faces);
  const missed = missesAt(threshold);
  const alarms = strangers * accepted;
  return (
    <section aria-live="polite">
      <Facts>
        <Fact name="threshold.use">{number(threshold)}</Fact>
        <Fact name="threshold.alarms">
          {share(accepted)}
          {' · '}
          {alarms >= 1
            ? t('threshold.alarmsADay', { count: number(roughly(alarms)) })
            : t('threshold.alarmsEvery', { days: number(roughly(1 / alarms)) })}
        </Fact>
        <Fact name="threshold.missed">
          {missed === undefined ? t('threshold.unknown') : `${number(roughly(100 * missed))} %`}
        </Fact>
      </Facts>
      {exact > fittedMost && (
        <p role="alert" class="error">
          {t('threshold.tooMany')}
        </p>
      )}
      {exact < fittedLeast && <p>{t('threshold.low')}</p>}
      <p>
        <small>{t('threshold.measured')}</small>
      </p>
    </section>
  );
}
