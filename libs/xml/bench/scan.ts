// node --import tsx libs/xml/bench/scan.ts: MB per CPU second of the scanner on book messages in shared memory, best and median of 15.
import { ColumnArena, compileXml, XmlScanner } from '../src/index.ts'
import { makeBooks } from './books.ts'

const { bytes, ends } = makeBooks(20_000, 1)
const all = ['record_id', 'title', 'author/name', 'author/country', 'publication_year', 'added']

const cpu_ms = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const measure = (name: string, paths: readonly string[], spec: { readonly row: string }): void => {
  const columns = paths.map((path) => ({ path, level: 0 as const }))
  const compiled = compileXml({ ...spec, columns, trim: true, emptyAsNull: true })
  if (compiled.kind === 'error') throw new Error(compiled.message)
  const arenas = paths.map(() => new ColumnArena((size) => new SharedArrayBuffer(size)))
  const scanner = new XmlScanner(compiled.program, arenas)
  const times: number[] = []
  let rows = 0
  for (let round = 0; round < 18; round++) {
    const before = cpu_ms()
    rows = 0
    let start = 0
    for (const end of ends) {
      const got = scanner.scan(bytes, start, end)
      if (got < 0) throw new Error(JSON.stringify(scanner.fault))
      rows += got
      start = end
    }
    for (const arena of arenas) arena.reset()
    if (round >= 3) times.push(cpu_ms() - before)
  }
  times.sort((a, b) => a - b)
  const rate = (ms: number): string => (bytes.length / 1e3 / ms).toFixed(0)
  console.log(
    `${name}: best ${rate(times[0]!)} MB/s, median ${rate(times[7]!)} MB/s; ${ends.length} messages of ${Math.round(bytes.length / ends.length)} B, ${rows} rows`,
  )
}

measure('all 6 columns', all, { row: '/library/book' })
measure('2 of 6 columns', ['title', 'added'], { row: '/library/book' })
measure('no column', [], { row: '/library/book' })
measure('nothing matches', all, { row: '/other/book' })
