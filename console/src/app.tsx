/** The frame of every page: who is signed in, the pages, the language and the colours. */
import { useRef } from 'preact/hooks';
import { Link, Route, Switch } from 'wouter-preact';
import type { CallError } from './api/call.ts';
import { PausedContext, useAnswer } from './api/hooks.ts';
import { identityOf, whoWas } from './api/session.ts';
import { InTenant } from './in-tenant.tsx';
import { LinkPage } from './pages/link.tsx';
import { pages } from './pages/pages.ts';
import { SignInPage } from './pages/sign-in.tsx';
import { Guard } from './parts/guard.tsx';
import { NavItem, NavList } from './parts/nav.tsx';
import { DocumentTitle, ErrorNote } from './parts/notes.tsx';
import { Preferences } from './parts/preferences.tsx';
import { SignOut } from './parts/sign-out.tsx';
import { useArriving } from './parts/turning.ts';
import { textOf } from './paths.ts';
import { type Operator, OperatorContext } from './session.tsx';
import { useWords } from './text/language.tsx';

/** All of the console. */
export function App() {
  const { t } = useWords();
  return (
    <>
      <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
        {t('nav.skip')}
      </button>
      <header class="container">
        <Link href="/" class="brand">
          familiar
        </Link>
        <Preferences />
      </header>
      <Switch>
        <Route path="/link/:token">
          {({ token }) => (
            <main id="main" tabIndex={-1} class="container">
              <LinkPage token={token!} />
            </main>
          )}
        </Route>
        <Route>
          <Pages />
        </Route>
      </Switch>
    </>
  );
}

/** The pages, for whoever is signed in. Once their session is over, they stay behind the question for the password, and lose nothing. */
function Pages() {
  const session = useAnswer('session.show', {});
  const isOut = session.data === undefined || session.error?.code === 'signIn';
  const operator = session.data?.operator ?? whoWas();
  return (
    <>
      {isOut && (
        <main id="main" tabIndex={-1} class="container">
          <Outside error={session.error} />
        </main>
      )}
      {operator !== undefined && (
        <div hidden={isOut} class="inside">
          <PausedContext.Provider value={isOut}>
            <Inside key={identityOf(operator)} operator={operator} isOut={isOut} />
          </PausedContext.Provider>
        </div>
      )}
    </>
  );
}

function Outside({ error }: { readonly error: CallError | undefined }) {
  const { t } = useWords();
  if (error === undefined) return <p aria-busy="true">{t('loading')}</p>;
  return error.code === 'signIn' ? <SignInPage /> : <ErrorNote error={error} />;
}

function Inside({ operator, isOut }: { readonly operator: Operator; readonly isOut: boolean }) {
  const { t } = useWords();
  const main = useRef<HTMLElement>(null);
  useArriving(main);
  const seen = pages.filter(({ isFor }) => isFor(operator));
  return (
    <OperatorContext.Provider value={operator}>
      <nav class="container" aria-label={t('nav.label')}>
        <NavList>
          {seen.map(({ path, name, isInMenu }) => isInMenu || <NavItem key={path} path={path} name={name} />)}
        </NavList>
        <SignOut name={operator.name} />
      </nav>
      <main {...(!isOut && { id: 'main' })} tabIndex={-1} class="container" ref={main}>
        <Guard>
          <Switch>
            {seen.map(({ path, rest = '', page: Page }) => (
              <Route key={path} path={path + rest}>
                {(words) => <Page {...words} />}
              </Route>
            ))}
            <Route path="/tenants/:appid/*?">{({ appid }) => <InTenant key={appid} appid={textOf(appid!)} />}</Route>
            <Route>
              <DocumentTitle of={t('nav.unknown')} />
              <p>{t('nav.unknown')}</p>
              <Link href="/">{t('nav.overview')}</Link>
            </Route>
          </Switch>
        </Guard>
      </main>
    </OperatorContext.Provider>
  );
}
