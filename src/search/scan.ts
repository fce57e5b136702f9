/**
 * Scans one thread's share of some groups: approximate scores by the kernel first, exact ones for the few that may be
 * near.
 */

import { InnerProduct } from './inner-product.ts';
import { bindKernel, type Kernel, layProbe, rowsAtOnce, scoreError } from './kernel.ts';
import type { Layout } from './layout.ts';
import { rowsPerBlock } from './rows.ts';
import { type Int32, type Int64, type Uint16, viewOf } from './shared-column.ts';
import { blockShares, type Grain, type Span, secondaryShares } from './span.ts';
import { type Found, TopK } from './top-k.ts';

/** How far the length of an embedding, and of a probe, may be from 1: the bound by which faces are left out relies on it. */
const lengthTolerance = 1e-3;
/** How many probes one scan takes. */
export const probesMax = 64;
/** A run of fewer adjacent blocks than this ends before the processor begins to read ahead. */
const fewBlocks = 8;
/** Bytes of upper halves that are scanned before the scores are read: they stay in the processor's second-level cache. */
const batchBytes = 512 * 1024;

/** What threads share. */
export interface Shared {
  readonly layout: Layout;
  readonly module: WebAssembly.Module;
  readonly memory: WebAssembly.Memory;
  readonly lower: SharedArrayBuffer;
  readonly faceIds: SharedArrayBuffer;
  readonly owners: SharedArrayBuffer;
  readonly firstRow: SharedArrayBuffer;
  readonly nextRow: SharedArrayBuffer;
  readonly homes: SharedArrayBuffer;
  readonly seenBy: SharedArrayBuffer;
}

/** What to look for. Several threads may be given the same order: they divide the work through `cursor`. */
export interface ScanOrder {
  /** Other than 0. */
  readonly id: number;
  readonly probes: readonly Float32Array[];
  readonly count: number;
  readonly spans: readonly Span[];
  readonly grain: Grain;
  /** One 32-bit number: how many shares have been taken. */
  readonly cursor: SharedArrayBuffer;
  /** One 32-bit number: once it is not 0, no more shares are taken. Without it the scan never halts. */
  readonly halt: SharedArrayBuffer | undefined;
}

/** How many rows are scanned before the scores are read: a multiple of what the kernel scans at once. */
function batchRows(stride: number): number {
  return Math.max(rowsAtOnce, Math.floor(batchBytes / (stride * 2) / rowsAtOnce) * rowsAtOnce);
}

/** Bytes that a thread needs for itself: the list of rows, the scores of two probes, the probes, and the peak. */
export function scratchBytes(stride: number): number {
  return batchRows(stride) * 3 * 4 + probesMax * stride * 4 + 16;
}

/** Whether a vector has length 1 within the tolerance, as every stored embedding and every probe must. */
export function hasUnitLength(vector: Float32Array): boolean {
  // Four sums, since each addition would wait for the one before.
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = vector.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += vector[i]! * vector[i]!;
    b += vector[i + 1]! * vector[i + 1]!;
    c += vector[i + 2]! * vector[i + 2]!;
    d += vector[i + 3]! * vector[i + 3]!;
  }
  for (let i = whole; i < vector.length; i++) a += vector[i]! * vector[i]!;
  return Math.abs(Math.sqrt(a + b + c + d) - 1) <= lengthTolerance;
}

/** One thread's scanner. */
export class Scanner {
  readonly #shared: Shared;
  readonly #kernel: Kernel;
  /** What the thread has for itself: the addresses of the rows that are to be scored next, the scores, and the probes. */
  readonly #list: Uint32Array;
  readonly #scores: Float32Array;
  readonly #pairs: Float32Array;
  /** The largest of the scores. */
  readonly #peak: Float32Array;
  /** The largest error of an approximate score. */
  readonly #margin: number;
  readonly #product: InnerProduct;
  #columns!: ReturnType<typeof viewsOf>;
  #probes: readonly Float32Array[] = [];
  #best: readonly TopK[] = [];
  #listed = 0;
  /** Whether the listed rows lie anywhere. */
  #apart = false;

