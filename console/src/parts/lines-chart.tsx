/** Values over the last minutes: lines for the eye, and the same as a table. */
import { useWords } from '../text/language.tsx';
import type { TextName } from '../text/texts.ts';
import { Table } from './notes.tsx';

/** A line. */
export interface Line {
  readonly name: TextName;
  /** One a moment; null where there is none. */
  readonly values: readonly (number | null)[];
  readonly look: 'ok' | 'failed';
}

/** The height of the drawing in its own units, whatever the values are. */
const height = 100;

/** @param at the moments, in milliseconds since 1970. @param unit what the values are written with. */
export function LinesChart({
  title,
  at,
  lines,
  unit,
}: {
  readonly title: TextName;
  readonly at: readonly number[];
  readonly lines: readonly Line[];
  readonly unit: string;
}) {
  const { t, number, clock } = useWords();
  const most = Math.max(...lines.flatMap(({ values }) => values.map((value) => value ?? 0)), 0);
  const write = (value: number) => `${number(Math.round(value * 10) / 10)}${unit}`;
  return (
    <figure>
      <h3>{t(title)}</h3>
      <div class="chart lines" aria-hidden="true">
        <p>{write(most)}</p>
        <svg viewBox={`0 0 ${Math.max(at.length - 1, 1)} ${height}`} preserveAspectRatio="none">
          <title>{t(title)}</title>
          {lines.map(({ name, values, look }) => (
            <path key={name} class={look} d={pathOf(values, most)} />
          ))}
        </svg>
        <p>
          <span>{at.length > 0 && clock(at[0]!)}</span>
          <span>{at.length > 0 && clock(at.at(-1)!)}</span>
        </p>
      </div>
      <figcaption>
        {lines.map(({ name, look }) => (
          <span key={name}>
            <span class={`key ${look}`} /> {t(name)}{' '}
          </span>
        ))}
      </figcaption>
      <details>
        <summary>{t('chart.table')}</summary>
        <Table label={t(title)} heads={[t('live.time'), ...lines.map(({ name }) => t(name))]}>
          {at.map((moment, i) => (
            <tr key={moment}>
              <td>{clock(moment)}</td>
              {lines.map(({ name, values }) => (
                <td key={name}>{values[i] == null ? '' : write(values[i])}</td>
              ))}
            </tr>
          ))}
        </Table>
      </details>
    </figure>
  );
}

/** The line through all values; it is broken where there is none, and a value between two gaps is a dot. */
function pathOf(values: readonly (number | null)[], most: number): string {
  let isDrawn = false;
  return values
    .map((value, x) => {
      if (value === null) {
        isDrawn = false;
        return '';
      }
      const y = height - (most === 0 ? 0 : (value / most) * height);
      const step = isDrawn ? `L${x} ${y}` : `M${x} ${y}h0`;
      isDrawn = true;
      return step;
    })
    .join('');
}
