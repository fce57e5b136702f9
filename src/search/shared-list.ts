/** A list of numbers that other threads can read. */

const smallestList = 2;

/** A list of 32-bit numbers that the main thread changes at its end and other threads read. */
export class SharedList {
  /** To hand to another thread together with the length. Another one after growth. */
  buffer = new SharedArrayBuffer(smallestList * 4);
  view = new Int32Array(this.buffer);
  length = 0;

  push(number: number): void {
    if (this.length === this.view.length) {
      const longer = new SharedArrayBuffer(this.length * 8);
      const view = new Int32Array(longer);
      view.set(this.view);
      [this.buffer, this.view] = [longer, view];
    }
    this.view[this.length++] = number;
  }

  /** Removes the last number, which must exist. */
  pop(): number {
    this.length -= 1;
    return this.view[this.length]!;
  }

  /** The last number, which must exist. */
  get last(): number {
    return this.view[this.length - 1]!;
  }
}