  /** @param thread from 0. */
  constructor(shared: Shared, thread: number) {
    const { layout, module, memory } = shared;
    const size = batchRows(layout.stride);
    const at = thread * layout.scratchBytes;
    this.#shared = shared;
    this.#kernel = bindKernel(module, memory);
    this.#list = new Uint32Array(memory.buffer, at, size);
    this.#scores = new Float32Array(memory.buffer, at + size * 4, size * 2);
    this.#pairs = new Float32Array(memory.buffer, at + size * 12, probesMax * layout.stride);
    this.#peak = new Float32Array(memory.buffer, at + layout.scratchBytes - 16, 1);
    this.#margin = scoreError(layout.stride) * (1 + lengthTolerance) ** 2;
    this.#product = new InnerProduct(layout);
  }

  /** The best persons of the shares that this thread took, a list for each probe. */
  scan(order: ScanOrder): readonly (readonly Found[])[] {
    const steps = this.steps(order);
    let step = steps.next();
    while (!step.done) step = steps.next();
    return step.value;
  }

  /** Scans, and stops after each share until it is asked to go on. */
  *steps({ id, probes, count, spans, grain, cursor, halt }: ScanOrder): Generator<void, readonly (readonly Found[])[]> {
    this.#columns = viewsOf(this.#shared);
    this.#probes = probes;
    this.#best = probes.map(() => new TopK(count));
    this.#listed = 0;
    this.#layProbes();
    const groups = new Set(spans.map(({ group }) => group));
    const next = takerOf(cursor, halt, Math.ceil(grain.leastShares / Math.ceil(probes.length / 2)));
    let before = 0;
    let share = next();
    for (const span of spans) {
      const shares = blockShares(span, grain) + secondaryShares(span, grain);
      for (; share - before < shares; share = next()) {
        const own = share - before - blockShares(span, grain);
        if (own < 0) this.#listBlocks(span, share - before, grain);
        else this.#listSecondary(span, own, grain, groups, id);
        yield;
      }
      before += shares;
    }
    this.#weigh();
    return this.#best.map(({ found }) => found);
  }

  #layProbes(): void {
    const { stride } = this.#shared.layout;
    for (let p = 0; p < this.#probes.length; p += 2) {
      layProbe(this.#pairs.subarray(p * stride), this.#probes.slice(p, p + 2), stride);
    }
  }

