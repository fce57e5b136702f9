/** The pages of one appid, under their own row of links. */
import { Link, Route, Switch } from 'wouter-preact';
import { useAnswer } from './api/hooks.ts';
import { tenantPages } from './pages/pages.ts';
import { NavItem, NavList } from './parts/nav.tsx';
import { DocumentTitle, ErrorNote } from './parts/notes.tsx';
import { tenantPath, textOf } from './paths.ts';
import { useOperator } from './session.tsx';
import { useWords } from './text/language.tsx';

/** What the path names is chosen here; the pages do the rest. */
export function InTenant({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const operator = useOperator();
  const { data, error } = useAnswer('tenants.show', { appid });
  const seen = tenantPages.filter(({ isFor }) => isFor(operator, appid));
  const base = tenantPath(appid);
  const note = data?.tenant.note ?? '';
  const heading = `${t('appid')} ${appid}`;
  if (error?.code === 'unknown' || error?.code === 'forbidden') {
    return (
      <>
        <DocumentTitle of={heading} />
        <h1>{heading}</h1>
        <ErrorNote error={error} {...(error.code === 'unknown' && { say: 'tenant.unknown' as const })} />
        <Link href="/tenants">{t('nav.tenants')}</Link>
      </>
    );
  }
  return (
    <>
      <h1>
        {heading} {note !== '' && <small class="note">{note}</small>}
      </h1>
      <nav class="sub" aria-label={t('nav.ofAppid')}>
        <NavList>
          {seen.map(
            ({ path, name, isInMenu = true }) =>
              isInMenu && <NavItem key={path} path={`${base}${path}`} name={name} isAlone={path === ''} />,
          )}
        </NavList>
      </nav>
      <Switch>
        {seen.map(({ path, name, page: Page }) => (
          <Route key={path} path={`/tenants/:appid${path}`}>
            {(rest: Readonly<Record<string, string | undefined>>) => (
              <>
                <DocumentTitle
                  of={[...(rest.person === undefined ? [] : [textOf(rest.person)]), t(name), appid].join(' · ')}
                />
                <Page {...rest} appid={appid} />
              </>
            )}
          </Route>
        ))}
        <Route>
          <p>{t('nav.unknown')}</p>
        </Route>
      </Switch>
    </>
  );
}
