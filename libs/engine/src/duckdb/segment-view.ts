import type { Segment } from '../runtime/segment.ts'

/** One segment's memory as typed arrays. */
export interface SegmentView {
  /** Its place in the order of the batch. */
  readonly index: number
  readonly segment: Segment
  readonly raw: Uint8Array
  readonly offsets: BigInt64Array
  readonly offsetWords: Uint32Array
  readonly timestamps_ms: BigInt64Array
  readonly values: Int32Array
  readonly keys: Int32Array
  readonly headers: Int32Array
  readonly rowMessage: Uint32Array
  readonly columns: readonly { readonly data: Uint8Array; readonly ends: Uint32Array; readonly nulls: Uint8Array }[]
  /** `__row` of its first row in the batch. */
  readonly firstRow: number
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Order in which rows are numbered: topic, partition, position. */
const compare = (a: Segment, b: Segment): number =>
  compareText(a.topic, b.topic) || a.partition - b.partition || (a.start < b.start ? -1 : a.start > b.start ? 1 : 0)

/** One stream's segments, in the order of `__row`, which begins at 0. */
export const viewSegments = (segments: readonly Segment[]): readonly SegmentView[] => {
  let firstRow = 0
  return [...segments].sort(compare).map((segment, index) => {
    const view: SegmentView = {
      index,
      segment,
      raw: new Uint8Array(segment.raw),
      offsets: new BigInt64Array(segment.offsets),
      offsetWords: new Uint32Array(segment.offsets),
      timestamps_ms: new BigInt64Array(segment.timestamps_ms),
      values: new Int32Array(segment.values),
      keys: new Int32Array(segment.keys),
      headers: new Int32Array(segment.headers),
      rowMessage: new Uint32Array(segment.rowMessage),
      columns: segment.columns.map((column) => ({
        data: new Uint8Array(column.data),
        ends: new Uint32Array(column.ends),
        nulls: new Uint8Array(column.nulls),
      })),
      firstRow,
    }
    firstRow += segment.rows
    return view
  })
}

/** Index of the view that holds `row`. */
export const viewOfRow = (views: readonly SegmentView[], row: number): SegmentView => {
  let low = 0
  let high = views.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (views[middle]!.firstRow <= row) low = middle
    else high = middle - 1
  }
  return views[low]!
}
