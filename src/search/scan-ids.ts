/** Numbers scans: by its number a scan marks the persons it has seen, so that none is counted twice. */
import type { Int32, SharedColumn } from './shared-column.ts';

/** The largest number that a column of marks can hold. */
const largest = 0x7fffffff;

/** Whole numbers from 1 to the largest, and then from 1 again. */
export class ScanIds {
  readonly #marks: SharedColumn<Int32>;
  readonly #max: number;
  #last = 0;

  /** @param marks the scan that saw a person last. */
  constructor(marks: SharedColumn<Int32>, max = largest) {
    this.#marks = marks;
    this.#max = max;
  }

  next(): number {
    if (this.#last === this.#max) {
      // Marks of long ago would pass for those of the scans that get the same numbers now.
      this.#marks.view.fill(0);
      this.#last = 0;
    }
    return ++this.#last;
  }
}
