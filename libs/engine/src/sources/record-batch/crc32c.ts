/**
 * CRC32C (Castagnoli, RFC 3720 appendix B.4), reflected polynomial 0x82f63b78, by slicing-by-16: sixteen bytes are
 * folded with sixteen independent table look-ups, so that the additions of one step do not wait for each other.
 */
const SLICES = 16

const makeTables = (): Int32Array => {
  const tables = new Int32Array(256 * SLICES)
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
    tables[byte] = crc
  }
  for (let byte = 0; byte < 256; byte++) {
    let crc = tables[byte]!
    for (let slice = 1; slice < SLICES; slice++) {
      crc = tables[crc & 255]! ^ (crc >>> 8)
      tables[slice * 256 + byte] = crc
    }
  }
  return tables
}

const TABLES = makeTables()

/** CRC32C of `bytes[start, end)` as an unsigned 32-bit number. Words are read as little-endian, as all Node targets are. */
export const crc32c = (bytes: Uint8Array, start: number, end: number): number => {
  const t = TABLES
  let crc = -1
  let at = start
  // A view of words needs an aligned start, which a few bytes may not have.
  if (end - start < 32) {
    while (at < end) crc = t[(crc ^ bytes[at++]!) & 255]! ^ (crc >>> 8)
    return ~crc >>> 0
  }
  while (((bytes.byteOffset + at) & 3) !== 0) crc = t[(crc ^ bytes[at++]!) & 255]! ^ (crc >>> 8)
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2)
  const whole = words.length & ~3
  for (let i = 0; i < whole; i += 4) {
    const a = crc ^ words[i]!
    const b = words[i + 1]!
    const c = words[i + 2]!
    const d = words[i + 3]!
    crc =
      t[3840 + (a & 255)]! ^
      t[3584 + ((a >>> 8) & 255)]! ^
      t[3328 + ((a >>> 16) & 255)]! ^
      t[3072 + (a >>> 24)]! ^
      t[2816 + (b & 255)]! ^
      t[2560 + ((b >>> 8) & 255)]! ^
      t[2304 + ((b >>> 16) & 255)]! ^
      t[2048 + (b >>> 24)]! ^
      t[1792 + (c & 255)]! ^
      t[1536 + ((c >>> 8) & 255)]! ^
      t[1280 + ((c >>> 16) & 255)]! ^
      t[1024 + (c >>> 24)]! ^
      t[768 + (d & 255)]! ^
      t[512 + ((d >>> 8) & 255)]! ^
      t[256 + ((d >>> 16) & 255)]! ^
      t[d >>> 24]!
  }
  at += whole * 4
  while (at < end) crc = t[(crc ^ bytes[at++]!) & 255]! ^ (crc >>> 8)
  return ~crc >>> 0
}
