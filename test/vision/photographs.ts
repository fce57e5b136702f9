/** The photographs that tests may use: six group pictures that come with a package. */
import { readFileSync } from 'node:fs';

/** How many faces each photograph shows. */
export const faceCounts = [3, 3, 3, 4, 5, 4] as const;

/** @param number from 1 to 6. */
export function photograph(number: number): Uint8Array<ArrayBuffer> {
  const url = new URL(`../../node_modules/@vladmandic/face-api/demo/sample${number}.jpg`, import.meta.url);
  return Uint8Array.from(readFileSync(url));
}
