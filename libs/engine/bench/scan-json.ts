// node --import tsx libs/engine/bench/scan-json.ts: MB per CPU second of the JSON scanner on 310-byte events with 8 columns.
import { ColumnArena } from '@millrace/xml'
import { compileJson } from '../src/formats/json/compile.ts'
import { JsonScanner } from '../src/formats/json/scanner.ts'

const COUNT = 60_000
const texts = Array.from({ length: COUNT }, (_, i) =>
  JSON.stringify({
    event_id: `018f3c5a-7b1e-4c2d-9a${(i % 100).toString().padStart(2, '0')}-${i.toString(16).padStart(12, '0')}`,
    event_type: ['click', 'view', 'purchase'][i % 3],
    user_id: 100_000 + ((i * 7919) % 900_000),
    ts: `2026-05-${10 + (i % 20)}T${10 + (i % 14)}:30:${10 + (i % 50)}.123Z`,
    url: `https://shop.example.com/products/${i % 5_000}?ref=mail`,
    amount: ((i * 31) % 100_000) / 100,
    device: { os: ['ios', 'android', 'web'][i % 3], version: `${i % 17}.2.1` },
    country: ['NO', 'DE', 'BR', 'JP'][i % 4],
    ok: i % 9 !== 0,
    tags: ['a', 'bb', 'ccc'],
    session: `s-${(i * 104_729) % 1_000_000}`,
  }),
)
const encoder = new TextEncoder()
const parts = texts.map((text) => encoder.encode(text))
const bytes = new Uint8Array(new SharedArrayBuffer(parts.reduce((sum, part) => sum + part.length, 0)))
const ends = new Uint32Array(COUNT)
let filled = 0
for (const [i, part] of parts.entries()) {
  bytes.set(part, filled)
  ends[i] = filled += part.length
}

const cpu_ms = (): number => {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

const measure = (name: string, paths: readonly string[]): void => {
  const compiled = compileJson({
    row: '$',
    columns: paths.map((path) => ({ path, level: 0 })),
    trim: false,
    emptyAsNull: false,
    limits: { depth_max: 256, rows_max: 1_000_000, column_bytes_max: 64 * 1024 * 1024 },
  })
  if (compiled.kind === 'error') throw new Error(compiled.message)
  const arenas = paths.map(() => new ColumnArena((size) => new SharedArrayBuffer(size)))
  const scanner = new JsonScanner(compiled.program, arenas)
  const times: number[] = []
  for (let round = 0; round < 18; round++) {
    const before = cpu_ms()
    let start = 0
    for (const end of ends) {
      if (scanner.scan(bytes, start, end) !== 1) throw new Error(JSON.stringify(scanner.fault))
      start = end
    }
    for (const arena of arenas) arena.reset()
    if (round >= 3) times.push(cpu_ms() - before)
  }
  times.sort((a, b) => a - b)
  const rate = (ms: number): string => (bytes.length / 1e3 / ms).toFixed(0)
  console.log(
    `${name}: best ${rate(times[0]!)} MB/s, median ${rate(times[7]!)} MB/s; ${COUNT} messages of ${Math.round(bytes.length / COUNT)} B`,
  )
}

measure('8 columns', ['event_id', 'event_type', 'user_id', 'ts', 'url', 'amount', 'device.os', 'country'])
measure('2 columns', ['event_id', 'amount'])
measure('no column', [])