  #listBlocks({ blocks, rows, from }: Span, share: number, { shareSize }: Grain): void {
    const numbers = new Int32Array(blocks);
    const first = from.blocks + share * shareSize;
    const last = Math.min(Math.ceil(rows / rowsPerBlock), first + shareSize);
    for (let block = first; block < last; ) {
      let end = block + 1;
      while (end < last && numbers[end] === numbers[end - 1]! + 1) end += 1;
      if (end - block < fewBlocks) this.#apart = true;
      this.#listRows(numbers[block]! * rowsPerBlock, Math.min(rows, end * rowsPerBlock) - block * rowsPerBlock);
      block = end;
    }
  }

  /** Lists rows side by side. */
  #listRows(first: number, count: number): void {
    const { rowsAt, stride } = this.#shared.layout;
    for (let listed = 0; listed < count; ) {
      if (this.#listed === this.#list.length) this.#weigh();
      const some = Math.min(count - listed, this.#list.length - this.#listed);
      const address = rowsAt + (first + listed) * stride * 2;
      this.#kernel.list(this.#list.byteOffset + this.#listed * 4, some, address, stride);
      this.#listed += some;
      listed += some;
    }
  }

  /** Lists the rows of secondary members, without those whose rows the same search scans in another group. */
  #listSecondary(
    { secondary, secondaryCount, from }: Span,
    share: number,
    { shareSize }: Grain,
    groups: ReadonlySet<number>,
    order: number,
  ): void {
    const { rowsAt, stride } = this.#shared.layout;
    const { firstRow, nextRow, homes, seenBy } = this.#columns;
    const pairs = new Int32Array(secondary);
    const first = from.secondary + share * shareSize;
    const last = Math.min(secondaryCount, first + shareSize);
    for (let member = first; member < last; member++) {
      const person = pairs[2 * member]!;
      if (groups.has(homes[person]!)) continue;
      if (groups.size > 1 && Atomics.exchange(seenBy, person, order) === order) continue;
      for (let row = firstRow[person]!; row !== 0; row = nextRow[row]!) {
        if (this.#listed === this.#list.length) this.#weigh();
        this.#apart = true;
        this.#list[this.#listed++] = rowsAt + row * stride * 2;
      }
    }
  }

  /** Scores the listed rows with every probe, and empties the list. */
  #weigh(): void {
    const filled = Math.ceil(this.#listed / rowsAtOnce) * rowsAtOnce;
    if (filled === 0) return;
    const { rowsAt, stride } = this.#shared.layout;
    const { scanOne, scanApart, scanTwo } = this.#kernel;
    // Row 0, which is nobody's, fills up the last batch.
    this.#list.fill(rowsAt, this.#listed, filled);
    for (let p = 0; p < this.#probes.length; p += 2) {
      const isPair = p + 1 < this.#probes.length;
      const scan = isPair ? scanTwo : this.#apart ? scanApart : scanOne;
      const probes = this.#pairs.byteOffset + p * stride * 4;
      scan(this.#list.byteOffset, filled, probes, this.#scores.byteOffset, stride);
      this.#choose(p, 0, filled);
      if (isPair) this.#choose(p + 1, filled, filled);
    }
    this.#listed = 0;
    this.#apart = false;
  }

  /** Computes the exact score of every listed row that may be among the best: in most batches there is none. */
  #choose(p: number, scoresFrom: number, count: number): void {
    const { rowsAt, stride } = this.#shared.layout;
    const best = this.#best[p]!;
    let enough = best.floor - this.#margin;
    this.#kernel.peak(this.#scores.byteOffset + scoresFrom * 4, count, this.#peak.byteOffset);
    if (this.#peak[0]! < enough) return;
    const { upper, lower, owners, faceIds } = this.#columns;
    const scores = this.#scores.subarray(scoresFrom, scoresFrom + this.#listed);
    for (let i = 0; i < scores.length; i++) {
      if (scores[i]! < enough) continue;
      const row = (this.#list[i]! - rowsAt) / (stride * 2);
      const [person, faceId] = [owners[row]!, faceIds[row]!];
      best.offer({ person, faceId, cosine: this.#product.of(upper, lower, row, this.#probes[p]!) });
      enough = best.floor - this.#margin;
    }
  }
}

/** Hands out the numbers of shares; once the scan should halt, numbers beyond the last share. */
function takerOf(cursor: SharedArrayBuffer, halt: SharedArrayBuffer | undefined, least: number): () => number {
  const [taken, halted] = [new Int32Array(cursor), halt && new Int32Array(halt)];
  let own = 0;
  return () => {
    own += 1;
    if (halted !== undefined && own > least && Atomics.load(halted, 0) !== 0) return Number.POSITIVE_INFINITY;
    return Atomics.add(taken, 0, 1);
  };
}

/** What is shared, as large as it is now. */
function viewsOf(shared: Shared) {
  // Growth by another thread shows in `buffer` only after this thread has asked to grow.
  shared.memory.grow(0);
  return {
    upper: new Uint16Array(shared.memory.buffer),
    lower: viewOf<Uint16>(Uint16Array, shared.lower),
    faceIds: viewOf<Int64>(BigInt64Array, shared.faceIds),
    owners: viewOf<Int32>(Int32Array, shared.owners),
    firstRow: viewOf<Int32>(Int32Array, shared.firstRow),
    nextRow: viewOf<Int32>(Int32Array, shared.nextRow),
    homes: viewOf<Int32>(Int32Array, shared.homes),
    seenBy: viewOf<Int32>(Int32Array, shared.seenBy),
  };
}
