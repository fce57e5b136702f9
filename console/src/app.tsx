/** The frame of every page: who is signed in, the pages, the language and the colours. */
import { Link, Route, Switch, useRoute } from 'wouter-preact';
import type { CallError } from './api/call.ts';
import { endSession, useAnswer, useOperation } from './api/hooks.ts';
import { LinkPage } from './pages/link.tsx';
import { pages, tenantPages } from './pages/pages.ts';
import { SignInPage } from './pages/sign-in.tsx';
import { ErrorNote, Title } from './parts/notes.tsx';
import { Preferences } from './parts/preferences.tsx';
import { type Operator, OperatorContext, useOperator } from './session.tsx';
import { useWords } from './text/language.tsx';
import type { TextName } from './text/texts.ts';

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
        <ul>{seen.map(({ path, name, isInMenu }) => isInMenu || <NavItem key={path} path={path} name={name} />)}</ul>
        <SignOut name={operator.name} />
      </nav>
      <main id="main" tabIndex={-1} class="container">
        <Switch>
          {seen.map(({ path, rest = '', page: Page }) => (
            <Route key={path} path={path + rest}>
              {(words) => <Page {...words} />}
            </Route>
          ))}
          <Route path="/tenants/:appid/*?">
            {({ appid }) => <InTenant key={appid} appid={decodeURIComponent(appid!)} />}
          </Route>
          <Route>
            <p>{t('nav.unknown')}</p>
          </Route>
        </Switch>
      </main>
    </OperatorContext.Provider>
  );
}

/** The pages of one appid, under their own row of links. */
function InTenant({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const operator = useOperator();
  const seen = tenantPages.filter(({ isFor }) => isFor(operator, appid));
  const base = `/tenants/${encodeURIComponent(appid)}`;
  return (
    <>
      <Title>{`${t('appid')} ${appid}`}</Title>
      {seen.length > 1 && (
        <nav class="sub" aria-label={t('nav.ofAppid')}>
          <ul>
            {seen.map(
              ({ path, name }) =>
                name !== undefined && <NavItem key={path} path={`${base}${path}`} name={name} isAlone={path === ''} />,
            )}
          </ul>
        </nav>
      )}
      <Switch>
        {seen.map(({ path, page: Page }) => (
          <Route key={path} path={`/tenants/:appid${path}`}>
            {(rest) => <Page {...rest} appid={appid} />}
          </Route>
        ))}
        <Route>
          <p>{t('nav.unknown')}</p>
        </Route>
      </Switch>
    </>
  );
}

interface NavItemProps {
  readonly path: string;
  readonly name: TextName;
  /** Whether what lies under its path are pages of their own. */
  readonly isAlone?: boolean;
}

function NavItem({ path, name, isAlone = path === '/' }: NavItemProps) {
  const { t } = useWords();
  const [isHere] = useRoute(isAlone ? path : `${path}/*?`);
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
      <Link
        href="/account"
        onClick={({ currentTarget }) => (currentTarget as HTMLElement).closest('details')?.removeAttribute('open')}
      >
        {t('nav.account')}
      </Link>
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
