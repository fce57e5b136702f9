/** Strangers accepted and people missed, by threshold: lines for the eye, and the same as a table. */
import { fittedLeast, fittedMost, strangersAccepted } from '../../../src/contract/score-meaning.ts';
import { measuredMisses, missesAt } from '../measured-misses.ts';
import { useWords } from '../text/language.tsx';
import { Table } from './notes.tsx';
import { roughly, useShare } from './score-meaning.tsx';

/** The thresholds that are drawn. */
const [from, to] = [fittedLeast, 98] as const;
/** The shares that are drawn, as powers of ten. */
const [least, greatest] = [-6, 0] as const;
/** The drawing's size, in its own units: it is scaled to the width that there is. */
const [width, height, edge, left] = [460, 300, 36, 88] as const;
/** Galleries are drawn with a tenth of the faces, all of them, and ten times as many. */
const factors = [0.1, 1, 10] as const;

const x = (threshold: number): number => left + ((threshold - from) / (to - from)) * (width - left - 8);
const y = (share: number): number => {
  const power = Math.max(least, Math.log10(Math.max(share, Number.MIN_VALUE)));
  return 8 + ((greatest - power) / (greatest - least)) * (height - 8 - edge);
};
const thresholds = Array.from({ length: to - from + 1 }, (_, i) => from + i);
const line = (points: readonly (readonly [threshold: number, share: number])[]): string =>
  points.map(([threshold, share]) => `${x(threshold).toFixed(1)},${y(share).toFixed(1)}`).join(' ');

interface ThresholdChartProps {
  readonly faces: number;
  readonly threshold: number;
}

/** The chart. */
export function ThresholdChart({ faces, threshold }: ThresholdChartProps) {
  const { t, number } = useWords();
  const galleries = [...new Set(factors.map((factor) => Math.max(1, Math.round(faces * factor))))];
  return (
    <figure>
      <svg class="threshold" viewBox={`0 0 ${width} ${height}`} role="img" aria-label={t('threshold.chart')}>
        <Axes />
        <rect class="beyond" x={x(fittedMost)} y={8} width={x(to) - x(fittedMost)} height={height - 8 - edge} />
        {galleries.map((many) => (
          <polyline
            key={many}
            class={many === faces ? 'failed' : 'failed thin'}
            points={line(thresholds.map((one) => [one, strangersAccepted(one, many)]))}
          />
        ))}
        <polyline class="ok" points={line(measuredMisses)} />
        <line class="chosen" x1={x(threshold)} x2={x(threshold)} y1={8} y2={height - edge} />
        <text x={x(threshold)} y={24} dx={6}>
          {threshold}
        </text>
        {galleries.map((many) => (
          <text key={many} class="small" x={x(to) - 4} y={y(strangersAccepted(to, many)) - 4} text-anchor="end">
            {number(many)}
          </text>
        ))}
      </svg>
      <figcaption>
        <span class="key failed" /> {t('threshold.accepted', { faces: galleries.map(number).join(', ') })}{' '}
        <span class="key ok" /> {t('threshold.missed')}
        <br />
        <small>{t('threshold.beyond')}</small>
      </figcaption>
      <AsTable faces={faces} />
    </figure>
  );
}

function Axes() {
  const powers = Array.from({ length: greatest - least + 1 }, (_, i) => greatest - i);
  return (
    <g class="axes">
      {powers.map((power) => (
        <g key={power}>
          <line x1={left} x2={x(to)} y1={y(10 ** power)} y2={y(10 ** power)} />
          <text x={left - 6} y={y(10 ** power) + 4} text-anchor="end">
            {power === 0 ? '1' : `1/${Math.round(10 ** -power).toLocaleString('en')}`}
          </text>
        </g>
      ))}
      {[50, 60, 70, 80, 90].map((threshold) => (
        <text key={threshold} x={x(threshold)} y={height - edge + 20} text-anchor="middle">
          {threshold}
        </text>
      ))}
    </g>
  );
}

function AsTable({ faces }: { readonly faces: number }) {
  const { t, number } = useWords();
  const share = useShare();
  const heads = [t('threshold.axis'), t('threshold.accepted', { faces: number(faces) }), t('threshold.missed')];
  return (
    <details>
      <summary>{t('chart.table')}</summary>
      <Table label={t('chart.table')} heads={heads}>
        {[50, 60, 70, 75, 80, 85, 90].map((threshold) => {
          const missed = missesAt(threshold);
          return (
            <tr key={threshold}>
              <th scope="row">{threshold}</th>
              <td>{share(strangersAccepted(threshold, faces))}</td>
              <td>{missed === undefined ? t('threshold.unknown') : `${number(roughly(100 * missed))} %`}</td>
            </tr>
          );
        })}
      </Table>
    </details>
  );
}
