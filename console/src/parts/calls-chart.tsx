/** Calls by day: bars for the eye, and the same as a table. */
import { useWords } from '../text/language.tsx';
import { Table } from './notes.tsx';

/** The calls of a day. */
export interface DayOfCalls {
  /** `2026-11-30`. */
  readonly day: string;
  readonly ok: number;
  readonly failed: number;
}

/** A bar has a unit of width, with a gap of this on either side. */
const gap = 0.1;

/** @param days in order, days without calls among them. */
export function CallsChart({ days }: { readonly days: readonly DayOfCalls[] }) {
  const { t, number } = useWords();
  const most = Math.max(...days.map(({ ok, failed }) => ok + failed), 0);
  if (most === 0) return <p>{t('chart.none')}</p>;
  return (
    <figure>
      <div class="chart" aria-hidden="true">
        <p>{number(most)}</p>
        {/* It is stretched to the width that there is; what is written stands beside it. */}
        <svg viewBox={`0 0 ${days.length} ${most}`} preserveAspectRatio="none">
          <title>{t('chart.title')}</title>
          {days.map(({ day, ok, failed }, index) => (
            <g key={day}>
              <title>{`${day}: ${number(ok)} + ${number(failed)}`}</title>
              <rect class="ok" x={index + gap} y={most - ok} width={1 - 2 * gap} height={ok} />
              <rect class="failed" x={index + gap} y={most - ok - failed} width={1 - 2 * gap} height={failed} />
            </g>
          ))}
        </svg>
        <p>
          <span>{days[0]!.day}</span>
          <span>{days.at(-1)!.day}</span>
        </p>
      </div>
      <figcaption>
        <span class="key ok" /> {t('chart.ok')} <span class="key failed" /> {t('chart.failed')}
      </figcaption>
      <details>
        <summary>{t('chart.table')}</summary>
        <Table label={t('chart.table')} heads={[t('chart.day'), t('chart.ok'), t('chart.failed')]}>
          {days.map(({ day, ok, failed }) => (
            <tr key={day}>
              <td>{day}</td>
              <td>{number(ok)}</td>
              <td>{number(failed)}</td>
            </tr>
          ))}
        </Table>
      </details>
    </figure>
  );
}
