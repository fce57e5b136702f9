/** Leads to the pages before and after one of a list. */
import { Link } from 'wouter-preact';
import { useWords } from '../text/language.tsx';

/** Links, so that the browser's own way back leads through the pages, too. Undefined where there is no such page. */
export function PageLinks({
  previous,
  next,
}: {
  readonly previous: string | undefined;
  readonly next: string | undefined;
}) {
  const { t } = useWords();
  if (previous === undefined && next === undefined) return null;
  return (
    <nav class="pager" aria-label={t('register.pages')}>
      {previous === undefined ? <span /> : <Link href={previous}>{t('register.previous')}</Link>}
      {next !== undefined && <Link href={next}>{t('register.next')}</Link>}
    </nav>
  );
}

/** Where a page of a part of a page begins. */
export interface Place {
  readonly cursor?: number;
  readonly isBackward?: boolean;
}

/** Buttons, where a list is a part of a page and has no address of its own. */
export function PageButtons({
  of: { previous, next },
  label,
  onTurn,
}: {
  readonly of: { readonly previous?: number | undefined; readonly next?: number | undefined };
  readonly label: string;
  readonly onTurn: (place: Place) => void;
}) {
  const { t } = useWords();
  if (previous === undefined && next === undefined) return null;
  return (
    <nav class="pager" aria-label={label}>
      <button
        type="button"
        class="secondary small"
        disabled={previous === undefined}
        onClick={() => onTurn({ cursor: previous!, isBackward: true })}
      >
        {t('register.previous')}
      </button>
      <button
        type="button"
        class="secondary small"
        disabled={next === undefined}
        onClick={() => onTurn({ cursor: next! })}
      >
        {t('register.next')}
      </button>
    </nav>
  );
}
