/** The appids that the operator is for, with what they keep. */
import { useState } from 'preact/hooks';
import { Link } from 'wouter-preact';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { Answer, ErrorNote, Table, Title } from '../parts/notes.tsx';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

/** The list, and a form that adds to it. */
export function TenantsPage() {
  const { t, number } = useWords();
  const operator = useOperator();
  const tenants = useAnswer('tenants.list', {});
  return (
    <>
      <Title>{t('nav.tenants')}</Title>
      <Answer of={tenants}>
        {({ tenants }) => (
          <Table
            label={t('nav.tenants')}
            heads={[t('appid'), t('tenant.note'), t('tenant.groups'), t('tenant.persons'), t('tenant.faces')]}
          >
            {tenants.map(({ appid, note, kept }) => (
              <tr key={appid}>
                <th scope="row">
                  <Link href={`/tenants/${encodeURIComponent(appid)}`}>{appid}</Link>
                </th>
                <td>{note}</td>
                <td>{number(kept.groups)}</td>
                <td>{number(kept.persons)}</td>
                <td>{number(kept.faces)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Answer>
      {isGranted(operator, 'owner', null) && <AddTenant />}
    </>
  );
}

function AddTenant() {
  const { t } = useWords();
  const add = useOperation('tenants.add');
  const [isOpen, setOpen] = useState(false);
  return (
    <details open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t('tenant.add')}</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const form = new FormData(event.currentTarget);
          add.run({ new: String(form.get('appid')), note: String(form.get('note')) }, () => setOpen(false));
        }}
      >
        <label>
          {t('appid')}
          <input name="appid" required maxLength={128} inputMode="numeric" />
        </label>
        <label>
          {t('tenant.note')}
          <input name="note" />
        </label>
        <ErrorNote error={add.error} />
        <button type="submit" disabled={add.isBusy}>
          {t('tenant.add')}
        </button>
      </form>
    </details>
  );
}
