/** Exact decimals: amounts of money are never floating-point numbers. */

/** The number `units` × 10^-`scale`; not negative. */
export interface Decimal {
  readonly units: bigint;
  /** Digits after the point. */
  readonly scale: number;
}

/** Digits on either side of the point, at most. */
export const digitsMax = 12;
const spelling = new RegExp(`^(\\d{1,${digitsMax}})(?:\\.(\\d{1,${digitsMax}}))?$`);

/** Nothing. */
export const zero: Decimal = { units: 0n, scale: 0 };

/** Reads `12` or `0.0005`; undefined if it is spelled in any other way. */
export function parseDecimal(text: string): Decimal | undefined {
  const match = spelling.exec(text);
  if (match === null) return undefined;
  const [, whole = '', fraction = ''] = match;
  return { units: BigInt(whole + fraction), scale: fraction.length };
}

/** As many times a decimal, with its digits. @param count a whole number. */
export function times({ units, scale }: Decimal, count: number): Decimal {
  return { units: units * BigInt(count), scale };
}

/** The sum of two, with the digits of the one that has more. */
export function plus(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return { units: scaled(a, scale) + scaled(b, scale), scale };
}

/** With so many digits after the point; what lies in the middle is rounded up. */
export function round(value: Decimal, scale: number): Decimal {
  if (value.scale <= scale) return { units: scaled(value, scale), scale };
  const divisor = 10n ** BigInt(value.scale - scale);
  return { units: (value.units + divisor / 2n) / divisor, scale };
}

/** Writes all of its digits: `0.0005`. */
export function formatDecimal({ units, scale }: Decimal): string {
  const digits = String(units).padStart(scale + 1, '0');
  const whole = digits.length - scale;
  return scale === 0 ? digits : `${digits.slice(0, whole)}.${digits.slice(whole)}`;
}

function scaled({ units, scale }: Decimal, to: number): bigint {
  return units * 10n ** BigInt(to - scale);
}
