/** One appid: what it keeps, its limits and its keys. */
import type { Output } from '../api/call.ts';
import { useAnswer } from '../api/hooks.ts';
import { Keys } from '../parts/keys.tsx';
import { Answer, Fact, Facts } from '../parts/notes.tsx';
import { TenantSettings } from '../parts/tenant-settings.tsx';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

type Tenant = Output<'tenants.show'>['tenant'];

/** The page of an appid. */
export function TenantPage({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const operator = useOperator();
  return (
    <>
      <article>
        <Answer of={useAnswer('tenants.show', { appid })}>{({ tenant }) => <TenantFacts of={tenant} />}</Answer>
      </article>
      {isGranted(operator, 'owner', null) && <TenantSettings appid={appid} />}
      <article>
        <h2>{t('key.title')}</h2>
        <Keys appid={appid} />
      </article>
    </>
  );
}

function TenantFacts({ of: { note, kept, picturesOfMonth, limits, buckets } }: { readonly of: Tenant }) {
  const { number } = useWords();
  return (
    <Facts>
      {note !== '' && <Fact name="tenant.note">{note}</Fact>}
      <Fact name="tenant.groups">{number(kept.groups)}</Fact>
      <Fact name="tenant.persons">{number(kept.persons)}</Fact>
      <Fact name="tenant.faces">{number(kept.faces)}</Fact>
      <Fact name="tenant.bytes">{number(kept.bytes)}</Fact>
      <Fact name="tenant.pictures">{number(picturesOfMonth)}</Fact>
      {buckets.length > 0 && <Fact name="tenant.buckets">{buckets.join(', ')}</Fact>}
      {Object.keys(limits).length > 0 && (
        <Fact name="tenant.limits">
          {Object.entries(limits)
            .map(([name, value]) => `${name} ${number(value)}`)
            .join(', ')}
        </Fact>
      )}
    </Facts>
  );
}
