#!/usr/bin/env node
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const home = join(dirname(fileURLToPath(import.meta.url)), '..')
const entry = join(home, 'dist/main.js')

/**
 * True when a source file is newer than the bundle; asked in a checkout only, where the sources lie beside it.
 * MILLRACE_BUILD=never takes any bundle that is there: for tests, which build once.
 */
const isStale = () => {
  if (!existsSync(entry)) return true
  if (process.env.MILLRACE_BUILD === 'never') return false
  const built_ms = statSync(entry).mtimeMs
  const libs = join(home, '../../libs')
  const folders = [join(home, 'src'), ...readdirSync(libs).map((name) => join(libs, name, 'src'))]
  const hasNewer = (folder) =>
    readdirSync(folder, { withFileTypes: true }).some((item) =>
      item.isDirectory() ? hasNewer(join(folder, item.name)) : statSync(join(folder, item.name)).mtimeMs > built_ms,
    )
  return statSync(join(home, 'build.mjs')).mtimeMs > built_ms || folders.some((f) => existsSync(f) && hasNewer(f))
}

if (process.argv.length === 3 && (process.argv[2] === '--version' || process.argv[2] === '-V')) {
  process.stdout.write(`${JSON.parse(readFileSync(join(home, 'package.json'), 'utf8')).version}\n`)
} else {
  if (existsSync(join(home, 'build.mjs')) && isStale()) await import('../build.mjs')
  const { main } = await import('../dist/main.js')
  await main(process.argv.slice(2))
}
