import { MillraceError } from '@millrace/engine'

/** `1 204 567`: thousands apart by a space, as people read them. */
export const formatCount = (count: number | bigint): string => String(count).replace(/\B(?=(\d{3})+(?!\d))/g, ' ')

/** `1 file`, `1 204 files`. */
export const counted = (count: number | bigint, one: string): string =>
  `${formatCount(count)} ${one}${Number(count) === 1 ? '' : 's'}`

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB']

/** `8.1 MB`: powers of 1,000, one digit after the point below 10. */
export const formatBytes = (bytes: number): string => {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1_000
    unit++
  }
  return `${unit > 0 && value < 9.95 ? value.toFixed(1) : Math.round(value)} ${BYTE_UNITS[unit]}`
}

/** `0.4s`, `12s`, `3m 05s`, `2h 10m`. */
export const formatDuration = (duration_ms: number): string => {
  const seconds = duration_ms / 1_000
  if (seconds < 9.95) return `${seconds.toFixed(1)}s`
  if (seconds < 59.5) return `${Math.round(seconds)}s`
  const whole = Math.round(seconds)
  if (whole < 3_600) return `${Math.floor(whole / 60)}m ${String(whole % 60).padStart(2, '0')}s`
  return `${Math.floor(whole / 3_600)}h ${String(Math.floor((whole % 3_600) / 60)).padStart(2, '0')}m`
}

/** `12:03:04` in UTC, as all times that Millrace prints. */
export const formatTime = (time_ms: number): string => new Date(time_ms).toISOString().slice(11, 19)

const DURATION_UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of `500ms`, `30s`, `5m`, `2h`, `1d`. Throws ENG_CLI_USAGE. */
export const parseDuration = (option: string, text: string): number => {
  const match = /^(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)$/.exec(text.trim())
  if (!match)
    throw new MillraceError('ENG_CLI_USAGE', `${option} takes a duration such as 30s, 5m or 2h, not '${text}'`)
  return Number(match[1]) * DURATION_UNITS_MS[match[2]!]!
}

/** A whole number of at least `min`. Throws ENG_CLI_USAGE. */
export const parseCount = (option: string, text: string, min = 0): number => {
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isSafeInteger(value) || value < min) {
    throw new MillraceError('ENG_CLI_USAGE', `${option} takes a whole number of at least ${min}, not '${text}'`)
  }
  return value
}

/** `1%` or `0.01` as a share between 0 and 1. Throws ENG_CLI_USAGE. */
export const parseShare = (option: string, text: string): number => {
  const percent = text.trim().endsWith('%')
  const value = Number(percent ? text.trim().slice(0, -1) : text) / (percent ? 100 : 1)
  if (!(value >= 0 && value <= 1) || text.trim() === '') {
    throw new MillraceError('ENG_CLI_USAGE', `${option} takes a share such as 1% or 0.01, not '${text}'`)
  }
  return value
}
