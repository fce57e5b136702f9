/** The appids of an operator, and the ways to what is done with them most. */
import { Link } from 'wouter-preact';
import { useAnswer } from '../api/hooks.ts';
import { tenantPath } from '../paths.ts';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';
import { Answer } from './notes.tsx';

/** How many appids are shown; the others are in the list. */
const shownMax = 8;

/** A list; nothing without appids. */
export function AppidLinks() {
  const { t, number } = useWords();
  const operator = useOperator();
  return (
    <Answer of={useAnswer('tenants.list', {})}>
      {({ tenants }) =>
        tenants.length > 0 && (
          <article>
            <h2>{t('overview.appids')}</h2>
            <ul class="appids">
              {tenants.slice(0, shownMax).map(({ appid, note, kept }) => (
                <li key={appid}>
                  <div>
                    <Link href={tenantPath(appid)}>{appid}</Link> {note !== '' && <span class="note">{note}</span>}
                  </div>
                  <span>{t('overview.kept', { persons: number(kept.persons), faces: number(kept.faces) })}</span>
                  <span class="links">
                    <Link href={`${tenantPath(appid)}/persons`}>{t('register.persons')}</Link>
                    {isGranted(operator, 'editor', appid) && (
                      <Link href={`${tenantPath(appid)}/enrol`}>{t('nav.enrol')}</Link>
                    )}
                    <Link href={`${tenantPath(appid)}/recognise`}>{t('nav.recognise')}</Link>
                    <Link href={`${tenantPath(appid)}/review`}>{t('nav.review')}</Link>
                  </span>
                </li>
              ))}
            </ul>
            {tenants.length > shownMax && <Link href="/tenants">{t('overview.allAppids')}</Link>}
          </article>
        )
      }
    </Answer>
  );
}
