/** Takes measures on two sides in turn. */

/** Something of each side. */
export interface Sides<T> {
  readonly before: T;
  readonly after: T;
}

/** Measured values by what was measured: for each round one of each side. */
export type Pairs = Readonly<Record<string, Sides<readonly number[]>>>;

/** Makes something of each side, one after the other. */
export async function both<T, U>(
  { before, after }: Sides<T>,
  make: (side: T, name: keyof Sides<T>) => Promise<U>,
): Promise<Sides<U>> {
  return { before: await make(before, 'before'), after: await make(after, 'after') };
}

/**
 * Takes every measure on both sides, round by round. The first round warms up and is not counted; the side that begins
 * changes from round to round.
 * @param measures by name; each gives a number of which less is better.
 */
export async function inTurn<T>(
  sides: Sides<T>,
  rounds: number,
  measures: Readonly<Record<string, (side: T, round: number) => Promise<number>>>,
): Promise<Pairs> {
  const pairs = Object.fromEntries(
    Object.keys(measures).map((name) => [name, { before: [] as number[], after: [] as number[] }]),
  );
  for (let round = 0; round <= rounds; round++) {
    const order = round % 2 === 0 ? (['before', 'after'] as const) : (['after', 'before'] as const);
    for (const [name, measure] of Object.entries(measures)) {
      for (const side of order) {
        const value = await measure(sides[side], round);
        if (round > 0) pairs[name]![side].push(value);
      }
    }
  }
  return pairs;
}
