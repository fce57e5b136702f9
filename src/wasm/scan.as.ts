/**
 * Multiplies rows with probes, in single precision.
 *
 * A row is `stride` upper halves of 32-bit floats, a multiple of 16; what is cut off counts as 0. A vector of 8 halves is
 * read as four 32-bit lanes. Shifted left by 16 bits they are the even elements; as they stand they are the odd ones, with
 * the even one below as noise that `scoreError` (src/search/kernel.ts) bounds. The probe is laid out to match: of each 8
 * elements the even ones, then the odd ones, of one probe after the other.
 *
 * `rows` is a list of addresses, `count` its length, a multiple of 8. It is cut into as many even parts as rows are read at
 * once, one from each part, so that each part is a stream that the processor reads ahead. Scores are written as floats in the
 * order of the list; those of a second probe follow those of the first.
 */

/** One probe, four rows at once, with a sum each for even and odd elements: the fastest where rows follow each other. */
export function scanOne(rows: usize, count: u32, probe: usize, scores: usize, stride: u32): void {
  const part: usize = count;
  const end = rows + part;
  const last = probe + 4 * stride;
  do {
    let a = <usize>load<u32>(rows);
    let b = <usize>load<u32>(rows + part);
    let c = <usize>load<u32>(rows + 2 * part);
    let d = <usize>load<u32>(rows + 3 * part);
    let evenA = f32x4.splat(0);
    let evenB = evenA;
    let evenC = evenA;
    let evenD = evenA;
    let oddA = evenA;
    let oddB = evenA;
    let oddC = evenA;
    let oddD = evenA;
    let at = probe;
    do {
      let even = v128.load(at, 0);
      let odd = v128.load(at, 16);
      let row = v128.load(a, 0);
      evenA = f32x4.relaxed_madd(i32x4.shl(row, 16), even, evenA);
      oddA = f32x4.relaxed_madd(row, odd, oddA);
      row = v128.load(b, 0);
      evenB = f32x4.relaxed_madd(i32x4.shl(row, 16), even, evenB);
      oddB = f32x4.relaxed_madd(row, odd, oddB);
      row = v128.load(c, 0);
      evenC = f32x4.relaxed_madd(i32x4.shl(row, 16), even, evenC);
      oddC = f32x4.relaxed_madd(row, odd, oddC);
      row = v128.load(d, 0);
      evenD = f32x4.relaxed_madd(i32x4.shl(row, 16), even, evenD);
      oddD = f32x4.relaxed_madd(row, odd, oddD);
      even = v128.load(at, 32);
      odd = v128.load(at, 48);
      row = v128.load(a, 16);
      evenA = f32x4.relaxed_madd(i32x4.shl(row, 16), even, evenA);
      oddA = f32x4.relaxed_madd(row, odd, oddA);
      row = v128.load(b, 16);
      evenB = f32x4.relaxed_madd(i32x4.shl(row, 16), even, evenB);
      oddB = f32x4.relaxed_madd(row, odd, oddB);
      row = v128.load(c, 16);
      evenC = f32x4.relaxed_madd(i32x4.shl(row, 16), even, evenC);
      oddC = f32x4.relaxed_madd(row, odd, oddC);
      row = v128.load(d, 16);
      evenD = f32x4.relaxed_madd(i32x4.shl(row, 16), even, evenD);
      oddD = f32x4.relaxed_madd(row, odd, oddD);
      a += 32;
      b += 32;
      c += 32;
      d += 32;
      at += 64;
    } while (at < last);
    store<f32>(scores, sumOfLanes(f32x4.add(evenA, oddA)));
    store<f32>(scores + part, sumOfLanes(f32x4.add(evenB, oddB)));
    store<f32>(scores + 2 * part, sumOfLanes(f32x4.add(evenC, oddC)));
    store<f32>(scores + 3 * part, sumOfLanes(f32x4.add(evenD, oddD)));
    scores += 4;
    rows += 4;
  } while (rows < end);
}

/** One probe, eight rows at once, one sum each: the fastest where rows lie anywhere. */
export function scanApart(rows: usize, count: u32, probe: usize, scores: usize, stride: u32): void {
  const part: usize = count / 2;
  const end = rows + part;
  const last = probe + 4 * stride;
  do {
    let a = <usize>load<u32>(rows);
    let b = <usize>load<u32>(rows + part);
    let c = <usize>load<u32>(rows + 2 * part);
    let d = <usize>load<u32>(rows + 3 * part);
    let e = <usize>load<u32>(rows + 4 * part);
    let f = <usize>load<u32>(rows + 5 * part);
    let g = <usize>load<u32>(rows + 6 * part);
    let h = <usize>load<u32>(rows + 7 * part);
    let sumA = f32x4.splat(0);
    let sumB = sumA;
    let sumC = sumA;
    let sumD = sumA;
    let sumE = sumA;
    let sumF = sumA;
    let sumG = sumA;
    let sumH = sumA;
    let at = probe;
    do {
      const even = v128.load(at, 0);
      const odd = v128.load(at, 16);
      let row = v128.load(a);
      sumA = f32x4.relaxed_madd(row, odd, f32x4.relaxed_madd(i32x4.shl(row, 16), even, sumA));
      row = v128.load(b);
      sumB = f32x4.relaxed_madd(row, odd, f32x4.relaxed_madd(i32x4.shl(row, 16), even, sumB));
      row = v128.load(c);
      sumC = f32x4.relaxed_madd(row, odd, f32x4.relaxed_madd(i32x4.shl(row, 16), even, sumC));
      row = v128.load(d);
      sumD = f32x4.relaxed_madd(row, odd, f32x4.relaxed_madd(i32x4.shl(row, 16), even, sumD));
      row = v128.load(e);
      sumE = f32x4.relaxed_madd(row, odd, f32x4.relaxed_madd(i32x4.shl(row, 16), even, sumE));
      row = v128.load(f);
      sumF = f32x4.relaxed_madd(row, odd, f32x4.relaxed_madd(i32x4.shl(row, 16), even, sumF));
      row = v128.load(g);
      sumG = f32x4.relaxed_madd(row, odd, f32x4.relaxed_madd(i32x4.shl(row, 16), even, sumG));
      row = v128.load(h);
      sumH = f32x4.relaxed_madd(row, odd, f32x4.relaxed_madd(i32x4.shl(row, 16), even, sumH));
      a += 16;
      b += 16;
      c += 16;
      d += 16;
      e += 16;
      f += 16;
      g += 16;
      h += 16;
      at += 32;
    } while (at < last);
    store<f32>(scores, sumOfLanes(sumA));
    store<f32>(scores + part, sumOfLanes(sumB));
    store<f32>(scores + 2 * part, sumOfLanes(sumC));
    store<f32>(scores + 3 * part, sumOfLanes(sumD));
    store<f32>(scores + 4 * part, sumOfLanes(sumE));
    store<f32>(scores + 5 * part, sumOfLanes(sumF));
    store<f32>(scores + 6 * part, sumOfLanes(sumG));
    store<f32>(scores + 7 * part, sumOfLanes(sumH));
    scores += 4;
    rows += 4;
  } while (rows < end);
}

