import { describe, expect, it } from 'vitest'
import {
  counted,
  formatBytes,
  formatCount,
  formatDuration,
  parseCount,
  parseDuration,
  parseShare,
} from '../../src/output/units.ts'

describe('units', () => {
  it.each([
    [0, '0'],
    [999, '999'],
    [50_000, '50 000'],
    [1_234_567n, '1 234 567'],
  ])('formatCount(%s) is %s', (count, text) => expect(formatCount(count)).toBe(text))

  it.each([
    [0, '0 files'],
    [1, '1 file'],
    [1_204, '1 204 files'],
  ])('counted(%s, file) is %s', (count, text) => expect(counted(count, 'file')).toBe(text))

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [999_999, '1.0 MB'],
    [8_100_000, '8.1 MB'],
    [128_000_000, '128 MB'],
  ])('formatBytes(%s) is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))

  it.each([
    [412, '0.4s'],
    [12_300, '12s'],
    [59_700, '1m 00s'],
    [185_000, '3m 05s'],
    [7_800_000, '2h 10m'],
  ])('formatDuration(%s) is %s', (ms, text) => expect(formatDuration(ms)).toBe(text))

  it('reads what people write, and refuses the rest by name', () => {
    expect(parseDuration('--x', '5m')).toBe(300_000)
    expect(parseDuration('--x', '1.5h')).toBe(5_400_000)
    expect(parseShare('--x', '1%')).toBe(0.01)
    expect(parseShare('--x', '0.05')).toBe(0.05)
    expect(parseCount('--x', '20_000')).toBe(20_000)
    expect(() => parseDuration('--give-up-after', 'soon')).toThrow(/--give-up-after/)
    expect(() => parseShare('--bad', '101%')).toThrow(/--bad/)
    expect(() => parseShare('--bad', '')).toThrow(/--bad/)
    expect(() => parseCount('--count', '1.5')).toThrow(/--count/)
    expect(() => parseCount('--limit', '0', 1)).toThrow(/--limit/)
  })
})
