/** Setting a password by a link, which signs in. */
import { useState } from 'preact/hooks';
import { Link, useLocation } from 'wouter-preact';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { beginSession } from '../api/session.ts';
import { ErrorNote, Title } from '../parts/notes.tsx';
import { PlainNote } from '../parts/plain-note.tsx';
import { useWords } from '../text/language.tsx';

/** The page that a link of `familiar console link` leads to. */
export function LinkPage({ token }: { readonly token: string }) {
  const { t } = useWords();
  const link = useAnswer('session.readLink', { token });
  return (
    <article class="narrow">
      <Title>{t('link.title')}</Title>
      <ErrorNote error={link.error} {...(link.error?.code === 'unknown' && { say: 'link.dead' as const })} />
      {link.error !== undefined && <Link href="/">{t('link.toSignIn')}</Link>}
      {link.data !== undefined && <PasswordForm token={token} name={link.data.name} />}
    </article>
  );
}

function PasswordForm({ token, name }: { readonly token: string; readonly name: string }) {
  const { t } = useWords();
  const useLink = useOperation('session.useLink');
  const [, navigate] = useLocation();
  const [differ, setDiffer] = useState(false);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const form = new FormData(event.currentTarget);
        const password = String(form.get('password'));
        const isSame = password === form.get('again');
        setDiffer(!isSame);
        if (!isSame) return;
        useLink.run({ token, password }, (session) => {
          beginSession(session);
          // The token is of no more use, and need not be in the history.
          navigate('/', { replace: true });
        });
      }}
    >
      <PlainNote />
      <p>{t('link.for', { name })}</p>
      <input type="hidden" name="username" autoComplete="username" value={name} />
      <label>
        {t('link.password')}
        <input name="password" type="password" autoComplete="new-password" required minLength={12} maxLength={256} />
      </label>
      <label>
        {t('link.again')}
        <input name="again" type="password" autoComplete="new-password" required maxLength={256} />
      </label>
      {differ && (
        <p role="alert" class="error">
          {t('link.differ')}
        </p>
      )}
      <ErrorNote error={useLink.error} {...(useLink.error?.code === 'unknown' && { say: 'link.dead' as const })} />
      <button type="submit" aria-busy={useLink.isBusy} disabled={useLink.isBusy}>
        {t('save')}
      </button>
    </form>
  );
}
