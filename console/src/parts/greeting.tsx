/** Greets whoever has an installation without persons, and shows the way to the first steps. */
import { Link } from 'wouter-preact';
import { useAnswer } from '../api/hooks.ts';
import { useWords } from '../text/language.tsx';

/** Nothing once there are persons. */
export function Greeting() {
  const { t } = useWords();
  const { data } = useAnswer('tenants.list', {});
  if (data === undefined || data.tenants.some(({ kept }) => kept.persons > 0)) return null;
  const first = data.tenants[0]?.appid;
  return (
    <article class="greeting">
      <h2>{t('start.welcome')}</h2>
      <p>{t('start.welcomeSays')}</p>
      <ol>
        <li>{t('start.key')}</li>
        <li>{t('start.person')}</li>
        <li>{t('start.recognition')}</li>
      </ol>
      {first === undefined ? (
        <Link href="/tenants">{t('tenant.add')}</Link>
      ) : (
        <Link href={`/tenants/${encodeURIComponent(first)}/start`}>{t('start.begin')}</Link>
      )}
    </article>
  );
}
