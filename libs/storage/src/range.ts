/**
 * Bytes [start, end) of an object; what lies past its end is left out, so that a range may come back short or empty.
 */
export interface ReadRange {
  readonly start: number
  readonly end: number
}

/** Throws RangeError for a range that no object could have: a mistake of the caller, not of the store. */
export function checkRange(range: ReadRange | undefined): void {
  if (range === undefined) return
  const whole = Number.isSafeInteger(range.start) && Number.isSafeInteger(range.end)
  if (!whole || range.start < 0 || range.end < range.start) {
    throw new RangeError(`a range [${range.start}, ${range.end}) cannot be read`)
  }
}
