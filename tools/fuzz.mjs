// npm run fuzz -- TARGET [--count N] [--seed S]: the fuzzers of the parsers and scanners; all of them without TARGET.
import { existsSync } from 'node:fs'
import { runTypeScript } from './run-typescript.mjs'

const targets = {
  sql: 'libs/engine/fuzz/sql-fuzz.ts',
  xml: 'libs/xml/fuzz/xml-fuzz.ts',
  json: 'libs/engine/fuzz/json-fuzz.ts',
}
const [first, ...rest] = process.argv.slice(2)
const named = first !== undefined && !first.startsWith('--')
if (named && targets[first] === undefined) {
  console.error(`unknown target ${first}: ${Object.keys(targets).join(', ')}`)
  process.exit(1)
}
const args = named ? rest : process.argv.slice(2)
for (const [name, file] of Object.entries(targets)) {
  if ((named && name !== first) || !existsSync(file)) continue
  console.log(`fuzz ${name}`)
  process.exitCode ||= runTypeScript(file, args)
}
