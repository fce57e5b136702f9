/** One's own account: the passkeys that sign in beside the password. */
import { startRegistration } from '@simplewebauthn/browser';
import { useState } from 'preact/hooks';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Moment } from '../parts/moment.tsx';
import { Answer, ErrorNote, Table, Title } from '../parts/notes.tsx';
import { hasPasskeys, type OptionsOf, sent } from '../parts/passkeys.ts';
import { useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

type Passkey = Output<'passkeys.list'>['passkeys'][number];

/** The page. */
export function AccountPage() {
  const { t } = useWords();
  const { name, role, appid } = useOperator();
  return (
    <>
      <Title>{t('nav.account')}</Title>
      <p>
        <strong>{name}</strong>, {t(`operator.${role}`)}, {appid ?? t('operator.everything')}
      </p>
      <article>
        <h2>{t('passkey.title')}</h2>
        <p>{t('passkey.says')}</p>
        <Answer of={useAnswer('passkeys.list', {})}>
          {({ passkeys }) => (passkeys.length === 0 ? <p>{t('passkey.none')}</p> : <List of={passkeys} />)}
        </Answer>
        {hasPasskeys() ? <Add /> : <p>{t('passkey.impossible')}</p>}
      </article>
    </>
  );
}

function List({ of }: { readonly of: readonly Passkey[] }) {
  const { t } = useWords();
  const heads = [t('passkey.label'), t('passkey.host'), t('operator.since'), t('key.used'), t('operator.change')];
  return (
    <Table label={t('passkey.title')} heads={heads}>
      {of.map(({ id, label, host, createdAt, usedAt }) => (
        <tr key={id}>
          <th scope="row">{label}</th>
          <td>{host}</td>
          <td>
            <Moment at={createdAt} />
          </td>
          <td>{usedAt === null ? t('key.never') : <Moment at={usedAt} />}</td>
          <td>
            <Remove id={id} label={label} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Remove({ id, label }: { readonly id: string; readonly label: string }) {
  const { t } = useWords();
  const remove = useOperation('passkeys.remove');
  return (
    <Confirm
      label={t('operator.remove')}
      isDanger
      says={t('passkey.removeSays', { label })}
      error={remove.error}
      isBusy={remove.isBusy}
      onConfirm={(close) => remove.run({ id }, close)}
    />
  );
}

function Add() {
  const { t } = useWords();
  const ask = useOperation('passkeys.options');
  const add = useOperation('passkeys.add');
  const [isRefused, setRefused] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const given = new FormData(form);
        setRefused(false);
        ask.run({ password: String(given.get('password')) }, ({ options }) => {
          startRegistration({ optionsJSON: options as unknown as OptionsOf<typeof startRegistration> }).then(
            (response) => add.run({ label: String(given.get('label')), response: sent(response) }, () => form.reset()),
            () => setRefused(true),
          );
        });
      }}
    >
      <h3>{t('passkey.add')}</h3>
      <label>
        {t('passkey.label')}
        <input name="label" required maxLength={100} autoComplete="off" />
      </label>
      <label>
        {t('passkey.password')}
        <input name="password" type="password" required maxLength={256} autoComplete="current-password" />
      </label>
      <ErrorNote
        error={ask.error}
        {...(ask.error?.code === 'forbidden' && { say: 'passkey.wrongPassword' as const })}
      />
      <ErrorNote error={add.error} />
      {isRefused && (
        <p role="alert" class="error">
          {t('passkey.refused')}
        </p>
      )}
      <button type="submit" disabled={ask.isBusy || add.isBusy}>
        {t('passkey.add')}
      </button>
    </form>
  );
}
