/** What is shown in the place of a page that has a fault. */
import type { ComponentChildren } from 'preact';
import { useEffect, useErrorBoundary } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import { useWords } from '../text/language.tsx';

/** Shows what is in it, or that it has a fault, until another page is opened. */
export function Guard({ children }: { readonly children: ComponentChildren }) {
  const { t } = useWords();
  const [location] = useLocation();
  const [error, reset] = useErrorBoundary((fault) => console.error(fault));
  useEffect(() => reset(), [location]);
  if (error === undefined || error === null) return <>{children}</>;
  return (
    <section role="alert">
      <p class="error">{t('page.fault')}</p>
      <button type="button" onClick={() => globalThis.location.reload()}>
        {t('page.reload')}
      </button>
    </section>
  );
}
