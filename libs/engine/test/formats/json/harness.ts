import { ColumnArena } from '@millrace/xml'
import { compileJson, type JsonSpec } from '../../../src/formats/json/compile.ts'
import type { JsonFault } from '../../../src/formats/json/fault.ts'
import { JsonScanner } from '../../../src/formats/json/scanner.ts'

export type Cell = string | null

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

export const specOf = (row: string, paths: readonly string[], more: Partial<JsonSpec> = {}): JsonSpec => ({
  row,
  columns: paths.map((path) => ({ path, level: 0 as const })),
  trim: false,
  emptyAsNull: false,
  limits: { depth_max: 256, rows_max: 100_000, column_bytes_max: 64 * 1024 * 1024 },
  ...more,
})

export const readRows = (arenas: readonly ColumnArena[], rows: number): Cell[][] =>
  Array.from({ length: rows }, (_, row) =>
    arenas.map((arena) => {
      const start = row === 0 ? 0 : arena.ends[row - 1]!
      return arena.nulls[row] === 1 ? null : decoder.decode(arena.data.slice(start, arena.ends[row]))
    }),
  )

export const makeScanner = (spec: JsonSpec) => {
  const compiled = compileJson(spec)
  if (compiled.kind === 'error') throw new Error(compiled.message)
  // Tiny arenas, so that growing is part of every test.
  const arenas = spec.columns.map(() => new ColumnArena((bytes) => new SharedArrayBuffer(bytes), 4, 1))
  return { arenas, scanner: new JsonScanner(compiled.program, arenas) }
}

/** Scans one text, in shared memory and between bytes that could mislead; rows, or the fault. */
export const scanText = (spec: JsonSpec, text: string): Cell[][] | JsonFault => {
  const { arenas, scanner } = makeScanner(spec)
  const message = encoder.encode(text)
  const start = 5
  const bytes = new Uint8Array(new SharedArrayBuffer(message.length + 12))
  bytes.fill(0x7d, start + message.length)
  bytes.set(message, start)
  const rows = scanner.scan(bytes, start, start + message.length)
  return rows >= 0 ? readRows(arenas, rows) : scanner.fault
}
