/** The appid that a page is about, chosen from those that the operator is for. */
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { useAnswer } from '../api/hooks.ts';
import { useWords } from '../text/language.tsx';
import { Answer } from './notes.tsx';

/** What was chosen last, for the next page. */
let last: string | undefined;

/** Shows the choice, and below it what is about the chosen one. */
export function TenantChoice({ children }: { readonly children: (appid: string) => ComponentChildren }) {
  const { t } = useWords();
  const [chosen, choose] = useState(last);
  return (
    <Answer of={useAnswer('tenants.list', {})}>
      {({ tenants }) => {
        const appid = tenants.find((tenant) => tenant.appid === chosen)?.appid ?? tenants[0]?.appid;
        if (appid === undefined) return <p>{t('overview.noTenants')}</p>;
        return (
          <>
            <label>
              {t('appid')}
              <select
                value={appid}
                onChange={({ currentTarget }) => {
                  last = currentTarget.value;
                  choose(last);
                }}
              >
                {tenants.map((tenant) => (
                  <option key={tenant.appid} value={tenant.appid}>
                    {tenant.note === '' ? tenant.appid : `${tenant.appid} · ${tenant.note}`}
                  </option>
                ))}
              </select>
            </label>
            {children(appid)}
          </>
        );
      }}
    </Answer>
  );
}
