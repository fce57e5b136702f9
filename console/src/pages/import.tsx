/** Bringing persons in from the folder that the server was started with. */
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { refusals as refusalTable } from '../../../src/contract/refusals.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { Code } from '../parts/code.tsx';
import { JobState, type ResultOf, useNewestJob } from '../parts/jobs.tsx';
import { Answer, ErrorNote, Fact, Facts, Table } from '../parts/notes.tsx';
import { tenantPath } from '../paths.ts';
import { useWords } from '../text/language.tsx';

/** The page of an appid. */
export function ImportPage({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const job = useNewestJob('importArchive', 'importPictures');
  return (
    <article>
      <h2>{t('nav.import')}</h2>
      <p>{t('import.says')}</p>
      <Answer of={useAnswer('imports.sources', {})}>
        {({ isPossible, sources }) =>
          isPossible && sources.length > 0 ? (
            <Start appid={appid} sources={sources} isBusy={job?.state === 'running'} />
          ) : (
            <p>{t(isPossible ? 'import.empty' : 'import.none', { flag: '--import-folder' })}</p>
          )
        }
      </Answer>
      <JobState of={job}>
        {(result) => {
          if (result.kind === 'importPictures') return <PicturesDone of={result} />;
          return result.kind === 'importArchive' && <ArchiveDone of={result} />;
        }}
      </JobState>
      {job?.state === 'done' && <Link href={`${tenantPath(appid)}/persons`}>{t('register.persons')}</Link>}
    </article>
  );
}

interface Source {
  readonly name: string;
  readonly kind: 'folders' | 'csv' | 'archive';
}

function Start({
  appid,
  sources,
  isBusy,
}: {
  readonly appid: string;
  readonly sources: readonly Source[];
  readonly isBusy: boolean;
}) {
  const { t } = useWords();
  const start = useOperation('imports.start');
  const [name, setName] = useState(sources[0]!.name);
  const kind = sources.find((source) => source.name === name)?.kind ?? 'folders';
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        const group = given.get('group');
        start.run({
          name,
          into: appid,
          isDryRun: given.get('dry') !== null,
          ...(group !== null && group !== '' && { group: String(group) }),
        });
      }}
    >
      <label>
        {t('import.from')}
        <select value={name} onChange={({ currentTarget }) => setName(currentTarget.value)}>
          {sources.map((source) => (
            <option key={source.name} value={source.name}>
              {source.name}
            </option>
          ))}
        </select>
      </label>
      <p>{t(`import.${kind}`)}</p>
      {kind !== 'archive' && (
        <label>
          {t('import.group')}
          <input name="group" maxLength={128} placeholder="imported" />
        </label>
      )}
      <label>
        <input name="dry" type="checkbox" /> {t('import.dry')}
      </label>
      <ErrorNote error={start.error} />
      <button type="submit" disabled={isBusy || start.isBusy}>
        {t('import.start')}
      </button>
    </form>
  );
}

function ArchiveDone({ of: { persons, faces } }: { readonly of: ResultOf<'importArchive'> }) {
  const { number } = useWords();
  return (
    <Facts>
      <Fact name="import.persons">{number(persons)}</Fact>
      <Fact name="import.added">{number(faces)}</Fact>
    </Facts>
  );
}

function PicturesDone({ of }: { readonly of: ResultOf<'importPictures'> }) {
  const { t, number } = useWords();
  return (
    <>
      <Facts>
        <Fact name="import.persons">{number(of.persons)}</Fact>
        <Fact name="import.added">{number(of.added)}</Fact>
        <Fact name="import.known">{number(of.known)}</Fact>
        <Fact name="import.earlier">{number(of.earlier)}</Fact>
        <Fact name="import.refused">{number(of.refused)}</Fact>
      </Facts>
      {of.refused > 0 && (
        <>
          <Table label={t('live.refusals')} heads={[t('live.refusals'), t('usage.code'), t('live.count')]}>
            {Object.entries(of.refusals).map(([reason, count]) => (
              <tr key={reason}>
                <th scope="row" lang="en">
                  {reason}
                </th>
                <td>
                  <Code of={refusalTable[reason as keyof typeof refusalTable]?.code} />
                </td>
                <td>{number(count)}</td>
              </tr>
            ))}
          </Table>
          <details>
            <summary>{t('import.first')}</summary>
            <Table label={t('import.first')} heads={[t('import.picture'), t('import.person'), t('live.refusals')]}>
              {of.first.map(({ picture, person_id, reason, detail }) => (
                <tr key={`${person_id} ${picture}`}>
                  <th scope="row">{picture}</th>
                  <td>{person_id}</td>
                  <td lang="en">
                    {reason} {detail}
                  </td>
                </tr>
              ))}
            </Table>
          </details>
        </>
      )}
    </>
  );
}
