import { describe, expect, it } from 'vitest'
import { crc32c } from '../../../src/sources/record-batch/crc32c.ts'

const bytewise = (bytes: Uint8Array): number => {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1
  }
  return ~crc >>> 0
}

describe('crc32c', () => {
  it('gives the check value of RFC 3720', () => {
    expect(crc32c(Buffer.from('123456789'), 0, 9)).toBe(0xe3069283)
    expect(crc32c(new Uint8Array(32), 0, 32)).toBe(0x8a9136aa)
  })

  it('is the same as the bitwise definition for every alignment and length', () => {
    const bytes = Uint8Array.from({ length: 200 }, (_, i) => (i * 167 + 13) & 255)
    for (let start = 0; start < 9; start++) {
      for (let end = start; end < 80 + start; end++) {
        expect(crc32c(bytes, start, end)).toBe(bytewise(bytes.subarray(start, end)))
      }
    }
  })
})
