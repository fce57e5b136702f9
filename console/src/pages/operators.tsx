/** Who may sign in, and with what. */
import { useState } from 'preact/hooks';
import type { Input } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { Confirm } from '../parts/confirm.tsx';
import { DialogButton, DialogEnd } from '../parts/dialog.tsx';
import { Moment } from '../parts/moment.tsx';
import { Answer, ErrorNote, Table, Title } from '../parts/notes.tsx';
import { useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

type Grant = Input<'operators.invite'>['grant'];

const roles: readonly Grant['role'][] = ['reader', 'editor', 'owner'];

/** The list, and links for new ones. */
export function OperatorsPage() {
  const { t } = useWords();
  const self = useOperator();
  const heads = [t('signIn.name'), t('operator.role'), t('appid'), t('operator.since'), t('operator.change')];
  return (
    <>
      <Title>{t('nav.operators')}</Title>
      <Answer of={useAnswer('operators.list', {})}>
        {({ operators }) => (
          <Table label={t('nav.operators')} heads={heads}>
            {operators.map(({ name, role, appid, createdAt }) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{t(`operator.${role}`)}</td>
                <td>{appid ?? t('operator.everything')}</td>
                <td>
                  <Moment at={createdAt} />
                </td>
                <td>
                  {name !== self.name && (
                    <>
                      <Edit name={name} grant={{ role, appid }} /> <Remove name={name} />
                    </>
                  )}
                </td>
              </tr>
            ))}
          </Table>
        )}
      </Answer>
      <Invite />
    </>
  );
}

function Edit({ name, grant }: { readonly name: string; readonly grant: Grant }) {
  const { t } = useWords();
  const set = useOperation('operators.set');
  return (
    <DialogButton label={t('operator.edit')}>
      {(close) => (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            set.run({ name, grant: grantOf(event.currentTarget) }, close);
          }}
        >
          <p>{t('operator.editSays', { name })}</p>
          <GrantFields of={grant} />
          <ErrorNote error={set.error} />
          <DialogEnd label={t('save')} isBusy={set.isBusy} close={close} />
        </form>
      )}
    </DialogButton>
  );
}

function GrantFields({ of }: { readonly of?: Grant }) {
  const { t } = useWords();
  const { data } = useAnswer('tenants.list', {});
  // Somebody may be for an appid that is gone.
  const appids = [...new Set([...(data?.tenants ?? []).map(({ appid }) => appid), ...(of?.appid ? [of.appid] : [])])];
  return (
    <>
      <label>
        {t('operator.role')}
        <select name="role" defaultValue={of?.role ?? 'reader'}>
          {roles.map((role) => (
            <option key={role} value={role}>
              {t(`operator.${role}`)}
            </option>
          ))}
        </select>
      </label>
      <label>
        {t('operator.appid')}
        <select name="appid">
          <option value="">{t('operator.everything')}</option>
          {appids.map((appid) => (
            <option key={appid} value={appid} selected={appid === of?.appid}>
              {appid}
            </option>
          ))}
        </select>
      </label>
    </>
  );
}

/** What a form with {@link GrantFields} says. */
function grantOf(form: HTMLFormElement): Grant {
  const given = new FormData(form);
  const appid = String(given.get('appid'));
  return { role: String(given.get('role')) as Grant['role'], appid: appid === '' ? null : appid };
}

function Remove({ name }: { readonly name: string }) {
  const { t } = useWords();
  const remove = useOperation('operators.remove');
  return (
    <Confirm
      label={t('operator.remove')}
      isDanger
      says={t('operator.removeSays', { name })}
      error={remove.error}
      isBusy={remove.isBusy}
      onConfirm={(close) => remove.run({ name }, close)}
    />
  );
}

function Invite() {
  const { t } = useWords();
  const invite = useOperation('operators.invite');
  const [link, setLink] = useState<string>();
  return (
    <article>
      <h2>{t('operator.invite')}</h2>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const name = String(new FormData(event.currentTarget).get('name'));
          invite.run({ name, grant: grantOf(event.currentTarget) }, ({ token }) =>
            setLink(`${location.origin}/#/link/${token}`),
          );
        }}
      >
        <label>
          {t('signIn.name')}
          <input name="name" required pattern="[\w.@\-]{1,64}" autoComplete="off" />
        </label>
        <GrantFields />
        <ErrorNote error={invite.error} />
        <button type="submit" disabled={invite.isBusy}>
          {t('operator.makeLink')}
        </button>
      </form>
      {link !== undefined && (
        <section class="made" role="status">
          <p>{t('operator.linkSays')}</p>
          <code>{link}</code>
        </section>
      )}
    </article>
  );
}
