/** Measures times in turn, and formats them. */

/** Runs the subjects in turn, so that other work on the machine affects all of them; milliseconds by subject. */
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

/** A number with three significant digits or more. */
export function number(value: number): string {
  if (value >= 1000) return Math.round(value).toLocaleString('en');
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
