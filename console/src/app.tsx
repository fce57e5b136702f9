/** The frame of every page: who is signed in, the pages, the language and the colours. */
import type { ComponentType } from 'preact';
import { Link, Route, Switch, useRoute } from 'wouter-preact';
import type { CallError } from './api/call.ts';
import { endSession, useAnswer, useOperation } from './api/hooks.ts';
import { AuditPage } from './pages/audit.tsx';
import { LinkPage } from './pages/link.tsx';
import { OperatorsPage } from './pages/operators.tsx';
import { OverviewPage } from './pages/overview.tsx';
import { SignInPage } from './pages/sign-in.tsx';
import { TenantPage } from './pages/tenant.tsx';
import { TenantsPage } from './pages/tenants.tsx';
import { UsagePage } from './pages/usage.tsx';
import { ErrorNote } from './parts/notes.tsx';
import { Preferences } from './parts/preferences.tsx';
import { isGranted, type Operator, OperatorContext } from './session.tsx';
import { useWords } from './text/language.tsx';
import type { TextName } from './text/texts.ts';

interface Page {
  readonly path: string;
  readonly name: TextName;
  readonly page: ComponentType;
  /** Whether it is for this operator. */
  readonly isFor: (operator: Operator) => boolean;
}

const pages: readonly Page[] = [
  { path: '/', name: 'nav.overview', page: OverviewPage, isFor: () => true },
  { path: '/tenants', name: 'nav.tenants', page: TenantsPage, isFor: () => true },
  { path: '/usage', name: 'nav.usage', page: UsagePage, isFor: () => true },
  { path: '/audit', name: 'nav.audit', page: AuditPage, isFor: () => true },
  {
    path: '/operators',
    name: 'nav.operators',
    page: OperatorsPage,
    isFor: (operator) => isGranted(operator, 'owner', null),
  },
];

/** All of the console. */
export function App() {
  const { t } = useWords();
  const session = useAnswer('session.show', {});
  const isOut = session.error?.code === 'signIn';
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
          {session.data === undefined || isOut ? (
            <main id="main" tabIndex={-1} class="container">
              <Outside error={session.error} />
            </main>
          ) : (
            <Inside operator={session.data.operator} />
          )}
        </Route>
      </Switch>
    </>
  );
}

function Outside({ error }: { readonly error: CallError | undefined }) {
  const { t } = useWords();
  if (error === undefined) return <p aria-busy="true">{t('loading')}</p>;
  return error.code === 'signIn' ? <SignInPage /> : <ErrorNote error={error} />;
}

function Inside({ operator }: { readonly operator: Operator }) {
  const { t } = useWords();
  const seen = pages.filter(({ isFor }) => isFor(operator));
  return (
    <OperatorContext.Provider value={operator}>
      <nav class="container" aria-label={t('nav.label')}>
        <ul>
          {seen.map(({ path, name }) => (
            <NavItem key={path} path={path} name={name} />
          ))}
        </ul>
        <SignOut name={operator.name} />
      </nav>
      <main id="main" tabIndex={-1} class="container">
        <Switch>
          {seen.map(({ path, page: Page }) => (
            <Route key={path} path={path}>
              <Page />
            </Route>
          ))}
          <Route path="/tenants/:appid">
            {({ appid }) => <TenantPage key={appid} appid={decodeURIComponent(appid!)} />}
          </Route>
          <Route>
            <p>{t('nav.unknown')}</p>
          </Route>
        </Switch>
      </main>
    </OperatorContext.Provider>
  );
}

function NavItem({ path, name }: { readonly path: string; readonly name: TextName }) {
  const { t } = useWords();
  const [isHere] = useRoute(path === '/' ? path : `${path}/*?`);
  return (
    <li>
      <Link href={path} {...(isHere && { 'aria-current': 'page' as const })}>
        {t(name)}
      </Link>
    </li>
  );
}

function SignOut({ name }: { readonly name: string }) {
  const { t } = useWords();
  const signOut = useOperation('session.signOut');
  return (
    <details class="account">
      <summary>{name}</summary>
      <button type="button" class="secondary" onClick={() => signOut.run({}, endSession)}>
        {t('signIn.out')}
      </button>
      <button type="button" class="secondary" onClick={() => signOut.run({ everywhere: true }, endSession)}>
        {t('signIn.outEverywhere')}
      </button>
      <ErrorNote error={signOut.error} />
    </details>
  );
}
