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

const T = makeTables()

/** CRC32C of `bytes[start, end)` as an unsigned 32-bit number. Words are read as little-endian, as all Node targets are. */
export const crc32c = (bytes: Uint8Array, start: number, end: number): number => {
  let crc = -1
  let at = start
  while (at < end && ((bytes.byteOffset + at) & 3) !== 0) crc = T[(crc ^ bytes[at++]!) & 255]! ^ (crc >>> 8)
  const words = new Int32Array(bytes.buffer, bytes.byteOffset + at, (end - at) >> 2)
  const whole = words.length & ~3
  for (let i = 0; i < whole; i += 4) {
    const a = crc ^ words[i]!
    const b = words[i + 1]!
    const c = words[i + 2]!
    const d = words[i + 3]!
    crc =
      T[3840 + (a & 255)]! ^
      T[3584 + ((a >>> 8) & 255)]! ^
      T[3328 + ((a >>> 16) & 255)]! ^
      T[3072 + (a >>> 24)]! ^
      T[2816 + (b & 255)]! ^
      T[2560 + ((b >>> 8) & 255)]! ^
      T[2304 + ((b >>> 16) & 255)]! ^
      T[2048 + (b >>> 24)]! ^
      T[1792 + (c & 255)]! ^
      T[1536 + ((c >>> 8) & 255)]! ^
      T[1280 + ((c >>> 16) & 255)]! ^
      T[1024 + (c >>> 24)]! ^
      T[768 + (d & 255)]! ^
      T[512 + ((d >>> 8) & 255)]! ^
      T[256 + ((d >>> 16) & 255)]! ^
      T[d >>> 24]!
  }
  at += whole * 4
  while (at < end) crc = T[(crc ^ bytes[at++]!) & 255]! ^ (crc >>> 8)
  return ~crc >>> 0
}
