/** Tallies of what happens with every request: what prom-client makes of them at a scrape, it would make with each observation. */
import { Counter, type Histogram, type OpenMetricsContentType, type Registry } from 'prom-client';

/** Where metrics are told. */
export type Registers = readonly Registry<OpenMetricsContentType>[];

/** What a metric is called. */
interface Named {
  readonly name: string;
  readonly help: string;
}

/**
 * Makes a counter of two labels.
 * @returns adds one.
 */
export function countByPairs<const A extends string, const B extends string>(
  registers: Registers,
  { labels: [first, second], ...named }: Named & { readonly labels: readonly [A, B] },
): (a: string, b: number) => void {
  const counts = new Map<string, Map<number, number>>();
  new Counter<string>({
    ...named,
    labelNames: [first, second],
    registers: [...registers],
    collect() {
      this.reset();
      for (const [a, ofA] of counts) for (const [b, count] of ofA) this.inc({ [first]: a, [second]: b }, count);
    },
  });
  return (a, b) => {
    const ofA = counts.get(a) ?? new Map<number, number>();
    if (ofA.size === 0) counts.set(a, ofA);
    ofA.set(b, (ofA.get(b) ?? 0) + 1);
  };
}

/** The times with one value of the label. */
interface Tally {
  /** How many were no longer than each bound, and longer than the one before; the last are longer than all. */
  readonly buckets: Float64Array;
  sum: number;
}

/**
 * Makes a histogram of times by one label.
 * @param named `bounds` are its upper bounds in seconds, rising.
 * @returns adds a time in seconds.
 */
export function timesByLabel(
  registers: Registers,
  { name, help, label, bounds }: Named & { readonly label: string; readonly bounds: readonly number[] },
): (value: string, seconds: number) => void {
  const tallies = new Map<string, Tally>();
  const get = async () => ({
    name,
    help,
    type: 'histogram',
    aggregator: 'sum',
    values: [...tallies].flatMap(([value, tally]) => linesOf(name, { [label]: value }, bounds, tally)),
  });
  // A registry asks a metric for its name, and at a scrape for what `get` gives.
  const metric = { name, type: 'histogram', get, reset: () => tallies.clear() } as unknown as Histogram<string>;
  for (const register of registers) register.registerMetric(metric);
  return (value, seconds) => {
    let tally = tallies.get(value);
    if (tally === undefined) {
      tally = { buckets: new Float64Array(bounds.length + 1), sum: 0 };
      tallies.set(value, tally);
    }
    let at = 0;
    while (at < bounds.length && seconds > bounds[at]!) at += 1;
    tally.buckets[at]! += 1;
    tally.sum += seconds;
  };
}

function linesOf(
  name: string,
  labels: Readonly<Record<string, string>>,
  bounds: readonly number[],
  { buckets, sum }: Tally,
) {
  let count = 0;
  const lines = [...buckets].map((bucket, at) => {
    count += bucket;
    return { metricName: `${name}_bucket`, labels: { le: bounds[at] ?? '+Inf', ...labels }, value: count };
  });
  return [
    ...lines,
    { metricName: `${name}_sum`, labels, value: sum },
    { metricName: `${name}_count`, labels, value: count },
  ];
}
