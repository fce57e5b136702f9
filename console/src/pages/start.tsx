/** The first steps with an appid: a key, a person, a recognition, and a program that does the last two. */
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { MadeKey } from '../parts/made-key.tsx';
import { Answer, ErrorNote } from '../parts/notes.tsx';
import { tenantPath } from '../paths.ts';
import { isGranted, useOperator } from '../session.tsx';
import { apiUrl } from '../start/api-url.ts';
import { type ProgramLanguage, programOf, programs } from '../start/programs.ts';
import { useSteps } from '../start/steps.ts';
import { useWords } from '../text/language.tsx';
import type { TextName } from '../text/texts.ts';

/** Stands in a program for a SecretKey that is not shown any more. */
const unknownKey = 'PASTE-THE-SECRETKEY-HERE';

/** The page. */
export function StartPage({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const steps = useSteps(appid);
  const [made, setMade] = useState<Output<'keys.add'>>();
  return (
    <ol class="steps">
      <Step name="start.key" isDone={steps.key}>
        <p>{t('start.keySays')}</p>
        {isGranted(useOperator(), 'owner', appid) && <MakeKey appid={appid} onMade={setMade} />}
        {made !== undefined && <MadeKey of={made} onClose={() => setMade(undefined)} />}
      </Step>
      <Step name="start.person" isDone={steps.person}>
        <Here appid={appid} page="enrol" says="start.orEnrol" name="nav.enrol" />
        <p>{t('start.personSays')}</p>
        <ProgramFor appid={appid} made={made} />
      </Step>
      <Step name="start.recognition" isDone={steps.recognition}>
        <Here appid={appid} page="recognise" says="start.orRecognise" name="nav.recognise" />
        <p>{t('start.recognitionSays')}</p>
      </Step>
    </ol>
  );
}

/** What does the same in this console. */
function Here({
  appid,
  page,
  says,
  name,
}: {
  readonly appid: string;
  readonly page: 'enrol' | 'recognise';
  readonly says: TextName;
  readonly name: TextName;
}) {
  const { t } = useWords();
  const isOffered = isGranted(useOperator(), page === 'enrol' ? 'editor' : 'reader', appid);
  if (!isOffered) return null;
  return (
    <p>
      {t(says)} <Link href={`${tenantPath(appid)}/${page}`}>{t(name)}</Link>
    </p>
  );
}

function Step({
  name,
  isDone,
  children,
}: {
  readonly name: TextName;
  readonly isDone: boolean;
  readonly children: preact.ComponentChildren;
}) {
  const { t } = useWords();
  return (
    <li>
      <article>
        <h2>
          {t(name)} {isDone && <mark>{t('start.done')}</mark>}
        </h2>
        {children}
      </article>
    </li>
  );
}

function MakeKey({ appid, onMade }: { readonly appid: string; readonly onMade: (key: Output<'keys.add'>) => void }) {
  const { t } = useWords();
  const add = useOperation('keys.add');
  return (
    <>
      <button type="button" disabled={add.isBusy} onClick={() => add.run({ appid }, onMade)}>
        {t('key.add')}
      </button>
      <ErrorNote error={add.error} />
    </>
  );
}

function ProgramFor({ appid, made }: { readonly appid: string; readonly made: Output<'keys.add'> | undefined }) {
  const server = useAnswer('server.show', {});
  const keys = useAnswer('keys.list', { appid });
  return (
    <Answer of={server}>
      {({ url }) => (
        <Answer of={keys}>
          {({ keys: all }) => {
            const secretId = made?.secretId ?? all.find(({ revokedAt }) => revokedAt === null)?.secretId;
            return secretId === undefined ? null : (
              <Program
                url={apiUrl(url, location.hostname)}
                appid={appid}
                secretId={secretId}
                secretKey={made?.secretKey ?? unknownKey}
              />
            );
          }}
        </Answer>
      )}
    </Answer>
  );
}

interface Credentials {
  readonly url: string;
  readonly appid: string;
  readonly secretId: string;
  readonly secretKey: string;
}

function Program(credentials: Credentials) {
  const { t } = useWords();
  const [language, setLanguage] = useState<ProgramLanguage>('curl');
  const { file, command } = programs[language];
  const code = programOf(language, {
    ...credentials,
    person: t('start.personComment'),
    recognition: t('start.recognitionComment'),
  });
  return (
    <>
      <label>
        {t('start.language')}
        <select value={language} onChange={({ currentTarget }) => setLanguage(currentTarget.value as ProgramLanguage)}>
          {Object.entries(programs).map(([name, { label }]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
        </select>
      </label>
      <p>{t('start.saveAs', { file, command })}</p>
      {credentials.secretKey === unknownKey && <p>{t('start.unknownKey', { word: unknownKey })}</p>}
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard */}
      <pre tabIndex={0}>
        <code>{code}</code>
      </pre>
      <Copy key={code} text={code} />
    </>
  );
}

function Copy({ text }: { readonly text: string }) {
  const { t } = useWords();
  const [isCopied, setCopied] = useState(false);
  // Browsers have it on https and on the machine itself; elsewhere the text is marked and copied by hand.
  if (navigator.clipboard === undefined) return null;
  return (
    <button
      type="button"
      class="secondary small"
      onClick={() =>
        navigator.clipboard.writeText(text).then(
          () => setCopied(true),
          () => setCopied(false),
        )
      }
    >
      <span role="status">{t(isCopied ? 'start.copied' : 'start.copy')}</span>
    </button>
  );
}
