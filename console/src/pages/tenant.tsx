/** One appid: what it keeps, its limits and its keys. */
import type { Output } from '../api/call.ts';
import { useAnswer } from '../api/hooks.ts';
import { Keys } from '../parts/keys.tsx';
import { Answer, Fact, Facts } from '../parts/notes.tsx';
import { TenantSettings } from '../parts/tenant-settings.tsx';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';
import type { TextName } from '../text/texts.ts';

type Tenant = Output<'tenants.show'>['tenant'];
type Quotas = Output<'tenants.show'>['quotas'];

/** The page of an appid. */
export function TenantPage({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const operator = useOperator();
  return (
    <>
      <article>
        <Answer of={useAnswer('tenants.show', { appid })}>
          {({ tenant, quotas }) => <TenantFacts of={tenant} quotas={quotas} />}
        </Answer>
      </article>
      {isGranted(operator, 'owner', null) && <TenantSettings appid={appid} />}
      <article>
        <h2>{t('key.title')}</h2>
        <Keys appid={appid} />
      </article>
    </>
  );
}

function TenantFacts({
  of: { note, kept, picturesOfMonth, limits, buckets },
  quotas,
}: {
  readonly of: Tenant;
  readonly quotas: Quotas;
}) {
  const { number, bytes } = useWords();
  return (
    <Facts>
      {note !== '' && <Fact name="tenant.note">{note}</Fact>}
      <Used name="tenant.groups" used={kept.groups} most={quotas.groups} />
      <Used name="tenant.persons" used={kept.persons} most={quotas.persons} />
      <Used name="tenant.faces" used={kept.faces} most={quotas.faces} />
      <Used name="tenant.bytes" used={kept.bytes} most={quotas.bytes} say={bytes} />
      <Used name="tenant.pictures" used={picturesOfMonth} most={quotas.picturesPerMonth} />
      {buckets.length > 0 && <Fact name="tenant.buckets">{buckets.join(', ')}</Fact>}
      {Object.keys(limits).length > 0 && (
        <Fact name="tenant.limits">
          {Object.entries(limits)
            .map(([name, value]) => `${name} ${typeof value === 'number' ? number(value) : value}`)
            .join(', ')}
        </Fact>
      )}
    </Facts>
  );
}

/** What is used, and of how much, if there is a limit. */
function Used({
  name,
  used,
  most,
  say,
}: {
  readonly name: TextName;
  readonly used: number;
  readonly most: number | undefined;
  /** How an amount is told; a number where nobody says. */
  readonly say?: (amount: number) => string;
}) {
  const { t, number } = useWords();
  const told = say ?? number;
  if (most === undefined) return <Fact name={name}>{told(used)}</Fact>;
  return (
    <Fact name={name}>
      {t('tenant.of', { used: told(used), most: told(most) })}
      <meter aria-label={t(name)} max={Math.max(most, 1)} high={0.9 * most} value={Math.min(used, most)} />
    </Fact>
  );
}
