// Enforces the layers of ARCHITECTURE.md: an import may only go down. Also the bans that the linter has no rule for:
// Math.random in pure code, and package imports that belong in one folder each (Kafka client, DuckDB, …).
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, posix, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

/** Folder → the folders below it that it may import (itself always). The first matching prefix counts. */
const layers = [
  ['libs/engine/src/core', []],
  ['libs/engine/src/sql', ['libs/engine/src/core']],
  [
    'libs/engine/src/plan',
    ['libs/engine/src/sql', 'libs/engine/src/core', 'libs/engine/src/duckdb/sql-engine-port.ts', 'libs/xml'],
  ],
  ['libs/engine/src/formats', ['libs/engine/src/plan', 'libs/engine/src/core', 'libs/xml']],
  ['libs/engine/src/sources', ['libs/engine/src/plan', 'libs/engine/src/core']],
  [
    'libs/engine/src/duckdb',
    ['libs/engine/src/plan', 'libs/engine/src/sql', 'libs/engine/src/core', 'libs/engine/src/runtime/segment.ts'],
  ],
  ['libs/engine/src/protocol/decide', ['libs/engine/src/protocol/records.ts', 'libs/engine/src/core']],
  [
    'libs/engine/src/protocol',
    ['libs/engine/src/core', 'libs/engine/src/plan', 'libs/engine/src/duckdb/session-port.ts', 'libs/storage'],
  ],
  ['libs/engine/src/runtime', ['libs/engine/src', 'libs/storage', 'libs/xml']],
  ['libs/engine/src', ['libs/engine/src', 'libs/storage', 'libs/xml']],
  ['libs/storage/src', []],
  ['libs/xml/src', []],
  ['libs/testkit/src', ['libs/engine', 'libs/storage', 'libs/xml']],
  ['apps/cli/src', ['libs']],
]

/** Package → the only folders that may import it. */
const packages = [
  [/^kafkajs/, ['libs/engine/src/sources/kafka', 'libs/engine/src/sources/produce', 'libs/testkit']],
  [/^@duckdb\//, ['libs/engine/src/duckdb', 'libs/testkit', 'apps/cli/src']],
  [/^@aws-sdk\//, ['libs/storage/src/s3', 'libs/testkit']],
]
const pure = [
  'libs/engine/src/core',
  'libs/engine/src/sql',
  'libs/engine/src/plan',
  'libs/engine/src/protocol/decide',
  'libs/xml/src',
]
const workspaces = {
  '@millrace/xml': 'libs/xml/src',
  '@millrace/storage': 'libs/storage/src',
  '@millrace/engine': 'libs/engine/src',
  '@millrace/testkit': 'libs/testkit/src',
}

const walk = (folder) =>
  readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : walk(path)
    return entry.name.endsWith('.ts') ? [path] : []
  })
const within = (path, folder) => path === folder || path.startsWith(`${folder}/`)

const problems = []
for (const file of [...walk('libs'), ...walk('apps')]) {
  const layer = layers.find(([folder]) => within(file, folder))
  if (layer === undefined) continue
  const text = readFileSync(join(root, file), 'utf8')
  if (pure.some((folder) => within(file, folder)) && /\bMath\.random\b/.test(text))
    problems.push(`${file}: Math.random in pure code; take the Random port`)
  const imports = [
    ...text.matchAll(/^\s*(?:import|export)\b[^'"]*?from\s+['"]([^'"]+)['"]|import\(['"]([^'"]+)['"]\)/gm),
  ]
  for (const match of imports) {
    const specifier = match[1] ?? match[2]
    const owner = packages.find(([pattern]) => pattern.test(specifier))
    if (owner !== undefined && !owner[1].some((folder) => within(file, folder)))
      problems.push(`${file}: ${specifier} may be imported only in ${owner[1].join(', ')}`)
    const scoped = Object.keys(workspaces).find((name) => within(specifier, name))
    const target = specifier.startsWith('.')
      ? posix.normalize(`${dirname(file)}/${specifier}`)
      : scoped === undefined
        ? undefined
        : `${workspaces[scoped]}${specifier.slice(scoped.length)}`
    if (target === undefined || within(target, layer[0])) continue
    if (!layer[1].some((folder) => within(target, folder)))
      problems.push(`${file}: may not import ${relative(root, join(root, target)).split(sep).join('/')}`)
  }
}
for (const problem of problems) console.error(problem)
console.error(problems.length === 0 ? 'boundaries: ok' : `boundaries: ${problems.length} broken`)
process.exitCode = problems.length === 0 ? 0 : 1
