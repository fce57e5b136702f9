/**
 * The part of AES-GCM that is not AES (NIST SP 800-38D): the blocks that are encrypted to make a key stream, and GHASH, whose
 * result the tag hides. A block is 16 bytes in the standard's order: its first bit is the highest of its first byte.
 *
 * GHASH multiplies by one element, H, in the field of 2^128 elements. Its products with the 16 values of each of the 32 half bytes
 * of a block are in tables of 8 KiB; a product of a block is the sum of 32 of them.
 */

/** Bytes of the 16 products of one half byte. */
const entries = 256;

/** Fills the tables from H, which is at `h`. */
export function makeTables(tables: usize, h: usize): void {
  let high = bswap<u64>(load<u64>(h));
  let low = bswap<u64>(load<u64>(h, 8));
  for (let half: usize = 0; half < 32; half++) {
    const table = tables + half * entries;
    v128.store(table, i64x2.splat(0));
    // The value 8 is the first bit of the half byte: H times x to the power of the bit's number.
    for (let value: usize = 8; value > 0; value >>= 1) {
      store<u64>(table + value * 16, bswap<u64>(high));
      store<u64>(table + value * 16, bswap<u64>(low), 8);
      const carry = low & 1;
      low = (low >> 1) | (high << 63);
      // x^128 is 1 + x + x^2 + x^7 in this field.
      high = (high >> 1) ^ ((0 - carry) & 0xe100000000000000);
    }
    for (let value: usize = 3; value < 16; value++) {
      const rest = value & (value - 1);
      if (rest == 0) continue;
      v128.store(table + value * 16, v128.xor(v128.load(table + rest * 16), v128.load(table + (value ^ rest) * 16)));
    }
  }
}

/** Writes the blocks of a key stream: a nonce of 12 bytes and a number from 1 on, `count` of them. */
export function makeCounters(out: usize, nonce: usize, count: u32): void {
  // Four bytes after the nonce are read and replaced.
  const block = v128.load(nonce);
  for (let i: u32 = 1; i <= count; i++) {
    v128.store(out, i32x4.replace_lane(block, 3, bswap<u32>(i)));
    out += 16;
  }
}

/**
 * Decrypts a value: `length` bytes at `text`, and the tag after them. Up to 15 bytes after `out` and its length are overwritten; it
 * may lie at the beginning of `stream` or before it.
 * @param tables of the key's H.
 * @param data what is authenticated beside the value: `dataLength` bytes, followed by zeros up to a multiple of 16.
 * @param stream the key stream: the block that hides the tag, and those that hide the text.
 * @returns whether the tag is the right one; if not, what is at `out` must not be used.
 */
export function decrypt(
  tables: usize, data: usize, dataLength: u32, text: usize, length: u32, stream: usize, out: usize,
): bool {
  // `out` may be `stream`.
  const hidden = v128.load(stream);
  let sum = i64x2.splat(0);
  for (const last = data + dataLength; data < last; data += 16) sum = times(tables, v128.xor(sum, v128.load(data)));
  let at = stream + 16;
  const end = text + length;
  for (const last = text + (length & ~15); text < last; text += 16) {
    const block = v128.load(text);
    v128.store(out, v128.xor(block, v128.load(at)));
    sum = times(tables, v128.xor(sum, block));
    out += 16;
    at += 16;
  }
  if (text < end) {
    // The tag follows, so that 16 bytes can be read; those that are the tag's count as zeros.
    const places = i8x16(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    const block = v128.and(v128.load(text), i8x16.lt_u(places, i8x16.splat(<i8>(end - text))));
    v128.store(out, v128.xor(block, v128.load(at)));
    sum = times(tables, v128.xor(sum, block));
  }
  const lengths = i64x2.replace_lane(i64x2.splat(bswap<u64>((<u64>dataLength) << 3)), 1, bswap<u64>((<u64>length) << 3));
  sum = times(tables, v128.xor(sum, lengths));
  return !v128.any_true(v128.xor(v128.xor(sum, hidden), v128.load(end)));
}

/** A block times H. */
// @ts-ignore: decorator
@inline
function times(tables: usize, block: v128): v128 {
  const first = i64x2.extract_lane(block, 0);
  const second = i64x2.extract_lane(block, 1);
  return v128.xor(
    v128.xor(fourBytes(tables, <u32>first), fourBytes(tables + 8 * entries, <u32>(first >>> 32))),
    v128.xor(fourBytes(tables + 16 * entries, <u32>second), fourBytes(tables + 24 * entries, <u32>(second >>> 32))),
  );
}

/** The sum of the products of four bytes, the first in the lowest bits; of each its higher half comes first in the tables. */
// @ts-ignore: decorator
@inline
function fourBytes(tables: usize, bytes: u32): v128 {
  let high = v128.load(tables + (bytes & 0xf0), 0);
  let low = v128.load(tables + ((bytes << 4) & 0xf0), entries);
  high = v128.xor(high, v128.load(tables + ((bytes >>> 8) & 0xf0), 2 * entries));
  low = v128.xor(low, v128.load(tables + ((bytes >>> 4) & 0xf0), 3 * entries));
  high = v128.xor(high, v128.load(tables + ((bytes >>> 16) & 0xf0), 4 * entries));
  low = v128.xor(low, v128.load(tables + ((bytes >>> 12) & 0xf0), 5 * entries));
  high = v128.xor(high, v128.load(tables + ((bytes >>> 24) & 0xf0), 6 * entries));
  low = v128.xor(low, v128.load(tables + ((bytes >>> 20) & 0xf0), 7 * entries));
  return v128.xor(high, low);
}