/** Two probes, four rows at once, one sum for each pair. */
export function scanTwo(rows: usize, count: u32, probes: usize, scores: usize, stride: u32): void {
  const part: usize = count;
  const end = rows + part;
  const last = probes + 8 * stride;
  do {
    let a = <usize>load<u32>(rows);
    let b = <usize>load<u32>(rows + part);
    let c = <usize>load<u32>(rows + 2 * part);
    let d = <usize>load<u32>(rows + 3 * part);
    let firstA = f32x4.splat(0);
    let firstB = firstA;
    let firstC = firstA;
    let firstD = firstA;
    let secondA = firstA;
    let secondB = firstA;
    let secondC = firstA;
    let secondD = firstA;
    let at = probes;
    do {
      const firstEven = v128.load(at, 0);
      const firstOdd = v128.load(at, 16);
      const secondEven = v128.load(at, 32);
      const secondOdd = v128.load(at, 48);
      let row = v128.load(a);
      let shifted = i32x4.shl(row, 16);
      firstA = f32x4.relaxed_madd(row, firstOdd, f32x4.relaxed_madd(shifted, firstEven, firstA));
      secondA = f32x4.relaxed_madd(row, secondOdd, f32x4.relaxed_madd(shifted, secondEven, secondA));
      row = v128.load(b);
      shifted = i32x4.shl(row, 16);
      firstB = f32x4.relaxed_madd(row, firstOdd, f32x4.relaxed_madd(shifted, firstEven, firstB));
      secondB = f32x4.relaxed_madd(row, secondOdd, f32x4.relaxed_madd(shifted, secondEven, secondB));
      row = v128.load(c);
      shifted = i32x4.shl(row, 16);
      firstC = f32x4.relaxed_madd(row, firstOdd, f32x4.relaxed_madd(shifted, firstEven, firstC));
      secondC = f32x4.relaxed_madd(row, secondOdd, f32x4.relaxed_madd(shifted, secondEven, secondC));
      row = v128.load(d);
      shifted = i32x4.shl(row, 16);
      firstD = f32x4.relaxed_madd(row, firstOdd, f32x4.relaxed_madd(shifted, firstEven, firstD));
      secondD = f32x4.relaxed_madd(row, secondOdd, f32x4.relaxed_madd(shifted, secondEven, secondD));
      a += 16;
      b += 16;
      c += 16;
      d += 16;
      at += 64;
    } while (at < last);
    store<f32>(scores, sumOfLanes(firstA));
    store<f32>(scores + part, sumOfLanes(firstB));
    store<f32>(scores + 2 * part, sumOfLanes(firstC));
    store<f32>(scores + 3 * part, sumOfLanes(firstD));
    store<f32>(scores + 4 * part, sumOfLanes(secondA));
    store<f32>(scores + 5 * part, sumOfLanes(secondB));
    store<f32>(scores + 6 * part, sumOfLanes(secondC));
    store<f32>(scores + 7 * part, sumOfLanes(secondD));
    scores += 4;
    rows += 4;
  } while (rows < end);
}

/** Writes the addresses of `count` rows, one or more, that follow each other from `address` on. */
export function list(rows: usize, count: u32, address: u32, stride: u32): void {
  const end = rows + 4 * count;
  do {
    store<u32>(rows, address);
    address += 2 * stride;
    rows += 4;
  } while (rows < end);
}

/** Writes the largest of some scores, of which there are a multiple of 8, at `into`. */
export function peak(scores: usize, count: u32, into: usize): void {
  const end = scores + 4 * count;
  let first = v128.load(scores);
  let second = first;
  do {
    first = f32x4.pmax(v128.load(scores, 0), first);
    second = f32x4.pmax(v128.load(scores, 16), second);
    scores += 32;
  } while (scores < end);
  first = f32x4.pmax(first, second);
  const low = max(f32x4.extract_lane(first, 0), f32x4.extract_lane(first, 1));
  const high = max(f32x4.extract_lane(first, 2), f32x4.extract_lane(first, 3));
  store<f32>(into, max(low, high));
}

function sumOfLanes(sum: v128): f32 {
  const low = f32x4.extract_lane(sum, 0) + f32x4.extract_lane(sum, 1);
  const high = f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3);
  return low + high;
}
