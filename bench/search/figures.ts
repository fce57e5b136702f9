/** How times are taken in turn and written down. */

/** Runs the subjects in turn, so that what else the machine does meets them alike; milliseconds by subject. */
export async function interleave<K extends string>(
  rounds: number,
  subjects: Readonly<Record<K, () => Promise<unknown> | unknown>>,
): Promise<Record<K, number[]>> {
  const entries = Object.entries(subjects) as [K, () => Promise<unknown> | unknown][];
  const times = Object.fromEntries(entries.map(([name]) => [name, [] as number[]])) as Record<K, number[]>;
  for (const [, subject] of entries) await subject();
  for (let round = 0; round < rounds; round++) {
    for (const [name, subject] of entries) {
      const start = performance.now();
      await subject();
      times[name].push(performance.now() - start);
    }
  }
  return times;
}

/** A number with as many digits as matter. */
export function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
