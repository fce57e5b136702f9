/** What was changed of a person, by whom, the newest first. */
import { useState } from 'preact/hooks';
import type { Output } from '../api/call.ts';
import { useAnswer } from '../api/hooks.ts';
import { useWords } from '../text/language.tsx';
import { Answer } from './notes.tsx';

type Line = Output<'register.history'>['lines'][number];

/** Lines on one page. */
const linesPerPage = 20;

/** The list. */
export function History({ appid, person }: { readonly appid: string; readonly person: string }) {
  const { t } = useWords();
  const [before, setBefore] = useState<number>();
  const history = useAnswer('register.history', {
    appid,
    person,
    count: linesPerPage,
    ...(before !== undefined && { before }),
  });
  return (
    <article>
      <h2>{t('register.history')}</h2>
      <Answer of={history}>
        {({ lines, next }) => (
          <>
            {lines.length === 0 && <p>{t('register.noHistory')}</p>}
            <ol class="history">
              {lines.map((line, index) => (
                <HistoryLine key={`${line.at} ${index}`} of={line} person={person} />
              ))}
            </ol>
            <nav class="pager" aria-label={t('register.historyPages')}>
              {before !== undefined && (
                <button type="button" class="secondary small" onClick={() => setBefore(undefined)}>
                  {t('register.newest')}
                </button>
              )}
              {next !== undefined && (
                <button type="button" class="secondary small" onClick={() => setBefore(next)}>
                  {t('register.older')}
                </button>
              )}
            </nav>
          </>
        )}
      </Answer>
    </article>
  );
}

function HistoryLine({ of: line, person }: { readonly of: Line; readonly person: string }) {
  const { t, moment, number } = useWords();
  const others = line.persons.ids.filter((id) => id !== person);
  const parts = [
    line.faces.count > 0 && t('register.lineFaces', { count: number(line.faces.count) }),
    line.groups.ids.length > 0 && t('register.lineGroups', { groups: line.groups.ids.join(', ') }),
    line.persons.count > 1 &&
      (others.length > 0
        ? t('register.lineWith', { persons: others.join(', ') })
        : t('register.linePersons', { count: number(line.persons.count) })),
  ].filter((part) => part !== false);
  return (
    <li class="history-line">
      <time dateTime={new Date(line.at).toISOString()}>{moment(line.at)}</time>
      <div class="history-text">
        <strong>{line.action}</strong>{' '}
        {t(`historyBy.${line.kind === 'key' ? 'key' : 'operator'}`, { actor: line.actor })}
        {parts.length > 0 && (
          <div>
            <bdi>{parts.join('; ')}</bdi>
          </div>
        )}
      </div>
    </li>
  );
}
