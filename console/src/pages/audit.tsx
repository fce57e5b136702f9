/** The audit: its newest lines, and whether every chain is as it was written. */
import { useState } from 'preact/hooks';
import type { Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { Code } from '../parts/code.tsx';
import { Answer, ErrorNote, Table, Title } from '../parts/notes.tsx';
import { TenantChoice } from '../parts/tenant-choice.tsx';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

type Line = Output<'audit.list'>['lines'][number];

/** The audit of an appid, of the installation, and the check of all. */
export function AuditPage() {
  const { t } = useWords();
  const isOwnerOfAll = isGranted(useOperator(), 'owner', null);
  return (
    <>
      <Title>{t('nav.audit')}</Title>
      {isOwnerOfAll && <Verify />}
      <article>
        <h2>{t('audit.ofAppid')}</h2>
        <TenantChoice>{(appid) => <LinesOf key={appid} appid={appid} />}</TenantChoice>
      </article>
      {isOwnerOfAll && (
        <article>
          <h2>{t('audit.ofInstallation')}</h2>
          <InstallationLines />
        </article>
      )}
    </>
  );
}

function LinesOf({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const [filter, setFilter] = useState<{ actor?: string; action?: string; id?: string }>({});
  return (
    <>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const given = new FormData(event.currentTarget);
          setFilter(Object.fromEntries([...given].filter(([, value]) => value !== '')));
        }}
      >
        {(['actor', 'action', 'id'] as const).map((name) => (
          <label key={name}>
            {t(`audit.${name}`)}
            <input name={name} type="search" />
          </label>
        ))}
        <button type="submit">{t('audit.filter')}</button>
      </form>
      <Answer of={useAnswer('audit.list', { appid, ...filter, linesMax: 100 })}>
        {({ lines }) => <Lines of={lines} label={t('audit.ofAppid')} />}
      </Answer>
    </>
  );
}

function InstallationLines() {
  const { t } = useWords();
  return (
    <Answer of={useAnswer('audit.installation', { linesMax: 100 })}>
      {({ lines }) => <Lines of={lines} label={t('audit.ofInstallation')} />}
    </Answer>
  );
}

function Lines({ of, label }: { readonly of: readonly Line[]; readonly label: string }) {
  const { t, moment } = useWords();
  if (of.length === 0) return <p>{t('audit.none')}</p>;
  return (
    <Table label={label} heads={[t('audit.at'), t('audit.actor'), t('audit.action'), t('audit.id'), t('audit.code')]}>
      {of.toReversed().map((line) => (
        <tr key={`${line.chain} ${line.sequence}`}>
          <td>{moment(line.at)}</td>
          <td>{line.actor}</td>
          <td>{line.action}</td>
          <td>{namesOf(line)}</td>
          <td>
            <Code of={line.code} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The ids of a line; of one that is erased, the beginning of its digest. */
function namesOf({ ids, more }: Line): string {
  const names = Object.values(ids)
    .flat()
    .map(({ id, digest }) => id ?? `${digest.slice(0, 8)}…`);
  return [...names, ...(more > 0 ? [`+ ${more}`] : [])].join(', ');
}

function Verify() {
  const { t, number } = useWords();
  const verify = useOperation('audit.verify');
  const [chains, setChains] = useState<Output<'audit.verify'>['chains']>();
  const broken = chains?.filter((chain) => chain.broken !== undefined) ?? [];
  return (
    <article>
      <h2>{t('audit.check')}</h2>
      <button type="button" disabled={verify.isBusy} onClick={() => verify.run({}, (found) => setChains(found.chains))}>
        {t('audit.verify')}
      </button>
      <ErrorNote error={verify.error} />
      {chains !== undefined && broken.length === 0 && (
        <p role="status">
          {t('audit.whole', {
            chains: number(chains.length),
            lines: number(chains.reduce((sum, { lines }) => sum + lines, 0)),
          })}
        </p>
      )}
      {broken.map(({ appid, chain, broken: fault }) => (
        <p key={`${appid} ${chain}`} role="alert" class="error">
          {t('audit.broken', { chain: `${appid} ${chain}`, sequence: number(fault!.sequence) })}{' '}
          <small lang="en">{fault!.reason}</small>
        </p>
      ))}
    </article>
  );
}
