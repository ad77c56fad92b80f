/**
 * Bundles the command line into dist/: one module per command, loaded when it is used, so that a start costs what its
 * command costs. Files are written beside their place and renamed, and chunks have hashed names, so that a process that
 * runs from dist/ goes on unharmed while another one builds.
 */
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** Files of the repository's root that belong into the package too; npm takes them from the package's own folder only. */
const PACKED = ['README.md', 'LICENSE']

const here = dirname(fileURLToPath(import.meta.url))
const root = join(here, '../..')
const dist = join(here, 'dist')
const STALE_CHUNK_AGE_MS = 3_600_000
const packing = process.argv.includes('--pack')

if (process.argv.includes('--unpack')) {
  for (const name of PACKED) rmSync(join(here, name), { force: true })
  process.exit(0)
}

/**
 * DuckDB's JavaScript is bundled (as some hundred files it takes longer to find than to run), its binary is not. A
 * dynamic import of CommonJS would lose the names of its exports: it goes through a module that spells them out.
 */
const duckdbByName = {
  name: 'duckdb-by-name',
  setup: (esbuild) =>
    esbuild.onResolve({ filter: /^@duckdb\/node-api$/ }, ({ kind }) =>
      kind === 'dynamic-import' ? { path: join(here, 'src/duckdb-by-name.ts') } : undefined,
    ),
}

const result = await build({
  absWorkingDir: here,
  entryPoints: {
    main: 'src/main.ts',
    'feed-worker': '../../libs/engine/src/runtime/feed/feed-worker.ts',
    'session-worker': '../../libs/engine/src/duckdb/session-worker.ts',
  },
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  legalComments: 'none',
  charset: 'utf8',
  chunkNames: 'chunk-[name]-[hash]',
  external: ['@duckdb/node-bindings'],
  // CommonJS dependencies (kafkajs) call require for Node's own modules.
  banner: {
    js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
  },
  plugins: [duckdbByName],
  write: false,
  logLevel: 'warning',
})

mkdirSync(dist, { recursive: true })
const place = (name, bytes) => {
  const temporary = join(dist, `.${name}.${process.pid}`)
  writeFileSync(temporary, bytes)
  renameSync(temporary, join(dist, name))
}
const written = new Set(['main.js'])
for (const file of result.outputFiles) {
  const name = basename(file.path)
  written.add(name)
  if (name !== 'main.js') place(name, file.contents)
}
// The entry comes last: its time stamp says that the build is whole.
place('main.js', result.outputFiles.find((file) => basename(file.path) === 'main.js').contents)
for (const name of readdirSync(dist)) {
  const path = join(dist, name)
  if (written.has(name)) continue
  if (packing || Date.now() - statSync(path).mtimeMs > STALE_CHUNK_AGE_MS) rmSync(path, { force: true })
}

if (packing) {
  for (const name of PACKED) writeFileSync(join(here, name), readFileSync(join(root, name)))
}
