/** Signing in with a password, or a passkey. */
import { startAuthentication } from '@simplewebauthn/browser';
import { useEffect, useRef, useState } from 'preact/hooks';
import { useOperation } from '../api/hooks.ts';
import { beginSession, whoWas } from '../api/session.ts';
import { ErrorNote, Title } from '../parts/notes.tsx';
import { hasPasskeys, type OptionsOf, sent } from '../parts/passkeys.ts';
import { PlainNote } from '../parts/plain-note.tsx';
import { useWords } from '../text/language.tsx';

/** The page for whoever has no session. */
export function SignInPage() {
  const { t } = useWords();
  const signIn = useOperation('session.signIn');
  const was = whoWas();
  const first = useRef<HTMLInputElement>(null);
  // Whoever was at work goes on at once.
  useEffect(() => first.current?.focus(), []);
  return (
    <article class="narrow">
      <Title>{t('signIn.title')}</Title>
      {was !== undefined && <p role="status">{t('signIn.over')}</p>}
      <PlainNote />
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          signIn.run({ name: String(form.get('name')), password: String(form.get('password')) }, beginSession);
        }}
      >
        <label>
          {t('signIn.name')}
          <input
            name="name"
            autoComplete="username"
            required
            maxLength={64}
            defaultValue={was?.name}
            ref={was === undefined ? first : null}
          />
        </label>
        <label>
          {t('signIn.password')}
          <input
            name="password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={256}
            ref={was === undefined ? null : first}
          />
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
  const [isRefused, setRefused] = useState(false);
  const onClick = () => {
    setRefused(false);
    ask.run({}, ({ options }) => {
      startAuthentication({ optionsJSON: options as unknown as OptionsOf<typeof startAuthentication> }).then(
        (response) => signIn.run({ response: sent(response) }, beginSession),
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
