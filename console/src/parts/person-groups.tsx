/** The groups of a person: joined and left. */
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { listPath } from '../paths.ts';
import { useWords } from '../text/language.tsx';
import { Answer, ErrorNote } from './notes.tsx';
import { PageButtons, type Place } from './pager.tsx';

interface OfPerson {
  readonly appid: string;
  readonly person: string;
  readonly mayChange: boolean;
}

/** The list. */
export function PersonGroups({ appid, person, mayChange }: OfPerson) {
  const { t } = useWords();
  const [place, setPlace] = useState<Place>({});
  const leave = useOperation('register.leaveGroups');
  return (
    <article>
      <h2>{t('register.groups')}</h2>
      <Answer of={useAnswer('register.groupsOf', { appid, person, ...place })}>
        {(page) => (
          <>
            {page.groups.length === 0 && <p>{t('register.noGroups')}</p>}
            <ul class="group-list">
              {page.groups.map((group) => (
                <li key={group} class="group-item">
                  <Link href={listPath(appid, 'persons', { group })}>
                    <bdi>{group}</bdi>
                  </Link>
                  {mayChange && (
                    <button
                      type="button"
                      class="secondary small"
                      aria-label={t('register.leaveOne', { group })}
                      disabled={leave.isBusy}
                      onClick={() => leave.run({ appid, person, groups: [group] })}
                    >
                      {t('register.leave')}
                    </button>
                  )}
                </li>
              ))}
            </ul>
            <PageButtons of={page} label={t('register.groupPages')} onTurn={setPlace} />
          </>
        )}
      </Answer>
      <ErrorNote error={leave.error} />
      {mayChange && <Join appid={appid} person={person} />}
    </article>
  );
}

function Join({ appid, person }: Omit<OfPerson, 'mayChange'>) {
  const { t } = useWords();
  const join = useOperation('register.joinGroups');
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        const form = event.currentTarget;
        const group = String(new FormData(form).get('group'));
        join.run({ appid, person, groups: [group] }, () => form.reset());
      }}
    >
      <label>
        {t('register.joinGroup')}
        <input name="group" required dir="auto" autoComplete="off" />
      </label>
      <button type="submit" disabled={join.isBusy}>
        {t('register.join')}
      </button>
      <ErrorNote error={join.error} />
    </form>
  );
}
