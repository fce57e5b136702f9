/** What is set for an appid: its note and its limits; and its end. */
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { useWords } from '../text/language.tsx';
import { Confirm } from './confirm.tsx';
import { Answer, ErrorNote } from './notes.tsx';

type Tenant = Output<'tenants.show'>['tenant'];
type Limits = Output<'tenants.limits'>['limits'];

/** A form for whoever may change it. */
export function TenantSettings({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const tenant = useAnswer('tenants.show', { appid });
  const limits = useAnswer('tenants.limits', {});
  return (
    <article>
      <details>
        <summary>{t('tenant.settings')}</summary>
        <Answer of={limits}>
          {(known) => tenant.data && <SettingsForm tenant={tenant.data.tenant} limits={known.limits} />}
        </Answer>
        <Remove appid={appid} />
      </details>
    </article>
  );
}

function SettingsForm({ tenant, limits }: { readonly tenant: Tenant; readonly limits: Limits }) {
  const { t } = useWords();
  const set = useOperation('tenants.set');
  const [isSaved, setSaved] = useState(false);
  return (
    <form
      onInput={() => setSaved(false)}
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        // An empty field takes the limit of its own away.
        const words = limits.map(({ name }) => [name, String(given.get(name)) || 'default'] as const);
        set.run({ of: tenant.appid, note: String(given.get('note')), limits: Object.fromEntries(words) }, () =>
          setSaved(true),
        );
      }}
    >
      <label>
        {t('tenant.note')}
        <input name="note" defaultValue={tenant.note} />
      </label>
      <p>{t('tenant.limitsSay')}</p>
      {limits.map((limit) => (
        <LimitField key={limit.name} limit={limit} value={tenant.limits[limit.name]} />
      ))}
      <ErrorNote error={set.error} />
      {isSaved && <p role="status">{t('tenant.saved')}</p>}
      <button type="submit" disabled={set.isBusy}>
        {t('save')}
      </button>
    </form>
  );
}

interface FieldOf {
  readonly limit: Limits[number];
  readonly value: number | string | undefined;
}

/** A number, or one of some words; empty for what the server has. */
function LimitField({ limit: { name, about, least, most, choices }, value }: FieldOf) {
  const { t } = useWords();
  if (choices === undefined) {
    return (
      <label>
        {t(`limit.${name as LimitName}`)}
        <input
          name={name}
          type="number"
          title={about}
          {...(least !== undefined && { min: least, max: most })}
          {...(value !== undefined && { defaultValue: String(value) })}
        />
      </label>
    );
  }
  return (
    <label>
      {t(`limit.${name as LimitName}`)}
      <select name={name} title={about}>
        {['', ...choices].map((choice) => (
          <option key={choice} value={choice} selected={choice === (value ?? '')}>
            {choice}
          </option>
        ))}
      </select>
    </label>
  );
}

/** The limits that there are texts for; a test compares them with those of the server. */
type LimitName =
  | 'callsPerSecond'
  | 'callsInFlight'
  | 'picturesInFlight'
  | 'picturesPerMonth'
  | 'persons'
  | 'faces'
  | 'bytes'
  | 'groups'
  | 'enrolQuality'
  | 'resembling'
  | 'resemblingScore'
  | 'retentionDays'
  | 'retention';

function Remove({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const remove = useOperation('tenants.remove');
  const [, navigate] = useLocation();
  return (
    <Confirm
      label={t('tenant.remove')}
      isDanger
      says={t('tenant.removeSays', { appid })}
      error={remove.error}
      isBusy={remove.isBusy}
      onConfirm={() => remove.run({ of: appid }, () => navigate('/tenants'))}
    />
  );
}
