/** What keeps an installation well: the doctor and backups. */
import { useAnswer, useOperation } from '../api/hooks.ts';
import { JobState, type ResultOf, useNewestJob } from '../parts/jobs.tsx';
import { Moment } from '../parts/moment.tsx';
import { Answer, ErrorNote, Table, Title } from '../parts/notes.tsx';
import { useWords } from '../text/language.tsx';
import { type TextName, texts } from '../text/texts.ts';

/** The page. */
export function UpkeepPage() {
  const { t } = useWords();
  return (
    <>
      <Title>{t('nav.upkeep')}</Title>
      <article>
        <h2>{t('doctor.title')}</h2>
        <Doctor />
      </article>
      <article>
        <h2>{t('backup.title')}</h2>
        <Backups />
      </article>
    </>
  );
}

function Doctor() {
  const { t } = useWords();
  const run = useOperation('doctor.run');
  const job = useNewestJob('doctor');
  return (
    <>
      <p>{t('doctor.says')}</p>
      <button type="button" disabled={run.isBusy || job?.state === 'running'} onClick={() => run.run({})}>
        {t('doctor.run')}
      </button>
      <ErrorNote error={run.error} />
      <JobState of={job}>{(result) => result.kind === 'doctor' && <Findings of={result} />}</JobState>
    </>
  );
}

function Findings({ of: { findings } }: { readonly of: ResultOf<'doctor'> }) {
  const { t } = useWords();
  return (
    <Table label={t('doctor.title')} heads={[t('doctor.check'), t('doctor.state'), t('doctor.found')]}>
      {findings.map(({ check, ok, found, mend }) => (
        <tr key={check}>
          <th scope="row">
            <CheckName of={check} />
          </th>
          <td>
            <span class={ok ? 'good' : 'bad'}>{t(ok ? 'doctor.ok' : 'doctor.fault')}</span>
          </td>
          <td lang="en">
            {found}
            {mend !== '' && <p class="error">{mend}</p>}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** A check of the doctor in the page's language; one that the page does not know, as the server calls it. */
function CheckName({ of }: { readonly of: string }) {
  const { t } = useWords();
  const name = `check.${of.replaceAll(' ', '-')}`;
  return <span {...(!(name in texts) && { lang: 'en' })}>{name in texts ? t(name as TextName) : of}</span>;
}

function Backups() {
  const { t } = useWords();
  const job = useNewestJob('backup', 'verifyBackup');
  return (
    <>
      <p>{t('backup.says')}</p>
      <Answer of={useAnswer('backups.list', {}, { refetchInterval: 10_000 })}>
        {({ isPossible, backups }) =>
          isPossible ? (
            <>
              <MakeBackup isBusy={job?.state === 'running'} />
              <JobState of={job}>
                {(result) => (result.kind === 'backup' || result.kind === 'verifyBackup') && <BackupDone of={result} />}
              </JobState>
              <BackupTable of={backups} isBusy={job?.state === 'running'} />
            </>
          ) : (
            <p>{t('backup.none', { flag: '--backup-folder' })}</p>
          )
        }
      </Answer>
    </>
  );
}

function MakeBackup({ isBusy }: { readonly isBusy: boolean }) {
  const { t } = useWords();
  const make = useOperation('backups.make');
  return (
    <>
      <button type="button" disabled={make.isBusy || isBusy} onClick={() => make.run({})}>
        {t('backup.make')}
      </button>
      <ErrorNote error={make.error} />
    </>
  );
}

function BackupDone({ of }: { readonly of: ResultOf<'backup'> | ResultOf<'verifyBackup'> }) {
  const { t } = useWords();
  if (of.kind === 'backup') return <p role="status">{t('backup.made')}</p>;
  return <p role="status">{t(of.isDecrypted ? 'backup.well' : 'backup.wellEncrypted')}</p>;
}

type Backup = { readonly name: string; readonly manifest: ResultOf<'backup'>['manifest'] };

function BackupTable({ of, isBusy }: { readonly of: readonly Backup[]; readonly isBusy: boolean }) {
  const { t, number } = useWords();
  const verify = useOperation('backups.verify');
  if (of.length === 0) return <p>{t('backup.empty')}</p>;
  const heads = [t('backup.name'), t('audit.at'), t('tenant.persons'), t('tenant.faces'), t('overview.version')];
  return (
    <>
      <Table label={t('backup.title')} heads={[...heads, t('operator.change')]}>
        {of.map(({ name, manifest: { madeAt, version, contents } }) => (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td>
              <Moment at={Date.parse(madeAt)} />
            </td>
            <td>{number(contents.persons)}</td>
            <td>{number(contents.faces)}</td>
            <td>{version}</td>
            <td>
              <button
                type="button"
                class="secondary small"
                disabled={isBusy || verify.isBusy}
                onClick={() => verify.run({ name })}
              >
                {t('backup.verify')}
              </button>
            </td>
          </tr>
        ))}
      </Table>
      <ErrorNote error={verify.error} />
    </>
  );
}
