/** One person: faces, name and tag, groups, corrections and history. */
import { useState } from 'preact/hooks';
import { useLocation } from 'wouter-preact';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Answer, ErrorNote, Fact, Facts } from '../parts/notes.tsx';
import { Corrections } from '../parts/person-corrections.tsx';
import { Faces } from '../parts/person-faces.tsx';
import { PersonGroups } from '../parts/person-groups.tsx';
import { History } from '../parts/person-history.tsx';
import { listPath, textOf } from '../paths.ts';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

type Person = Output<'register.person'>;

/** The page. @param person the id, as `personPath` writes it. */
export function PersonPage({
  appid,
  person: segment,
}: {
  readonly appid: string;
  readonly person?: string | undefined;
}) {
  const id = textOf(segment ?? '');
  const person = useAnswer('register.person', { appid, person: id });
  return (
    <>
      {/* Of one that was erased the history is left. */}
      {person.error?.code === 'unknown' ? (
        <>
          <ErrorNote error={person.error} say="register.noPerson" />
          <History key={id} appid={appid} person={id} />
        </>
      ) : (
        <Answer of={person}>{(found) => <Shown key={id} appid={appid} person={found} />}</Answer>
      )}
    </>
  );
}

function Shown({ appid, person }: { readonly appid: string; readonly person: Person }) {
  const { number } = useWords();
  const mayChange = isGranted(useOperator(), 'editor', appid);
  const { id, name, tag, faces, groups } = person;
  return (
    <>
      <article>
        <h2>
          <bdi>{name === '' ? id : name}</bdi>
        </h2>
        <Facts>
          <Fact name="register.id">
            <bdi>{id}</bdi>
          </Fact>
          <Fact name="register.name">
            <bdi>{name === '' ? '–' : name}</bdi>
          </Fact>
          <Fact name="register.tag">
            <bdi>{tag === '' ? '–' : tag}</bdi>
          </Fact>
          <Fact name="register.faces">{number(faces)}</Fact>
          <Fact name="register.groups">{number(groups)}</Fact>
        </Facts>
      </article>
      <Faces appid={appid} person={person} mayChange={mayChange} />
      <PersonGroups appid={appid} person={id} mayChange={mayChange} />
      <Corrections appid={appid} person={id} mayChange={mayChange} />
      {mayChange && <Edit appid={appid} person={person} />}
      <History appid={appid} person={id} />
    </>
  );
}

function Edit({ appid, person }: { readonly appid: string; readonly person: Person }) {
  const { t } = useWords();
  const { id, name, tag } = person;
  const set = useOperation('register.setPerson');
  const [isSaved, setSaved] = useState(false);
  return (
    <article>
      <h2>{t('register.change')}</h2>
      <form
        key={`${name}\n${tag}`}
        onInput={() => setSaved(false)}
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget);
          set.run({ appid, person: id, name: String(given.get('name')), tag: String(given.get('tag')) }, () =>
            setSaved(true),
          );
        }}
      >
        <label>
          {t('register.name')}
          <input name="name" maxLength={255} defaultValue={name} dir="auto" autoComplete="off" />
        </label>
        <label>
          {t('register.tag')}
          <input name="tag" maxLength={255} defaultValue={tag} dir="auto" autoComplete="off" />
        </label>
        <ErrorNote error={set.error} />
        {isSaved && <p role="status">{t('register.saved')}</p>}
        <button type="submit" disabled={set.isBusy}>
          {t('save')}
        </button>
      </form>
      <ErasePerson appid={appid} person={person} />
    </article>
  );
}

function ErasePerson({ appid, person: { id, faces, groups } }: { readonly appid: string; readonly person: Person }) {
  const { t, number } = useWords();
  const erase = useOperation('register.erasePerson');
  const [, navigate] = useLocation();
  return (
    <Confirm
      label={t('register.erasePerson')}
      isDanger
      says={t('register.erasePersonSays', { person: id, faces: number(faces), groups: number(groups) })}
      error={erase.error}
      isBusy={erase.isBusy}
      onConfirm={() => erase.run({ appid, person: id }, () => navigate(listPath(appid, 'persons', {})))}
    />
  );
}
