/** Adds up vectors, four a step, each to a sum of its own: memory is read as fast as it can be. */
export function sum(from: usize, to: usize, into: usize): void {
  let a = f32x4.splat(0);
  let b = a;
  let c = a;
  let d = a;
  do {
    a = f32x4.add(a, v128.load(from, 0));
    b = f32x4.add(b, v128.load(from, 16));
    c = f32x4.add(c, v128.load(from, 32));
    d = f32x4.add(d, v128.load(from, 48));
    from += 64;
  } while (from < to);
  v128.store(into, f32x4.add(f32x4.add(a, b), f32x4.add(c, d)));
}
