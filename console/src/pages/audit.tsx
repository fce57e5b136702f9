/** The audit: its newest lines, and whether every chain is as it was written. */
import { useState } from 'preact/hooks';
import type { Input, Output } from '../api/call.ts';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { Code } from '../parts/code.tsx';
import { Moment } from '../parts/moment.tsx';
import { Answer, ErrorNote, Table, Title } from '../parts/notes.tsx';
import { TenantChoice } from '../parts/tenant-choice.tsx';
import { isGranted, useOperator } from '../session.tsx';
import { useWords } from '../text/language.tsx';

type Line = Output<'audit.list'>['lines'][number];
type Filter = Omit<Input<'audit.list'>, 'appid' | 'linesMax'>;

/** Lines that are asked for at first, and the most that the server gives at once. */
const linesAtOnce = 100;
const linesMost = 1_000;

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
  const [filter, setFilter] = useState<Filter>({});
  const [linesMax, setLinesMax] = useState(linesAtOnce);
  return (
    <>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          setFilter(filterOf(new FormData(event.currentTarget)));
          setLinesMax(linesAtOnce);
        }}
      >
        {(['actor', 'action', 'id'] as const).map((name) => (
          <label key={name}>
            {t(`audit.${name}`)}
            <input name={name} type="search" />
          </label>
        ))}
        {(['from', 'to'] as const).map((name) => (
          <label key={name}>
            {t(`usage.${name}`)}
            <input name={name} type="date" />
          </label>
        ))}
        <button type="submit">{t('audit.filter')}</button>
      </form>
      <Answer of={useAnswer('audit.list', { appid, ...filter, linesMax })}>
        {({ lines }) => (
          <>
            <Lines of={lines} label={t('audit.ofAppid')} />
            <More count={lines.length} linesMax={linesMax} onMore={setLinesMax} />
          </>
        )}
      </Answer>
    </>
  );
}

/** What a form of {@link LinesOf} says; of a day all that is in it, by the clock of the browser. */
function filterOf(given: FormData): Filter {
  const [actor, action, id, from, to] = ['actor', 'action', 'id', 'from', 'to'].map((name) => String(given.get(name)));
  return {
    ...(actor && { actor }),
    ...(action && { action }),
    ...(id && { id }),
    ...(from && { from: Date.parse(`${from}T00:00`) }),
    ...(to && { to: Date.parse(`${to}T23:59:59.999`) }),
  };
}

/** A button as long as there may be more lines than are shown; beyond the most, days have to be named. */
function More({
  count,
  linesMax,
  onMore,
}: {
  readonly count: number;
  readonly linesMax: number;
  readonly onMore: (linesMax: number) => void;
}) {
  const { t, number } = useWords();
  if (count < linesMax) return null;
  if (linesMax >= linesMost) return <p>{t('audit.most', { count: number(linesMost) })}</p>;
  return (
    <button type="button" class="secondary small" onClick={() => onMore(Math.min(linesMost, 3 * linesMax))}>
      {t('audit.more')}
    </button>
  );
}

function InstallationLines() {
  const { t } = useWords();
  const [linesMax, setLinesMax] = useState(linesAtOnce);
  return (
    <Answer of={useAnswer('audit.installation', { linesMax })}>
      {({ lines }) => (
        <>
          <Lines of={lines} label={t('audit.ofInstallation')} />
          <More count={lines.length} linesMax={linesMax} onMore={setLinesMax} />
        </>
      )}
    </Answer>
  );
}

function Lines({ of, label }: { readonly of: readonly Line[]; readonly label: string }) {
  const { t } = useWords();
  if (of.length === 0) return <p>{t('audit.none')}</p>;
  return (
    <Table
      label={label}
      heads={[t('audit.at'), t('audit.actor'), t('audit.action'), t('audit.about'), t('audit.code')]}
    >
      {of.toReversed().map((line) => (
        <tr key={`${line.chain} ${line.sequence}`}>
          <td>
            <Moment at={line.at} />
          </td>
          <td>{line.actor}</td>
          <td>{line.action}</td>
          <td class="about">{namesOf(line)}</td>
          <td>
            <Code of={line.code} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** The ids of a line, and what else it tells; of an id that is erased, the beginning of its digest. */
function namesOf({ ids, more, detail = {} }: Line): string {
  const names = Object.values(ids)
    .flat()
    .map(({ id, digest }) => id ?? `${digest.slice(0, 8)}…`);
  const told = Object.entries(detail).map(
    ([name, value]) => `${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return [...names, ...(more > 0 ? [`+ ${more}`] : []), ...told].join(', ');
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
