/** Signing in with a password, or a passkey. */
import { startAuthentication } from '@simplewebauthn/browser';
import { useQueryClient } from '@tanstack/preact-query';
import { useState } from 'preact/hooks';
import { useOperation } from '../api/hooks.ts';
import { ErrorNote, Title } from '../parts/notes.tsx';
import { hasPasskeys, type OptionsOf, sent } from '../parts/passkeys.ts';
import { useWords } from '../text/language.tsx';

/** The page for whoever has no session. */
export function SignInPage() {
  const { t } = useWords();
  const signIn = useOperation('session.signIn');
  const client = useQueryClient();
  return (
    <article class="narrow">
      <Title>{t('signIn.title')}</Title>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          signIn.run({ name: String(form.get('name')), password: String(form.get('password')) }, (session) =>
            client.setQueryData(['session.show', {}], session),
          );
        }}
      >
        <label>
          {t('signIn.name')}
          <input name="name" autoComplete="username" required maxLength={64} />
        </label>
        <label>
          {t('signIn.password')}
          <input name="password" type="password" autoComplete="current-password" required maxLength={256} />
        </label>
        <ErrorNote error={signIn.error} {...(signIn.error?.code === 'signIn' && { say: 'signIn.wrong' as const })} />
        <button type="submit" aria-busy={signIn.isBusy} disabled={signIn.isBusy}>
          {t('signIn.submit')}
        </button>
      </form>
      {hasPasskeys() && <PasskeyButton />}
      <p>
        <small>{t('signIn.help')}</small>
      </p>
      <pre>
        <code>npm run -s familiar -- console link</code>
      </pre>
    </article>
  );
}

function PasskeyButton() {
  const { t } = useWords();
  const ask = useOperation('session.passkeyOptions');
  const signIn = useOperation('session.usePasskey');
  const client = useQueryClient();
  const [isRefused, setRefused] = useState(false);
  const onClick = () => {
    setRefused(false);
    ask.run({}, ({ options }) => {
      startAuthentication({ optionsJSON: options as unknown as OptionsOf<typeof startAuthentication> }).then(
        (response) =>
          signIn.run({ response: sent(response) }, (session) => client.setQueryData(['session.show', {}], session)),
        () => setRefused(true),
      );
    });
  };
  return (
    <>
      <button type="button" class="secondary" disabled={ask.isBusy || signIn.isBusy} onClick={onClick}>
        {t('passkey.signIn')}
      </button>
      <ErrorNote error={ask.error} />
      <ErrorNote error={signIn.error} {...(signIn.error?.code === 'signIn' && { say: 'passkey.unknown' as const })} />
      {isRefused && (
        <p role="alert" class="error">
          {t('passkey.unknown')}
        </p>
      )}
    </>
  );
}
