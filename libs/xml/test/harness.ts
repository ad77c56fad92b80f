import { ColumnArena, compileXml, type XmlFault, XmlScanner, type XmlSpec } from '../src/index.ts'

export type Cell = string | null
export type Scanned =
  | { readonly kind: 'rows'; readonly rows: Cell[][] }
  | ({ readonly kind: 'fault' } & Omit<XmlFault, 'kind'> & { readonly fault: XmlFault['kind'] })

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const encoder = new TextEncoder()

/** Cells of arenas, row by row. Copies, since a TextDecoder refuses shared memory. */
export const readRows = (arenas: readonly ColumnArena[], rows: number): Cell[][] =>
  Array.from({ length: rows }, (_, row) =>
    arenas.map((arena) => {
      const start = row === 0 ? 0 : arena.ends[row - 1]!
      return arena.nulls[row] === 1 ? null : decoder.decode(arena.data.slice(start, arena.ends[row]))
    }),
  )

export const makeScanner = (spec: XmlSpec) => {
  const compiled = compileXml(spec)
  if (compiled.kind === 'error') throw new Error(compiled.message)
  // Tiny arenas, so that growing is part of every test.
  const arenas = spec.columns.map(() => new ColumnArena((bytes) => new SharedArrayBuffer(bytes), 4, 1))
  return { arenas, scanner: new XmlScanner(compiled.program, arenas) }
}

export const specOf = (row: string, paths: readonly string[], more: Partial<XmlSpec> = {}): XmlSpec => ({
  row,
  columns: paths.map((path) => ({ path, level: 0 as const })),
  trim: true,
  emptyAsNull: true,
  ...more,
})

/** Scans one text, between other bytes in shared memory, as it lies in a record batch. */
export const scanText = (spec: XmlSpec, text: string): Scanned => {
  const { arenas, scanner } = makeScanner(spec)
  const message = encoder.encode(text)
  const start = 5
  const bytes = new Uint8Array(new SharedArrayBuffer(message.length + 12)).fill(0x3e)
  bytes.set(message, start)
  const rows = scanner.scan(bytes, start, start + message.length)
  if (rows >= 0) return { kind: 'rows', rows: readRows(arenas, rows) }
  const { kind, detail, at } = scanner.fault
  return { kind: 'fault', fault: kind, detail, at }
}

export const rowsOf = (spec: XmlSpec, text: string): Cell[][] => {
  const scanned = scanText(spec, text)
  if (scanned.kind === 'fault') throw new Error(`${scanned.detail} at ${scanned.at}: ${text.slice(0, 500)}`)
  return scanned.rows
}
