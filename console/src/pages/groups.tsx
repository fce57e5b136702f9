/** The groups of an appid, page by page. */
import { Link, useLocation } from 'wouter-preact';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { Confirm } from '../parts/confirm.tsx';
import { Answer, Table } from '../parts/notes.tsx';
import { PageLinks } from '../parts/pager.tsx';
import { useTurning } from '../parts/turning.ts';
import { listPath, wordsOf } from '../paths.ts';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

/** The page. @param query as `listPath` makes it. */
export function GroupsPage({ appid, query }: { readonly appid: string; readonly query?: string | undefined }) {
  const { t, number } = useWords();
  const { prefix, at, back } = wordsOf(query, ['prefix', 'at', 'back']);
  const [, navigate] = useLocation();
  const list = useTurning(query);
  const groups = useAnswer('register.groups', {
    appid,
    prefix,
    ...(at !== '' && { cursor: at, isBackward: back !== '' }),
  });
  const pathOf = (cursor: string | undefined, isBackward = false) =>
    cursor === undefined ? undefined : listPath(appid, 'groups', { prefix, at: cursor, back: isBackward ? '1' : '' });
  return (
    <article>
      <h2>{t('register.groups')}</h2>
      <form
        key={prefix}
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const given = String(new FormData(event.currentTarget).get('prefix'));
          navigate(listPath(appid, 'groups', { prefix: given }));
        }}
      >
        <label>
          {t('register.groupBegins')}
          <input name="prefix" type="search" defaultValue={prefix} dir="auto" />
        </label>
        <button type="submit">{t('register.search')}</button>
      </form>
      <Answer of={groups}>
        {(page) => (
          <div ref={list} tabIndex={-1}>
            <p role="status">{t('register.groupsTotal', { count: number(page.total) })}</p>
            {page.groups.length === 0 ? (
              <p>{t(prefix === '' ? 'register.noGroupYet' : 'register.noneFound')}</p>
            ) : (
              <Rows appid={appid} groups={page.groups} />
            )}
            <PageLinks previous={pathOf(page.previous, true)} next={pathOf(page.next)} />
          </div>
        )}
      </Answer>
    </article>
  );
}

function Rows({ appid, groups }: { readonly appid: string; readonly groups: Output<'register.groups'>['groups'] }) {
  const { t, number } = useWords();
  const mayChange = isGranted(useOperator(), 'editor', appid);
  const heads = [t('register.group'), t('register.persons'), ...(mayChange ? [t('register.change')] : [])];
  return (
    <Table label={t('register.groups')} heads={heads}>
      {groups.map(({ id, members }) => (
        <tr key={id}>
          <th scope="row">
            <Link href={listPath(appid, 'persons', { group: id })}>
              <bdi>{id}</bdi>
            </Link>
          </th>
          <td>{number(members)}</td>
          {mayChange && (
            <td>
              <EraseGroup appid={appid} group={id} members={members} />
            </td>
          )}
        </tr>
      ))}
    </Table>
  );
}

function EraseGroup({
  appid,
  group,
  members,
}: {
  readonly appid: string;
  readonly group: string;
  readonly members: number;
}) {
  const { t, number } = useWords();
  const erase = useOperation('register.eraseGroup');
  return (
    <Confirm
      label={t('register.eraseGroup')}
      isDanger
      says={t('register.eraseGroupSays', { group, count: number(members) })}
      error={erase.error}
      isBusy={erase.isBusy}
      onConfirm={(close) => erase.run({ appid, group }, close)}
    />
  );
}
