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

/** The size of the drawing, in its own units. */
const [width, height, foot, side] = [720, 180, 20, 48];

/** @param days in order, days without calls among them. */
export function CallsChart({ days }: { readonly days: readonly DayOfCalls[] }) {
  const { t, number } = useWords();
  const most = Math.max(...days.map(({ ok, failed }) => ok + failed), 0);
  if (most === 0) return <p>{t('chart.none')}</p>;
  const step = (width - side) / days.length;
  const tall = (calls: number) => (calls / most) * (height - foot - 8);
  return (
    <figure>
      <svg viewBox={`0 0 ${width} ${height}`} class="chart" aria-hidden="true">
        <line x1={side} x2={width} y1={height - foot} y2={height - foot} class="axis" />
        <text x={side - 6} y={16} text-anchor="end">
          {number(most)}
        </text>
        <text x={side - 6} y={height - foot} text-anchor="end">
          0
        </text>
        {days.map(({ day, ok, failed }, index) => {
          const x = side + index * step + step * 0.1;
          const floor = height - foot;
          return (
            <g key={day}>
              <title>{`${day}: ${number(ok)} + ${number(failed)}`}</title>
              <rect class="ok" x={x} y={floor - tall(ok)} width={step * 0.8} height={tall(ok)} />
              <rect class="failed" x={x} y={floor - tall(ok + failed)} width={step * 0.8} height={tall(failed)} />
            </g>
          );
        })}
        <text x={side} y={height - 4}>
          {days[0]!.day}
        </text>
        <text x={width} y={height - 4} text-anchor="end">
          {days.at(-1)!.day}
        </text>
      </svg>
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
