/** Memory that threads share and that grows in place, so that nothing is copied to grow. */

/** How many elements a column grows by. */
const stepElements = 1 << 16;

/** Numbers that threads share, by their size. */
export type Int32 = Int32Array<SharedArrayBuffer>;
export type Int64 = BigInt64Array<SharedArrayBuffer>;
export type Uint16 = Uint16Array<SharedArrayBuffer>;
/** Any of them. */
export type View = Int32 | Int64 | Uint16;
/** How a {@link View} is made. */
export interface ViewConstructor<V extends View> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: SharedArrayBuffer, byteOffset: number, length: number): V;
}

/**
 * A column of numbers, zero at first, that the main thread writes and grows and other threads read. Its addresses are
 * reserved when it is made and filled with memory as it grows, which takes the same time however large it is.
 */
export class SharedColumn<V extends View> {
  /** To hand to another thread, which calls {@link viewOf}. */
  readonly buffer: SharedArrayBuffer;
  /** The elements; a new view after each growth, so never to be kept. */
  view: V;
  /** How many elements it may ever hold. */
  readonly elementsMax: number;
  readonly #of: ViewConstructor<V>;

  constructor(of: ViewConstructor<V>, elementsMax: number) {
    const steps = Math.ceil(elementsMax / stepElements);
    this.elementsMax = elementsMax;
    this.#of = of;
    this.buffer = new SharedArrayBuffer(0, { maxByteLength: steps * stepElements * of.BYTES_PER_ELEMENT });
    this.view = viewOf(of, this.buffer);
  }

  /**
   * Grows the column until it holds `elements`.
   * @throws RangeError beyond what was reserved.
   */
  hold(elements: number): void {
    if (elements <= this.view.length) return;
    this.buffer.grow(Math.ceil(elements / stepElements) * stepElements * this.#of.BYTES_PER_ELEMENT);
    this.view = viewOf(this.#of, this.buffer);
  }
}

/**
 * The elements that a column's buffer holds now. Of fixed length on purpose: V8 reads a view that follows its buffer's
 * growth thirty times slower.
 */
export function viewOf<V extends View>(of: ViewConstructor<V>, buffer: SharedArrayBuffer): V {
  return new of(buffer, 0, Math.floor(buffer.byteLength / of.BYTES_PER_ELEMENT));
}

/** Hands out whole numbers from 1 upwards, those given back first. */
export class IdAllocator {
  readonly #max: number;
  readonly #free: number[] = [];
  /** The largest number ever handed out. */
  last = 0;

  constructor(max = Number.POSITIVE_INFINITY) {
    this.#max = max;
  }

  /** The caller has seen to it that there is one left. */
  take(): number {
    return this.#free.pop() ?? ++this.last;
  }

  giveBack(number: number): void {
    this.#free.push(number);
  }

  /** How many numbers are in use. */
  get inUse(): number {
    return this.last - this.#free.length;
  }

  /** How many more numbers can be taken. */
  get left(): number {
    return this.#max - this.inUse;
  }

  /** How many numbers were given back and are not in use again. */
  get spare(): number {
    return this.#free.length;
  }
}
