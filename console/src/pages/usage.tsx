/** What was called, and the statement of a month. */
import { useState } from 'preact/hooks';
import { useAnswer, useOperation } from '../api/hooks.ts';
import { CallsChart } from '../parts/calls-chart.tsx';
import { Code } from '../parts/code.tsx';
import { Answer, ErrorNote, Table, Title } from '../parts/notes.tsx';
import { TenantChoice } from '../parts/tenant-choice.tsx';
import { useWords } from '../text/language.tsx';
import { dayOf, daysBetween, lastDays } from '../time.ts';

const kinds = ['endpoint', 'key', 'product', 'code'] as const;
type Kind = (typeof kinds)[number];

/** The page. */
export function UsagePage() {
  const { t } = useWords();
  return (
    <>
      <Title>{t('nav.usage')}</Title>
      <TenantChoice>{(appid) => <UsageOf key={appid} appid={appid} />}</TenantChoice>
    </>
  );
}

function UsageOf({ appid }: { readonly appid: string }) {
  const { t } = useWords();
  const days = lastDays(30);
  const [span, setSpan] = useState({ from: days[0]!, to: days.at(-1)! });
  const [by, setBy] = useState<Kind>('endpoint');
  const dayField = (name: 'from' | 'to') => (
    <label>
      {t(`usage.${name}`)}
      <input
        type="date"
        required
        value={span[name]}
        onChange={({ currentTarget: { value } }) => value !== '' && setSpan({ ...span, [name]: value })}
      />
    </label>
  );
  return (
    <>
      <article>
        <div class="row">
          {dayField('from')}
          {dayField('to')}
          <label>
            {t('usage.by')}
            <select value={by} onChange={({ currentTarget }) => setBy(currentTarget.value as Kind)}>
              {kinds.map((kind) => (
                <option key={kind} value={kind}>
                  {t(`usage.${kind}`)}
                </option>
              ))}
            </select>
          </label>
        </div>
        <Days appid={appid} {...span} />
        <Rows appid={appid} {...span} by={by} />
      </article>
      <Statement appid={appid} />
    </>
  );
}

interface Span {
  readonly appid: string;
  readonly from: string;
  readonly to: string;
}

function Days(span: Span) {
  return (
    <Answer of={useAnswer('usage.report', { ...span, by: ['day'] })}>
      {({ rows }) => {
        const found = new Map(rows.map((row) => [row.day, row]));
        const days = daysBetween(span.from, span.to);
        return <CallsChart days={days.map((day) => ({ ...{ ok: 0, failed: 0 }, ...found.get(day), day }))} />;
      }}
    </Answer>
  );
}

function Rows({ by, ...span }: Span & { readonly by: Kind }) {
  const { t, number } = useWords();
  const heads = [t(`usage.${by}`), t('chart.ok'), t('chart.failed'), t('usage.pictures'), t('usage.faces')];
  return (
    <Answer of={useAnswer('usage.report', { ...span, by: [by] })}>
      {({ rows }) =>
        rows.length > 0 && (
          <Table label={t('nav.usage')} heads={heads}>
            {rows.map((row) => (
              <tr key={row[by]}>
                <th scope="row">{by === 'code' ? <Code of={row.code} /> : row[by]}</th>
                <td>{number(row.ok)}</td>
                <td>{number(row.failed)}</td>
                <td>{number(row.pictures)}</td>
                <td>{number(row.faces)}</td>
              </tr>
            ))}
          </Table>
        )
      }
    </Answer>
  );
}

function Statement({ appid }: { readonly appid: string }) {
  const { t, language } = useWords();
  const make = useOperation('statements.make');
  const [text, setText] = useState<string>();
  return (
    <article>
      <h2>{t('statement.title')}</h2>
      <form
        class="row"
        onSubmit={(event) => {
          event.preventDefault();
          const month = String(new FormData(event.currentTarget).get('month'));
          make.run({ appid, month, format: 'text', language }, ({ content }) => setText(content));
        }}
      >
        <label>
          {t('statement.month')}
          <input
            name="month"
            required
            pattern="\d{4}-(0[1-9]|1[0-2])"
            placeholder="2026-11"
            defaultValue={dayOf(new Date()).slice(0, 7)}
          />
        </label>
        <button type="submit" disabled={make.isBusy}>
          {t('statement.make')}
        </button>
      </form>
      <ErrorNote error={make.error} />
      {text !== undefined && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by the keyboard
        <pre tabIndex={0}>{text}</pre>
      )}
    </article>
  );
}
