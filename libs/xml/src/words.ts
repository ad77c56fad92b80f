/**
 * Four bytes at a time. In V8 a DataView access costs about what a byte access costs, so copying and comparing by words
 * is several times faster for the short values of messages than byte loops or `set(subarray)`, which allocates.
 */

/** Whether two stretches hold the same bytes. Stretches may lie past the end: then they are different. */
export const sameBytes = (a: DataView, from: number, b: DataView, at: number, length: number): boolean => {
  if (from + length > a.byteLength || at + length > b.byteLength) return false
  let i = 0
  for (; i + 4 <= length; i += 4) if (a.getInt32(from + i, true) !== b.getInt32(at + i, true)) return false
  for (; i < length; i++) if (a.getUint8(from + i) !== b.getUint8(at + i)) return false
  return true
}

/** Copies bytes; both views must reach to 3 bytes past the last one, and those 3 of `to` may be overwritten. */
export const copyLoose = (from: DataView, start: number, to: DataView, at: number, length: number): void => {
  for (let i = 0; i < length; i += 4) to.setInt32(at + i, from.getInt32(start + i, true), true)
}

/**
 * Marks the bytes of a little-endian word that may be special in text: all but printable ASCII without `<`, `&`, `]`.
 * Bit 7 of a byte is its mark. The lowest mark is exact up to that: it may be a plain byte, but no special byte is
 * missed before it. (`y - 0x01…` borrows out of a byte only when that byte is marked itself.)
 */
export const textMarks = (word: number): number =>
  ((word - 0x20202020) |
    ((word ^ 0x3c3c3c3c) - 0x01010101) |
    ((word ^ 0x26262626) - 0x01010101) |
    ((word ^ 0x5d5d5d5d) - 0x01010101) |
    word) &
  0x80808080

/** Index (0 to 3) of the lowest marked byte. */
export const firstMark = (marks: number): number => (31 - Math.clz32(marks & -marks)) >> 3
