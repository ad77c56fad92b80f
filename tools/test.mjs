// npm test: format, lint, boundaries, types, build, then every test of the workspace in one vitest run.
// Ends with one line `N passed, N failed` in total; each static check counts as one.
// --unit leaves out what needs a service or a built bundle.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const unit = process.argv.includes('--unit')
const filters = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true', NX_TUI: 'false' }
const npx = (...args) => spawnSync('npx', ['--no-install', ...args], { stdio: 'inherit', env }).status === 0

let passed = 0
let failed = 0
const check = (name, ok) => {
  ok ? passed++ : failed++
  console.log(`${ok ? 'ok    ' : 'FAILED'} ${name}`)
}

if (filters.length === 0) {
  check('format', npx('biome', 'format', '.'))
  check('lint', npx('biome', 'lint', '--error-on-warnings', '.'))
  check('boundaries', spawnSync('node', ['tools/check-boundaries.mjs'], { stdio: 'inherit' }).status === 0)
  check('types', npx('tsc', '-p', 'tsconfig.json'))
}
check('build', npx('nx', 'run-many', '-t', 'build'))

const folder = mkdtempSync(join(tmpdir(), 'millrace-test-'))
try {
  const report = join(folder, 'report.json')
  const exclude = unit
    ? ['--project', 'xml', '--project', 'storage', '--project', 'engine', '--exclude', '**/*.service.test.ts']
    : []
  const ran = npx(
    'vitest',
    'run',
    ...filters,
    ...exclude,
    '--reporter=default',
    '--reporter=json',
    `--outputFile.json=${report}`,
  )
  const { numPassedTests, numFailedTests, numTotalTestSuites, testResults } = JSON.parse(readFileSync(report, 'utf8'))
  passed += numPassedTests
  failed += numFailedTests
  // A file that could not be loaded has no test that could fail: it is a failure all the same, and so is an empty run.
  const broken = testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0).length
  failed += broken
  if ((!ran && numFailedTests + broken === 0) || numTotalTestSuites === 0) failed++
} catch (error) {
  console.error(error)
  failed++
} finally {
  rmSync(folder, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = failed === 0 ? 0 : 1
