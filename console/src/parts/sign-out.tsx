/** The menu of who is signed in. */
import { useRef } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useOperation } from '../api/hooks.ts';
import { endSession } from '../api/session.ts';
import { useWords } from '../text/language.tsx';
import { ErrorNote } from './notes.tsx';

/** @param name of the operator. */
export function SignOut({ name }: { readonly name: string }) {
  const { t } = useWords();
  const signOut = useOperation('session.signOut');
  const menu = useRef<HTMLDetailsElement>(null);
  const close = () => menu.current?.removeAttribute('open');
  return (
    <details
      class="account"
      ref={menu}
      onKeyDown={({ key, currentTarget }) => {
        if (key !== 'Escape' || !currentTarget.open) return;
        close();
        currentTarget.querySelector('summary')?.focus();
      }}
      onFocusOut={({ relatedTarget, currentTarget }) => {
        if (relatedTarget !== null && !currentTarget.contains(relatedTarget as Node)) close();
      }}
    >
      <summary>{name}</summary>
      <div>
        <Link href="/account" onClick={close}>
          {t('nav.account')}
        </Link>
        <button
          type="button"
          class="secondary small"
          disabled={signOut.isBusy}
          onClick={() => signOut.run({}, endSession)}
        >
          {t('signIn.out')}
        </button>
        <button
          type="button"
          class="secondary small"
          disabled={signOut.isBusy}
          onClick={() => signOut.run({ everywhere: true }, endSession)}
        >
          {t('signIn.outEverywhere')}
        </button>
        <ErrorNote error={signOut.error} />
      </div>
    </details>
  );
}
