/** The appids of an operator, and the ways to what is done with them most. */
import { Link } from 'wouter-preact';
import { useAnswer } from '../api/hooks.ts';
import { tenantPath } from '../paths.ts';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';
import { Answer, Table } from './notes.tsx';

/** How many appids are shown; the others are in the list. */
const shownMax = 8;

/** A table; nothing without appids. */
export function AppidLinks() {
  const { t, number } = useWords();
  const operator = useOperator();
  return (
    <Answer of={useAnswer('tenants.list', {})}>
      {({ tenants }) =>
        tenants.length > 0 && (
          <article>
            <h2>{t('overview.appids')}</h2>
            <Table
              label={t('overview.appids')}
              heads={[t('appid'), t('tenant.persons'), t('tenant.faces'), t('overview.goTo')]}
            >
              {tenants.slice(0, shownMax).map(({ appid, note, kept }) => (
                <tr key={appid}>
                  <th scope="row">
                    <Link href={tenantPath(appid)}>{appid}</Link> {note !== '' && <small class="note">{note}</small>}
                  </th>
                  <td>{number(kept.persons)}</td>
                  <td>{number(kept.faces)}</td>
                  <td class="links">
                    <Link href={`${tenantPath(appid)}/persons`}>{t('register.persons')}</Link>
                    {isGranted(operator, 'editor', appid) && (
                      <Link href={`${tenantPath(appid)}/enrol`}>{t('nav.enrol')}</Link>
                    )}
                    <Link href={`${tenantPath(appid)}/recognise`}>{t('nav.recognise')}</Link>
                    <Link href={`${tenantPath(appid)}/review`}>{t('nav.review')}</Link>
                  </td>
                </tr>
              ))}
            </Table>
            {tenants.length > shownMax && <Link href="/tenants">{t('overview.allAppids')}</Link>}
          </article>
        )
      }
    </Answer>
  );
}
