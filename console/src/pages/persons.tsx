/** The persons of an appid, page by page: all, those of a group, and those whose id or name begins with a text. */
import { Link, useLocation } from 'wouter-preact';
import type { Output } from '../api/call.ts';
import { useAnswer } from '../api/hooks.ts';
import { Crop } from '../parts/crop.tsx';
import { Answer, Table } from '../parts/notes.tsx';
import { PageLinks } from '../parts/pager.tsx';
import { useTurning } from '../parts/turning.ts';
import { listPath, personPath, tenantPath, wordsOf } from '../paths.ts';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

const words = ['group', 'by', 'prefix', 'at', 'name', 'back'] as const;
type Search = Readonly<Record<(typeof words)[number], string>>;
type Found = Output<'register.persons'>;

/** The page. @param query as `listPath` makes it. */
export function PersonsPage({ appid, query }: { readonly appid: string; readonly query?: string | undefined }) {
  const { t, number } = useWords();
  const search = wordsOf(query, words);
  const { group, by, prefix, at, name, back } = search;
  const list = useTurning(query);
  const persons = useAnswer('register.persons', {
    appid,
    ...(group !== '' && { group }),
    by: by === 'name' ? 'name' : 'id',
    prefix,
    ...(at !== '' && { cursor: { id: at, name }, isBackward: back !== '' }),
  });
  const pathOf = (cursor: Found['next'], isBackward = false) =>
    cursor === undefined
      ? undefined
      : listPath(appid, 'persons', {
          group,
          by,
          prefix,
          at: cursor.id,
          name: cursor.name,
          back: isBackward ? '1' : '',
        });
  return (
    <article>
      <h2>{t('register.persons')}</h2>
      <SearchForm key={query ?? ''} appid={appid} search={search} />
      <Answer of={persons}>
        {(page) => (
          <div ref={list} tabIndex={-1}>
            <p role="status">
              {group === ''
                ? t('register.personsTotal', { count: number(page.total) })
                : t('register.membersTotal', { group, count: number(page.total) })}
            </p>
            {page.persons.length > 0 ? (
              <Rows appid={appid} persons={page.persons} />
            ) : (
              <Nobody appid={appid} isEmpty={page.total === 0 && group === ''} hasNext={page.next !== undefined} />
            )}
            <PageLinks previous={pathOf(page.previous, true)} next={pathOf(page.next)} />
          </div>
        )}
      </Answer>
    </article>
  );
}

/** What is said in the place of a list; where nobody is registered, what leads to somebody. */
function Nobody({
  appid,
  isEmpty,
  hasNext,
}: {
  readonly appid: string;
  readonly isEmpty: boolean;
  readonly hasNext: boolean;
}) {
  const { t } = useWords();
  const mayChange = isGranted(useOperator(), 'editor', appid);
  if (!isEmpty) return <p>{t(hasNext ? 'register.noneYet' : 'register.noneFound')}</p>;
  return (
    <p>
      {t('register.nobody')} {mayChange && <Link href={`${tenantPath(appid)}/enrol`}>{t('nav.enrol')}</Link>}
    </p>
  );
}

function SearchForm({ appid, search }: { readonly appid: string; readonly search: Search }) {
  const { t } = useWords();
  const [, navigate] = useLocation();
  return (
    <form
      class="row"
      onSubmit={(event) => {
        event.preventDefault();
        const given = new FormData(event.currentTarget);
        const [group, by, prefix] = ['group', 'by', 'prefix'].map((one) => String(given.get(one)).trim());
        navigate(listPath(appid, 'persons', { group: group!, by: by === 'name' ? by : '', prefix: prefix! }));
      }}
    >
      <label>
        {t('register.group')}
        <input name="group" type="search" defaultValue={search.group} placeholder={t('register.all')} dir="auto" />
      </label>
      <label>
        {t('register.by')}
        <select name="by" defaultValue={search.by === 'name' ? 'name' : 'id'}>
          <option value="id">{t('register.byId')}</option>
          <option value="name">{t('register.byName')}</option>
        </select>
      </label>
      <label>
        {t('register.begins')}
        <input name="prefix" type="search" defaultValue={search.prefix} dir="auto" aria-describedby="register-begins" />
      </label>
      <button type="submit">{t('register.search')}</button>
      <small id="register-begins" class="whole">
        {t('register.beginsSays')}
      </small>
    </form>
  );
}

function Rows({ appid, persons }: { readonly appid: string; readonly persons: Found['persons'] }) {
  const { t, number } = useWords();
  const heads = [t('register.face'), t('register.id'), t('register.name'), t('register.tag'), t('register.faces')];
  return (
    <Table label={t('register.persons')} heads={heads}>
      {persons.map(({ id, name, tag, faces, face }) => (
        <tr key={id}>
          <td>{face !== null && <Crop appid={appid} face={face} label="" isSmall />}</td>
          <th scope="row">
            <Link href={personPath(appid, id)}>
              <bdi>{id}</bdi>
            </Link>
          </th>
          <td>
            <bdi>{name}</bdi>
          </td>
          <td>
            <bdi>{tag}</bdi>
          </td>
          <td>{number(faces)}</td>
        </tr>
      ))}
    </Table>
  );
}
